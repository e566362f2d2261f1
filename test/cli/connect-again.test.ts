import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withAllowance, withoutAllowance } from '../../src/cli/clients/gemini-headers.ts'
import { connect } from '../../src/cli/commands/connect.ts'
import { deskOf, fakeShell, given } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

const KEY = 'cnd_abcdefghijklmnopqrstuvwxyz'
const provider = (api: string) => `{ baseUrl: "http://127.0.0.1:9/v1", api: "${api}", models: [{ id: "m" }] }`
const PROVIDERS = `
  chat: ${provider('openai-completions')},
  responses: ${provider('openai-responses')},
  google: ${provider('google-generative-ai').replace('/v1', '')},
  messages: ${provider('anthropic-messages').replace('/v1', '')},`
const CONFIG = `{ models: { providers: {${PROVIDERS}\n} } }`
const WITH_KEY = `{ models: { providers: {${PROVIDERS}\n} }, gateway: { keys: ["${KEY}"] } }`

const CLAUDE = '.claude/settings.json'
const CODEX = '.codex/config.toml'
const GEMINI = '.gemini/.env'

let home: HomeFolder
beforeEach(() => {
  home = homeFolder()
  home.configure(CONFIG)
})
afterEach(() => home.remove())

/** Runs `candor connect --yes`; each run is a second later than the one before. */
let seconds = 0
async function run(client: string, options: Record<string, string | true> = {}) {
  const shell = fakeShell({ home: home.path, env: { ...home.env, CANDOR_KEY: KEY } })
  seconds += 1
  const clock = { ...shell.clock, now: () => Date.UTC(2026, 0, 1) + seconds * 1000 }
  const code = await connect.run?.(given([client], { yes: true, ...options }), deskOf({ ...shell, clock }))
  expect(code).toBe(0)
  return shell.stdout.text()
}

function put(path: string, text: string): void {
  const file = join(home.path, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const read = (path: string) => readFileSync(join(home.path, path), 'utf8')

interface Again {
  readonly name: string
  readonly client: string
  readonly file: string
  readonly first: string
  /** Undefined: without `--model`. */
  readonly second: string | undefined
  /** What the first run wrote and the second takes out. */
  readonly gone: readonly string[]
  /** A file in which the user wrote the very same. */
  readonly own: string
}

const AGAIN: readonly Again[] = [
  {
    name: 'claude without a model',
    client: 'claude',
    file: CLAUDE,
    first: 'chat/m',
    second: undefined,
    gone: ['ANTHROPIC_MODEL', 'ANTHROPIC_DEFAULT_OPUS_MODEL', 'ANTHROPIC_DEFAULT_HAIKU_MODEL', 'ENABLE_TOOL_SEARCH'],
    own: `{ "env": {
      "ANTHROPIC_MODEL": "chat/m", "ANTHROPIC_DEFAULT_OPUS_MODEL": "chat/m",
      "ANTHROPIC_DEFAULT_HAIKU_MODEL": "chat/m", "ENABLE_TOOL_SEARCH": "false"
    } }`,
  },
  {
    name: 'claude with a model of its own protocol',
    client: 'claude',
    file: CLAUDE,
    first: 'chat/m',
    second: 'messages/m',
    gone: ['ENABLE_TOOL_SEARCH'],
    own: '{ "env": { "ENABLE_TOOL_SEARCH": "false" } }',
  },
  {
    name: 'codex with a model of its own protocol',
    client: 'codex',
    file: CODEX,
    first: 'chat/m',
    second: 'responses/m',
    gone: ['web_search', 'multi_agent'],
    own: 'web_search = "disabled"\n\n[features]\nmulti_agent = false\n',
  },
  {
    name: 'gemini without a model',
    client: 'gemini',
    file: '.gemini/settings.json',
    first: 'google/m',
    second: undefined,
    gone: ['google/m'],
    own: '{ "model": { "name": "google/m" } }',
  },
  {
    name: 'gemini with a model of its own protocol',
    client: 'gemini',
    file: GEMINI,
    first: 'chat/m',
    second: 'google/m',
    gone: ['candor-allow-loss'],
    own: 'GEMINI_CLI_CUSTOM_HEADERS="candor-allow-loss: top_k"\n',
  },
]

describe('a second connect takes out what the first wrote and nobody wants now', () => {
  for (const { name, client, file, first, second, gone, own } of AGAIN) {
    const options = second === undefined ? {} : { model: second }

    test(`${name}: shown, done, and taken back by --undo`, async () => {
      await run(client, { model: first })
      const written = read(file)
      const out = await run(client, options)
      for (const piece of gone) {
        expect(written).toContain(piece)
        expect(out).toMatch(new RegExp(`^-.*${piece}`, 'm'))
        expect(read(file)).not.toContain(piece)
      }
      expect(await run(client, options)).toBe('')
      await run(client, { undo: true })
      expect(read(file)).toBe(written)
    })

    test(`${name}: what the user had written before stays`, async () => {
      put(file, own)
      await run(client, { model: first })
      await run(client, options)
      for (const piece of gone) expect(read(file)).toContain(piece)
    })
  }

  test('what was changed since stays', async () => {
    await run('codex', { model: 'chat/m' })
    put(CODEX, read(CODEX).replace('"disabled"', '"live"'))
    await run('codex', { model: 'responses/m' })
    expect(read(CODEX)).toContain('web_search = "live"')
    expect(read(CODEX)).not.toContain('multi_agent')
  })

  test('it comes back by --undo where the file has changed since, too', async () => {
    await run('claude', { model: 'chat/m' })
    await run('claude')
    put(CLAUDE, read(CLAUDE).replace('{\n', '{\n  "since": 1,\n'))
    await run('claude', { undo: true })
    expect(JSON.parse(read(CLAUDE))).toMatchObject({ since: 1, env: { ANTHROPIC_MODEL: 'chat/m' } })
  })
})

describe('once the gateway has keys, and once it has none again', () => {
  const cases: readonly [string, string, string, string | undefined][] = [
    ['claude', CLAUDE, 'ANTHROPIC_AUTH_TOKEN', 'apiKeyHelper'],
    ['codex', CODEX, 'model_providers', 'env_key'],
    ['gemini', GEMINI, 'GEMINI_API_KEY', undefined],
  ]
  for (const [client, file, keyless, keyed] of cases) {
    test(`${client} has one key at a time`, async () => {
      await run(client, { model: 'chat/m' })
      expect(read(file)).toContain(keyless)
      home.configure(WITH_KEY)
      await run(client, { model: 'chat/m' })
      if (client !== 'codex') expect(read(file)).not.toContain(keyless)
      if (keyed !== undefined) expect(read(file)).toContain(keyed)
      home.configure(CONFIG)
      await run(client, { model: 'chat/m' })
      expect(read(file)).toContain(keyless)
      if (keyed !== undefined) expect(read(file)).not.toContain(keyed)
    })
  }
})

describe("Gemini CLI's own headers", () => {
  test('stay beside the one of Candor, unshown, and alone when that goes', async () => {
    const own = "GEMINI_CLI_CUSTOM_HEADERS='X-Team: red-hat, blue'\n"
    put(GEMINI, own)
    const out = await run('gemini', { model: 'chat/m' })
    expect(read(GEMINI)).toContain("GEMINI_CLI_CUSTOM_HEADERS='X-Team: red-hat, blue,candor-allow-loss:top_k'\n")
    expect(out).toContain('+GEMINI_CLI_CUSTOM_HEADERS=')
    const back = await run('gemini', { model: 'google/m' })
    expect(read(GEMINI)).toStartWith(own)
    const undone = await run('gemini', { undo: true })
    expect(read(GEMINI)).toContain('candor-allow-loss')
    expect(out + back + undone).not.toContain('red-hat')
  })

  const merged: readonly [string, string][] = [
    ['', 'candor-allow-loss:top_k'],
    ['A: 1', 'A: 1,candor-allow-loss:top_k'],
    ['A: 1, 2,B:x:y', 'A: 1, 2,B:x:y,candor-allow-loss:top_k'],
    ['Candor-Allow-Loss: seed,A:1', 'Candor-Allow-Loss: seed,top_k,A:1'],
  ]
  for (const [own, both] of merged) {
    test(`"${own}" with the allowance and without it again`, () => {
      expect(withAllowance(own, 'top_k')).toBe(both)
      expect(withAllowance(both, 'top_k')).toBe(both)
      expect(withoutAllowance(both, 'top_k')).toBe(own)
      expect(withoutAllowance(own, 'top_k')).toBe(own)
    })
  }
})
