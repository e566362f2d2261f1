import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../src/cli/commands/run.ts'
import { CliFault } from '../../src/cli/verb.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { deskOf, type FakeShell, fakeShell, given } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

const KEY = 'cnd_abcdefghijklmnopqrstuvwxyz'
const provider = (api: 'openai-completions') => ({ baseUrl: 'http://127.0.0.1:9/v1', api, models: [{ id: 'small' }] })
const models = { providers: { local: provider('openai-completions') } }

let open: Gateway
let closed: Gateway
let home: HomeFolder

beforeAll(async () => {
  open = await startGateway({ config: { models } })
  closed = await startGateway({ config: { models, gateway: { keys: [KEY] } }, key: KEY })
})
afterAll(async () => {
  await open.stop()
  await closed.stop()
})
beforeEach(() => {
  home = homeFolder()
})
afterEach(() => home.remove())

/** Puts a program of that name on the search path; it writes what it was given beside itself. */
function install(name: string, script = ''): void {
  const bin = join(home.path, 'bin')
  mkdirSync(bin, { recursive: true })
  const text = `#!/bin/sh\nenv > '${home.path}/env'\nprintf '%s\\n' "$@" > '${home.path}/args'\n${script}\n`
  writeFileSync(join(bin, name), text)
  chmodSync(join(bin, name), 0o755)
}

function shellWith(env: Record<string, string> = {}): FakeShell {
  const path = `${join(home.path, 'bin')}:${process.env['PATH'] ?? ''}`
  return fakeShell({ home: home.path, env: { ...home.env, PATH: path, ...env } })
}

async function start(args: readonly string[], options: Record<string, string> = {}, shell = shellWith()) {
  const exit = await run.run?.(given(args, { url: open.url, model: 'local/small', ...options }), deskOf(shell))
  const kept = (file: string) => (existsSync(join(home.path, file)) ? readFileSync(join(home.path, file), 'utf8') : '')
  return { exit, env: kept('env').split('\n'), args: kept('args').trimEnd().split('\n'), said: shell.stderr.text() }
}

async function faultOf(running: Promise<unknown>): Promise<CliFault> {
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof CliFault) return error
  throw new Error(`no fault was told, but ${String(error)}`)
}

describe('each client is started with', () => {
  test('claude: variables', async () => {
    install('claude')
    const { exit, env, args, said } = await start(
      ['claude', '-p', 'a "b" c'],
      {},
      shellWith({ ANTHROPIC_API_KEY: 'mine' }),
    )
    expect(exit).toBe(0)
    expect(env).toContain(`ANTHROPIC_BASE_URL=${open.url}`)
    expect(env).toContain('ANTHROPIC_DEFAULT_HAIKU_MODEL=local/small')
    expect(env.filter(line => /^(?:ANTHROPIC_API_KEY|CANDOR_LAUNCHED|BUN_CONFIG|BUN_RUNTIME)/.test(line))).toEqual([])
    expect(args).toEqual(['-p', 'a "b" c'])
    expect(said).toContain('ANTHROPIC_API_KEY is taken away for this run.')
  })

  test('codex: options that hold for one run', async () => {
    install('codex')
    const { args } = await start(['codex', 'exec', 'hello'])
    expect(args).toContain(`model_providers.candor.base_url="${open.url}/v1"`)
    expect(args).toContain('model="local/small"')
    expect(args.slice(-2)).toEqual(['exec', 'hello'])
  })

  test('gemini: variables, and a settings file that is gone afterwards', async () => {
    install('gemini', `cat "$GEMINI_CLI_SYSTEM_SETTINGS_PATH" > '${home.path}/settings'`)
    const { env } = await start(['gemini'])
    expect(env).toContain(`GOOGLE_GEMINI_BASE_URL=${open.url}`)
    expect(env).toContain('GEMINI_MODEL=local/small')
    expect(JSON.parse(readFileSync(join(home.path, 'settings'), 'utf8'))).toEqual({
      security: { auth: { selectedType: 'gemini-api-key' } },
    })
    expect(readdirSync(join(home.dataDir, 'run'))).toEqual([])
  })

  test('gemini: the headers of the environment stay, with the loss allowed beside them', async () => {
    install('gemini')
    const { env } = await start(['gemini'], {}, shellWith({ GEMINI_CLI_CUSTOM_HEADERS: 'X-Team: a, b' }))
    expect(env).toContain('GEMINI_CLI_CUSTOM_HEADERS=X-Team: a, b,candor-allow-loss:top_k')
  })

  test('gemini: the settings somebody else named are left alone', async () => {
    install('gemini')
    const { env, said } = await start(['gemini'], {}, shellWith({ GEMINI_CLI_SYSTEM_SETTINGS_PATH: '/theirs' }))
    expect(env).toContain('GEMINI_CLI_SYSTEM_SETTINGS_PATH=/theirs')
    expect(said).toContain('/theirs says how Gemini CLI signs in')
  })

  test('opencode: its settings in a variable', async () => {
    install('opencode')
    const { env } = await start(['opencode'])
    const content = env.find(line => line.startsWith('OPENCODE_CONFIG_CONTENT='))?.replace(/^[^=]*=/, '') ?? ''
    expect(JSON.parse(content)).toMatchObject({
      model: 'candor/local/small',
      provider: { candor: { options: { baseURL: `${open.url}/v1`, apiKey: 'candor' } } },
    })
  })

  test('openclaw: a file that takes in the own one', async () => {
    const own = join(home.path, '.openclaw', 'openclaw.json')
    mkdirSync(join(home.path, '.openclaw'))
    writeFileSync(own, '{}')
    install('openclaw', `cat "$OPENCLAW_CONFIG_PATH" > '${home.path}/settings'`)
    const { env } = await start(['openclaw', 'agent'])
    expect(env).toContain(`OPENCLAW_INCLUDE_ROOTS=${join(home.path, '.openclaw')}`)
    expect(JSON.parse(readFileSync(join(home.path, 'settings'), 'utf8'))).toMatchObject({
      $include: own,
      models: { providers: { candor: { baseUrl: `${open.url}/v1`, models: [{ id: 'local/small' }] } } },
    })
    expect(readFileSync(own, 'utf8')).toBe('{}')
  })

  test('pi: an extension that registers the provider', async () => {
    install('pi', `cp "$2" '${home.path}/extension.mjs'`)
    const { args } = await start(['pi', '-p', 'hello'])
    expect(args.slice(2)).toEqual(['--model', 'candor/local/small', '-p', 'hello'])
    const registered: unknown[] = []
    const { default: extension } = await import(join(home.path, 'extension.mjs'))
    extension({ registerProvider: (...given: unknown[]) => registered.push(...given) })
    expect(registered).toMatchObject(['candor', { baseUrl: `${open.url}/v1`, models: [{ id: 'local/small' }] }])
  })
})

describe('how it ends', () => {
  test("the exit code is the client's", async () => {
    install('claude', 'exit 7')
    expect((await start(['claude'])).exit).toBe(7)
  })

  test('by a signal, as shells count it', async () => {
    install('claude', 'kill -TERM $$')
    expect((await start(['claude'])).exit).toBe(143)
  })

  test('a signal to Candor goes on to the client', async () => {
    install('claude', `trap 'exit 9' TERM\nmkfifo '${home.path}/ready'\nread line < '${home.path}/ready'`)
    const shell = shellWith()
    const running = start(['claude'], {}, shell)
    while (!existsSync(join(home.path, 'ready'))) await new Promise(resolve => setImmediate(resolve))
    shell.signal('SIGTERM')
    expect((await running).exit).toBe(9)
  })
})

describe('what stands in the way is said before anything is started', () => {
  test('no gateway', async () => {
    install('claude')
    const fault = await faultOf(start(['claude'], { url: 'http://127.0.0.1:9' }))
    expect([fault.exit, fault.message]).toEqual([69, 'No gateway answers at http://127.0.0.1:9.'])
    const alone = await faultOf(Promise.resolve(run.run?.(given(['claude']), deskOf(shellWith()))))
    expect(alone.message).toBe('No gateway runs on this machine.')
    expect(existsSync(join(home.path, 'env'))).toBe(false)
  })

  test('no such model', async () => {
    install('claude')
    expect((await faultOf(start(['claude'], { model: 'nobody/nope' }))).message).toContain('nobody/nope')
  })

  test('no such program, with how to get it', async () => {
    const shell = fakeShell({ home: home.path, env: { ...home.env, PATH: join(home.path, 'bin') } })
    const fault = await faultOf(start(['pi'], {}, shell))
    expect(fault.fix).toEqual(['Install it: npm install -g @earendil-works/pi-coding-agent'])
  })

  test('a client without a program', async () => {
    expect((await faultOf(start(['cursor']))).fix).toEqual(['See how to set it up: candor connect cursor'])
  })

  test('a key that is missing; one that is there goes to the client and is not printed', async () => {
    install('claude')
    expect((await faultOf(start(['claude'], { url: closed.url }))).message).toContain('unauthorized')
    const { exit, env, said } = await start(['claude'], { url: closed.url }, shellWith({ CANDOR_KEY: KEY }))
    expect([exit, env.includes(`ANTHROPIC_AUTH_TOKEN=${KEY}`)]).toEqual([0, true])
    expect(said).not.toContain(KEY)
  })
})
