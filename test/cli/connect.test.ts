import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { CLIENTS } from '../../src/cli/clients/clients.ts'
import { connect } from '../../src/cli/commands/connect.ts'
import { CliFault } from '../../src/cli/verb.ts'
import { deskOf, fakeShell, given } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

const MODEL = 'local/small'
const CONFIG = `{
  models: { providers: { local: { baseUrl: "http://127.0.0.1:9/v1", api: "openai-completions",
    models: [{ id: "small", contextWindow: 8000, maxOutputTokens: 1000 }] } } },
}`

let home: HomeFolder
beforeEach(() => {
  home = homeFolder()
  home.configure(CONFIG)
})
afterEach(() => home.remove())

/** Runs `candor connect` and gives what it said, and its fault if it had one. */
async function run(
  client: string,
  options: Record<string, string | true> = { yes: true, model: MODEL },
  shell: { readonly env?: Record<string, string>; readonly tty?: boolean; readonly input?: string } = {},
) {
  const fake = fakeShell({ ...shell, home: home.path, env: { ...home.env, ...shell.env } })
  const ended = await outcome(connect.run?.(given([client], options), deskOf(fake)))
  return { ...ended, out: fake.stdout.text(), err: fake.stderr.text() }
}

async function outcome(
  running: Promise<number> | undefined,
): Promise<{ readonly code: number | undefined; readonly fault: CliFault | undefined }> {
  try {
    return { code: await running, fault: undefined }
  } catch (error) {
    if (error instanceof CliFault) return { code: error.exit, fault: error }
    throw error
  }
}

function put(path: string, text: string): string {
  const file = join(home.path, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

const read = (path: string) => readFileSync(join(home.path, path), 'utf8')

/** A file of each client as somebody may have it. */
const FILES: readonly {
  readonly client: string
  readonly file: string
  readonly text: string
  readonly holds: readonly string[]
}[] = [
  {
    client: 'claude',
    file: '.claude/settings.json',
    text: '{\n  "permissions": { "allow": ["Read"] },\n  "env": {\n    "FOO": "bar"\n  }\n}\n',
    holds: [
      '"ANTHROPIC_BASE_URL": "http://127.0.0.1:8787"',
      '"ANTHROPIC_DEFAULT_HAIKU_MODEL": "local/small"',
      '"FOO": "bar",',
    ],
  },
  {
    client: 'codex',
    file: '.codex/config.toml',
    text: '# mine\r\nmodel = "gpt-5"\r\n\r\n[projects."/x"]\r\ntrust_level = "trusted"\r\n',
    holds: [
      '# mine\r\nmodel = "local/small"\r\nmodel_provider = "candor"\r\nweb_search = "disabled"\r\n',
      'wire_api = "responses"\r\n',
    ],
  },
  {
    client: 'gemini',
    file: '.gemini/.env',
    text: 'OTHER=1\n',
    holds: ['OTHER=1\nGOOGLE_GEMINI_BASE_URL=http://127.0.0.1:8787\n'],
  },
  {
    client: 'opencode',
    file: 'config/opencode/opencode.jsonc',
    text: '{\n  // mine\n  "theme": "dark",\n}\n',
    holds: ['// mine', '"limit": { "context": 8000, "output": 1000 }', '"model": "candor/local/small",\n}'],
  },
  {
    client: 'openclaw',
    file: '.openclaw/openclaw.json',
    text: "{\n  // mine\n  agents: { defaults: { models: { 'a/b': {} }, model: 'a/b' } },\n}\n",
    holds: ['models: { \'a/b\': {}, "candor/local/small": {} }, model: "candor/local/small"', 'contextWindow: 8000'],
  },
  {
    client: 'pi',
    file: '.pi/agent/models.json',
    text: '{ "providers": { "candor": { "models": [{ "id": "local/small", "reasoning": true }] } } }',
    holds: ['"reasoning": true,\n  "contextWindow": 8000,\n  "maxTokens": 1000\n}]'],
  },
]

describe('every client', () => {
  for (const { client, file, text, holds } of FILES) {
    test(`${client}: shown, written, the same again, taken back to the byte`, async () => {
      const path = put(file, text)
      chmodSync(path, 0o640)
      const first = await run(client)
      expect([first.code, first.fault]).toEqual([0, undefined])
      expect(first.out).toContain(`+++ ${path}`)
      const written = read(file)
      for (const piece of holds) expect(written).toContain(piece)
      expect(statSync(path).mode & 0o777).toBe(0o640)

      const second = await run(client)
      expect([second.code, second.out, read(file)]).toEqual([0, '', written])
      expect(second.err).toContain('Nothing to change')

      expect((await run(client, { undo: true, yes: true })).code).toBe(0)
      expect(read(file)).toBe(text)
      expect(statSync(path).mode & 0o777).toBe(0o640)
      const third = await run(client, { undo: true, yes: true })
      expect(third.fault?.message).toContain('There is nothing to undo')
    })

    test(`${client}: files that were not there are made for their owner alone, and go again`, async () => {
      expect((await run(client)).code).toBe(0)
      const made = readdirSync(home.path, { recursive: true, withFileTypes: true }).filter(
        each => each.isFile() && !each.parentPath.slice(home.path.length).includes('candor'),
      )
      expect(made.length).toBeGreaterThan(0)
      for (const each of made) expect(statSync(join(each.parentPath, each.name)).mode & 0o777).toBe(0o600)
      expect((await run(client, { undo: true, yes: true })).code).toBe(0)
      for (const each of made) expect(existsSync(join(each.parentPath, each.name))).toBe(false)
    })
  }

  test('is in the table once, by its names', () => {
    const names = CLIENTS.flatMap(({ id, aliases }) => [id, ...aliases])
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('what is written', () => {
  test('is asked for first: no is no', async () => {
    const said = await run('claude', {}, { tty: true, input: 'n\n' })
    expect(said.fault?.message).toBe('Nothing was written.')
    expect(existsSync(join(home.path, '.claude'))).toBe(false)
    expect((await run('claude', {}, { tty: true, input: 'y\n' })).code).toBe(0)
    expect(read('.claude/settings.json')).toContain('ANTHROPIC_BASE_URL')
  })

  test('is nothing where nobody can be asked, and with --print', async () => {
    expect((await run('claude', {})).fault?.fix).toContain('Write it without being asked: --yes')
    expect((await run('claude', { print: true })).code).toBe(0)
    expect(existsSync(join(home.path, '.claude'))).toBe(false)
  })

  test('goes through a link to the file it means', async () => {
    const real = put('dotfiles/settings.json', '{\n}\n')
    mkdirSync(join(home.path, '.claude'))
    symlinkSync(real, join(home.path, '.claude/settings.json'))
    expect((await run('claude')).code).toBe(0)
    expect(readFileSync(real, 'utf8')).toContain('ANTHROPIC_BASE_URL')
    expect(readdirSync(join(home.path, '.claude'), { withFileTypes: true }).map(each => each.isSymbolicLink())).toEqual(
      [true],
    )
  })

  test('is kept before, with nobody else to read it', async () => {
    put('.claude/settings.json', '{ "apiKeyHelper": "mine" }')
    const { err } = await run('claude')
    const folder = /kept in (\S+)/.exec(err)?.[1] ?? ''
    expect(readFileSync(join(folder, '0.before'), 'utf8')).toBe('{ "apiKeyHelper": "mine" }')
    expect(statSync(join(folder, '0.before')).mode & 0o777).toBe(0o600)
  })

  test('shows no secret of the file', async () => {
    put('.claude/settings.json', '{\n  "env": {\n    "ANTHROPIC_AUTH_TOKEN": "hidden-one",\n    "B": "x"\n  }\n}\n')
    const { out, err } = await run('claude')
    expect(out).toContain('-    "ANTHROPIC_AUTH_TOKEN": "••••",')
    expect(out + err).not.toContain('hidden-one')
  })
})

describe('a key of the gateway', () => {
  const key = 'cnd_abcdefghijklmnopqrstuvwxyz'
  const wants: readonly [string, string, string][] = [
    ['claude', '.claude/settings.json', '"apiKeyHelper": "printenv CANDOR_KEY"'],
    ['codex', '.codex/config.toml', 'env_key = "CANDOR_KEY"'],
    ['opencode', 'config/opencode/opencode.json', '"apiKey": "{env:CANDOR_KEY}"'],
    ['openclaw', '.openclaw/openclaw.json', `apiKey: "\${CANDOR_KEY}"`],
    ['pi', '.pi/agent/models.json', '"apiKey": "$CANDOR_KEY"'],
    ['gemini', '.gemini/.env', 'GOOGLE_GEMINI_BASE_URL'],
  ]
  for (const [client, file, piece] of wants) {
    test(`${client} is told where it is, never what it is`, async () => {
      home.configure(CONFIG.replace('\n}', `\n  gateway: { keys: ["${key}"] },\n}`))
      const { code, out, err } = await run(client, { yes: true, model: MODEL }, { env: { CANDOR_KEY: key } })
      expect(code).toBe(0)
      expect(read(file)).toContain(piece)
      expect(read(file) + out + err).not.toContain(key)
      expect(err).toContain('The gateway asks for a key')
    })
  }
})

describe('undo', () => {
  test('keeps what came since, and takes back its own', async () => {
    put('.codex/config.toml', 'model = "gpt-5"\n')
    await run('codex')
    const file = put(
      '.codex/config.toml',
      read('.codex/config.toml').replace('[model_providers', 'later = 1\n\n[model_providers'),
    )
    expect((await run('codex', { undo: true, yes: true })).fault).toBeUndefined()
    expect(readFileSync(file, 'utf8')).toContain('later = 1')
    expect(readFileSync(file, 'utf8')).toContain('model = "gpt-5"')
    expect(readFileSync(file, 'utf8')).not.toContain('candor')
  })

  test('refuses where its own values were changed since, and touches nothing', async () => {
    await run('claude')
    const changed = read('.claude/settings.json').replace('http://127.0.0.1:8787', 'http://mine')
    put('.claude/settings.json', changed)
    const { fault } = await run('claude', { undo: true, yes: true })
    expect(fault?.message).toContain('was changed since: env.ANTHROPIC_BASE_URL. Nothing was undone.')
    expect(read('.claude/settings.json')).toBe(changed)
  })
})

describe('what cannot be done is said', () => {
  const cases: readonly [string, string, Record<string, string | true>, RegExp][] = [
    ['an unknown client', 'cloude', {}, /There is no client "cloude"/],
    ['a client that must have a model', 'codex', {}, /must be told which model/],
    ['a model there is none of', 'codex', { model: 'nobody/nope' }, /nope/],
  ]
  for (const [name, client, options, says] of cases)
    test(name, async () => expect((await run(client, options)).fault?.message).toMatch(says))

  test('a broken file stays as it is', async () => {
    put('.claude/settings.json', '{ "env": ')
    const { fault } = await run('claude')
    expect(fault?.message).toContain('cannot be edited, and was not touched')
    expect(read('.claude/settings.json')).toBe('{ "env": ')
  })

  test('a client without files is explained', async () => {
    const { code, out } = await run('cline')
    expect([code, out]).toEqual([0, expect.stringContaining('Base URL: http://127.0.0.1:8787/v1')])
    expect((await run('cursor')).out).toContain('cannot work')
  })
})
