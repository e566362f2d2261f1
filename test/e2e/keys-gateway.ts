import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyView, MadeKeyView } from '../../src/admin/keys.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS } from './clients.ts'
import { type Gateway, runCandor, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'

/** Nano-dollars for a token of the priced model, in and out. */
export const PRICE = { input: 2_000, output: 10_000 }
/** Most tokens of one answer of it: what a call reserves that names no limit. */
export const OUTPUT_MAX = 1_000
/** The priced model, as clients name it. */
export const MODEL = 'openai/gpt-4.1'

/** The simulated providers, and a configuration with them. */
export async function keyWorld(gateway: object = {}) {
  const openai = await simulate('openai')
  const anthropic = await simulate('anthropic')
  const models = [{ id: openai.model, maxOutputTokens: OUTPUT_MAX, price: { input: 2, output: 10 } }]
  const entry = entryOf(openai, openai.key, 'openai-completions')
  const config = {
    models: { providers: { openai: { ...entry, models }, anthropic: entryOf(anthropic) } },
    routes: { coder: { targets: [MODEL] } },
    gateway: { heartbeatMs: 50, ...gateway },
  }
  const stop = async () => {
    await Promise.all([openai.stop(), anthropic.stop()])
  }
  return { openai, anthropic, config, stop }
}

/** A gateway with an administrator's key, and its admin API. */
export async function keyedGateway(options: Parameters<typeof startGateway>[0]) {
  const gateway = await startGateway(options)
  const first = await admin<MadeKeyView>(gateway, ownToken(gateway), 'POST', '/candor/keys', {
    name: 'ops',
    admin: true,
  })
  return administered(gateway, first.secret)
}

/** The admin API of a running gateway, asked with this key. */
export function administered(gateway: Gateway, secret: string) {
  const ask = <T>(method: string, path: string, body?: object) => admin<T>(gateway, secret, method, path, body)
  return {
    gateway,
    secret,
    /** Makes a key and gives its id and secret. */
    async make(name: string, settings: object = {}): Promise<{ readonly id: string; readonly secret: string }> {
      const made = await ask<MadeKeyView>('POST', '/candor/keys', { name, ...settings })
      return { id: made.key.id, secret: made.secret }
    },
    show: (id: string) => ask<KeyView>('GET', `/candor/keys/${id}`),
    ask,
  }
}

/** What the gateway's note for commands of its own machine holds. */
export function ownToken({ dataDir }: Gateway): string {
  return (JSON.parse(readFileSync(join(dataDir, 'gateway.json'), 'utf8')) as { readonly adminToken: string }).adminToken
}

async function admin<T>(gateway: Gateway, key: string, method: string, path: string, body?: object): Promise<T> {
  const response = await gateway.fetch(path, {
    method,
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

/** Runs `candor keys …` with the home of a gateway, as somebody on its machine would. */
export async function keysCommand(home: string, line: string, env: Readonly<Record<string, string>> = {}) {
  const program = runCandor(['keys', ...line.split(' ')], { home, env })
  program.endInput()
  const { code } = await program.exited
  return { code, out: program.stdout(), err: program.stderr() }
}

/** One of the clients that speak the four protocols. */
export function clientOf(protocol: string) {
  const client = CLIENTS.find(each => each.protocol === protocol)
  if (client === undefined) throw new Error(`no client speaks ${protocol}`)
  return client
}

/** Resolves when the provider has a request that is not answered yet. */
export async function underWay(sim: Sim, count = 1): Promise<void> {
  await sim.when(
    requests => requests.filter(({ answeredAtMs, aborted }) => answeredAtMs === undefined && !aborted).length >= count,
  )
}
