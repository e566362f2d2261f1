import { type Gateway, openGateway } from '../../src/app/gateway.ts'
import { appOptions, opened } from '../../src/cli/gateway-access.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { type Client, written } from '../e2e/clients.ts'
import { deskOf, type FakeShell, fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

/** Two simulated providers, and a home whose configuration names them. */
export interface KeptSetting {
  readonly openai: Sim
  readonly anthropic: Sim
  readonly home: HomeFolder
  configure(bodies: object): void
  shell(more?: Parameters<typeof fakeShell>[0]): FakeShell
  /** Starts the gateway of the home. Whoever does must close it. */
  gateway(): Promise<Gateway>
  run(words: readonly string[], more?: Parameters<typeof fakeShell>[0]): Promise<Ran>
  close(): Promise<void>
}

/** What a command printed, and its exit code. */
export interface Ran {
  readonly exit: number
  readonly out: string
  readonly err: string
}

/** Opens one. Bodies are kept for a week. */
export async function keptSetting(): Promise<KeptSetting> {
  const [openai, anthropic] = await Promise.all([startSim({ kind: 'openai' }), startSim({ kind: 'anthropic' })])
  const home = homeFolder()
  const configure = (bodies: object) => {
    const providers = {
      openai: { baseUrl: `${openai.origin}/v1`, apiKey: openai.key, api: 'openai-completions' },
      anthropic: { baseUrl: anthropic.origin, apiKey: anthropic.key, api: 'anthropic-messages' },
    }
    home.configure(JSON.stringify({ gateway: { port: 0 }, bodies, models: { default: MODEL, providers } }, null, 2))
  }
  configure({ keepDays: 7 })
  const shell: KeptSetting['shell'] = more =>
    fakeShell({ home: home.path, env: { ...home.env, NO_COLOR: '1' }, ...more })
  return {
    openai,
    anthropic,
    home,
    configure,
    shell,
    gateway: () => opened(openGateway(appOptions(deskOf(shell())))),
    async run(words, more) {
      const own = shell(more)
      const exit = await runCli(words, VERBS, own)
      return { exit, out: own.stdout.text(), err: own.stderr.text() }
    },
    async close() {
      await Promise.all([openai.stop(), anthropic.stop()])
      home.remove()
    },
  }
}

/** The model that is asked for. */
export const MODEL = 'openai/gpt-4.1'

/** Makes a call, waits until it has ended, and gives its id. */
export async function callOver(gateway: Gateway, client: Client, text: string, rest: object = {}): Promise<string> {
  const { path, body } = written(client, client.body(MODEL, text, rest))
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(gateway.url + path, { method: 'POST', body, headers })
  await response.text()
  return response.headers.get('candor-request-id') ?? ''
}
