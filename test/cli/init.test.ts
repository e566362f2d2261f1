import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Provider } from '../../src/catalog/provider.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'
import { init, type Reply } from './init-setting.ts'

let sim: Awaited<ReturnType<typeof startSim>>
let url = ''
beforeAll(async () => {
  sim = await startSim({ kind: 'openai', keys: { 'sk-empty': 'no-balance' }, models: ['gpt-4o', 'gpt-4o-mini'] })
  url = sim.surfaces.find(({ protocol }) => protocol === 'openai-completions')?.baseUrl ?? ''
})
afterAll(() => sim.stop())

let home: HomeFolder
beforeEach(() => {
  home = homeFolder()
})
afterEach(() => home.remove())

const folder = () => join(home.path, 'config')
const file = () => join(folder(), 'candor', 'candor.json5')
const text = () => readFileSync(file(), 'utf8')
const KEY = () => ({ OPENAI_API_KEY: sim.key, OPENAI_BASE_URL: url })
/** Everything below the folder of configurations: nothing, if nothing was written. */
const written = () => (existsSync(folder()) ? readdirSync(folder(), { recursive: true }) : [])

describe('at a terminal', () => {
  test('a key in the environment: two answers, and the model speaks', async () => {
    const { exit, out, err, asked, served } = await init({
      home,
      env: KEY(),
      replies: ['OPENAI_API_KEY', 'gpt-4o-mini', false],
    })
    expect(exit).toBe(0)
    expect(asked).toEqual(['Which provider shall answer first?', 'Which model?', 'Start the gateway now?'])
    expect(out).toContain('This is the simulated model gpt-4o-mini.')
    expect(text()).toBe(
      `{\n  models: {\n    default: "openai/gpt-4o-mini",\n    providers: {\n      openai: { baseUrl: "${url}", apiKey: "\${OPENAI_API_KEY}" },\n    },\n  },\n}\n`,
    )
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(err).toContain('http://127.0.0.1:8787/v1')
    expect(err + out).not.toContain(sim.key)
    expect(served).toBe(false)
  })

  test('the gateway starts if that is wanted', async () => {
    expect((await init({ home, env: KEY(), replies: ['OPENAI_API_KEY', 'gpt-4o', true] })).served).toBe(true)
  })

  test('a pasted key goes into a file of its own, after it has proved itself', async () => {
    const { exit, out, err } = await init({
      home,
      // One that is in the environment is not meant.
      env: { OPENAI_API_KEY: 'sk-empty' },
      options: { 'base-url': url },
      replies: ['Another provider', 'openai', sim.key, 'gpt-4o', false],
    })
    expect(exit).toBe(0)
    const keyFile = join(folder(), 'candor', 'keys', 'openai.key')
    expect(readFileSync(keyFile, 'utf8')).toBe(`${sim.key}\n`)
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    expect(text()).toContain(`apiKey: { file: ${JSON.stringify(keyFile)} }`)
    expect(text()).not.toContain(sim.key)
    expect(out + err).not.toContain(sim.key)
    expect(err).toContain('Its keys are made at https://platform.openai.com')
  })

  test('an address of its own', async () => {
    const { exit } = await init({
      home,
      replies: ['Another address', url, 'Chat Completions', sim.key, 'gpt-4o', false],
    })
    expect(exit).toBe(0)
    expect(text()).toContain(`api: "openai-completions"`)
    expect(text()).toContain(`default: "server-${new URL(url).port}/gpt-4o"`)
  })

  test('a local server is found by its list of models', async () => {
    const row: Provider = {
      id: 'ollama',
      name: 'Local thing',
      billing: 'local',
      endpoints: [{ protocol: 'openai-completions', baseUrl: url, auth: 'none', clients: 'any' }],
      env: [],
      keyOptional: true,
      modelList: 'open',
    }
    const lists = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: () => Response.json({ data: [{ id: 'tiny' }, { id: 7 }] }),
    })
    const there = { ...row, endpoints: [{ ...row.endpoints[0], baseUrl: `${lists.url.origin}/v1` }] } as const
    const { asked, err } = await init({ home, rows: [there], replies: ['with 1 model', 'tiny', 'Leave'] })
    await lists.stop(true)
    expect(asked.slice(0, 2)).toEqual(['Which provider shall answer first?', 'Which model?'])
    expect(err).not.toContain('no local model server answers')
  })

  test('with nothing at all it says so', async () => {
    const { exit, err } = await init({ home, replies: ['Ctrl-C'] })
    expect(exit).toBe(130)
    expect(err).toContain('No key was found in the environment, and no local model server answers.')
  })
})

describe('a provider that does not answer', () => {
  const EMPTY = () => ({ ...KEY(), OPENAI_API_KEY: 'sk-empty' })

  test('is told in the usual words, and nothing is written', async () => {
    const { exit, err } = await init({ home, env: EMPTY(), replies: ['OPENAI_API_KEY', 'gpt-4o', 'Leave'] })
    expect(exit).toBe(1)
    expect(err).toContain('balance_exhausted')
    expect(err).toContain('fix: ')
    expect(written()).toEqual([])
  })

  test('another key may be tried', async () => {
    const replies: Reply[] = [
      'OPENAI_API_KEY',
      'gpt-4o',
      'Another provider or key',
      'Another address',
      url,
      'Chat Completions',
      sim.key,
      'gpt-4o',
      false,
    ]
    const { exit } = await init({ home, env: EMPTY(), replies })
    expect(exit).toBe(0)
    expect(text()).toContain('keys')
  })

  test('another model may be tried', async () => {
    const { exit, err } = await init({
      home,
      env: KEY(),
      replies: ['OPENAI_API_KEY', 'gpt-9', 'Another model', 'gpt-4o', false],
    })
    expect(exit).toBe(0)
    expect(err).toContain('upstream_model_not_found')
    expect(text()).toContain('default: "openai/gpt-4o"')
  })

  test('it may be written anyway, and is told to be unproven', async () => {
    const { exit, err } = await init({
      home,
      env: EMPTY(),
      replies: ['OPENAI_API_KEY', 'gpt-4o', 'Write it anyway', false],
    })
    expect(exit).toBe(0)
    expect(err).toContain('unproven')
    expect(existsSync(file())).toBe(true)
  })
})

describe('leaving at any question', () => {
  const FULL: readonly Reply[] = [
    'Another provider',
    'openai',
    'sk-empty',
    'gpt-4o',
    'Another model',
    'gpt-4o-mini',
    'Write it anyway',
  ]

  test.each(FULL.map((_, at) => ({ at })))('the question number $at: nothing is written', async ({ at }) => {
    const { exit, err } = await init({ home, options: { 'base-url': url }, replies: [...FULL.slice(0, at), 'Ctrl-C'] })
    expect(exit).toBe(130)
    expect(err).toContain('Nothing was written.')
    expect(written()).toEqual([])
  })

  test('behind the last one it is written already', async () => {
    const { exit } = await init({ home, options: { 'base-url': url }, replies: [...FULL, 'Ctrl-C'] })
    expect(exit).toBe(0)
    expect(existsSync(file())).toBe(true)
  })
})

describe('a configuration that is there', () => {
  const BEFORE = '{\n  // mine\n  gateway: { port: 9000 },\n}\n'

  test('is changed only after the change was shown and wanted', async () => {
    home.configure(BEFORE)
    const no = await init({ home, env: KEY(), replies: ['OPENAI_API_KEY', 'gpt-4o', false] })
    expect(no.exit).toBe(130)
    expect(no.err).toContain('+  models: {')
    expect(no.asked.at(-1)).toBe(`Change ${file()}?`)
    expect(text()).toBe(BEFORE)
    const yes = await init({ home, env: KEY(), replies: ['OPENAI_API_KEY', 'gpt-4o', true, false] })
    expect(yes.exit).toBe(0)
    expect(text()).toStartWith('{\n  // mine\n  gateway: { port: 9000 },\n  models: {')
    expect(yes.err).toContain('http://127.0.0.1:9000/v1')
  })

  test('without anybody to ask it takes --force', async () => {
    home.configure(BEFORE)
    const options: Record<string, string | true> = { provider: 'openai', model: 'gpt-4o', 'base-url': url }
    const refused = await init({ home, env: KEY(), options })
    expect(refused.exit).toBe(2)
    expect(refused.fault?.fix.join()).toContain('--force')
    expect(text()).toBe(BEFORE)
    const forced = await init({ home, env: KEY(), options: { ...options, force: true } })
    expect(forced.exit).toBe(0)
    expect(forced.err).toContain('+  models: {')
  })

  test('with a fault in it nothing is asked', async () => {
    home.configure('{ gatway: {} }')
    const { exit, asked } = await init({ home, env: KEY(), replies: [] })
    expect(exit).toBe(2)
    expect(asked).toEqual([])
  })
})

describe('with nobody to ask', () => {
  test.each([
    { missing: 'the provider', options: {}, env: {}, says: '--provider' },
    { missing: 'the model', options: { provider: 'openai' }, env: { OPENAI_API_KEY: 'sk-x' }, says: '--model' },
    { missing: 'the key', options: { provider: 'openai', model: 'gpt-4o' }, env: {}, says: '--key-env' },
    {
      missing: 'the protocol',
      options: { provider: 'mine', 'base-url': 'https://a.example/v1' },
      env: {},
      says: '--api',
    },
    { missing: 'a known provider', options: { provider: 'opnai', model: 'x' }, env: {}, says: '--provider openai' },
  ])('what is missing is named: $missing', async ({ options, env, says }) => {
    const { exit, fault } = await init({
      home,
      options: options as Record<string, string>,
      env: env as Record<string, string>,
    })
    expect(exit).toBe(2)
    expect([fault?.message, ...(fault?.fix ?? [])].join('\n')).toContain(says)
    expect(written()).toEqual([])
  })

  test('where keys come from is told, and what works without one', async () => {
    const { fault } = await init({ home })
    expect(fault?.fix.join('\n')).toContain('https://')
    expect(fault?.fix.join('\n')).toContain('candor demo')
  })

  test.each([
    { how: '--key-env', options: { 'key-env': 'MY_KEY' }, holds: `"\${MY_KEY}"` },
    { how: '--key-stdin', options: { 'key-stdin': true as const }, holds: 'openai.key" }' },
  ])('a key by $how', async ({ options, holds }) => {
    const { exit, out, err } = await init({
      home,
      env: { MY_KEY: sim.key },
      input: `${sim.key}\n`,
      options: { provider: 'openai', model: 'openai/gpt-4o', 'base-url': url, ...options },
    })
    expect(exit).toBe(0)
    expect(text()).toContain(holds)
    expect(text() + out + err).not.toContain(sim.key)
  })

  test('a key by --key-file stays where it is', async () => {
    const keyFile = join(home.path, 'my.key')
    writeFileSync(keyFile, sim.key)
    const { exit } = await init({
      home,
      options: { provider: 'openai', model: 'gpt-4o', 'base-url': url, 'key-file': 'my.key' },
    })
    expect(exit).toBe(0)
    expect(text()).toContain(`{ file: ${JSON.stringify(keyFile)} }`)
  })

  test('--yes takes what is proposed', async () => {
    const { exit } = await init({ home, env: KEY(), options: { yes: true, model: 'gpt-4o' } })
    expect(exit).toBe(0)
    expect(text()).toContain('default: "openai/gpt-4o"')
  })

  test('--no-probe asks nobody, and says that it proves nothing', async () => {
    const { exit, err } = await init({
      home,
      env: { OPENAI_API_KEY: 'sk-x' },
      options: { provider: 'openai', model: 'gpt-4o', 'no-probe': true },
    })
    expect(exit).toBe(0)
    expect(err).toContain('unproven')
  })

  test('a failed call writes nothing', async () => {
    const env = { ...KEY(), OPENAI_API_KEY: 'sk-empty' }
    const { exit, err } = await init({ home, env, options: { provider: 'openai', model: 'gpt-4o' } })
    expect(exit).toBe(1)
    expect(err).toContain('--no-probe')
    expect(written()).toEqual([])
  })

  test('--json is one document', async () => {
    const { out } = await init({ home, env: KEY(), json: true, options: { provider: 'openai', model: 'gpt-4o' } })
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'written',
      file: file(),
      model: 'openai/gpt-4o',
      proven: true,
      baseUrls: { openai: 'http://127.0.0.1:8787/v1' },
    })
  })
})

describe('what is here', () => {
  test('clients whose settings are there are named', async () => {
    mkdirSync(join(home.path, '.claude'))
    writeFileSync(join(home.path, '.claude', 'settings.json'), '{}')
    const { err } = await init({ home, env: KEY(), options: { provider: 'openai', model: 'gpt-4o' } })
    expect(err).toContain('candor connect claude')
    expect(err).not.toContain('candor connect codex')
  })

  test('settings of another program are offered, shown and taken over', async () => {
    mkdirSync(join(home.path, '.openclaw'))
    const settings = { models: { providers: { moonshot: { apiKey: `\${MOONSHOT_API_KEY}`, models: [] } } } }
    writeFileSync(join(home.path, '.openclaw', 'openclaw.json'), JSON.stringify(settings))
    const { exit, out } = await init({ home, replies: ['Take over what OpenClaw has'], input: 'y\n' })
    expect(exit).toBe(0)
    expect(out).toContain(`moonshot: { apiKey: "\${MOONSHOT_API_KEY}" }`)
    expect(text()).toContain('moonshot')
  })
})

describe('candor without a word', () => {
  test.each([
    { where: 'on a terminal with a configuration', tty: true, configured: true },
    { where: 'without a terminal', tty: false, configured: false },
  ])('is the help $where', async ({ tty, configured }) => {
    if (configured) home.configure('{}')
    const shell = fakeShell({ tty, home: home.path, env: home.env })
    expect(await runCli([], VERBS, shell)).toBe(0)
    expect(shell.stdout.text()).toContain('Usage: candor <command>')
  })
})
