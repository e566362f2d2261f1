import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkText } from '../../src/app/config/load.ts'
import type { Remark } from '../../src/cli/import/harvest.ts'
import { SOURCES } from '../../src/cli/import/sources.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

let home: HomeFolder
beforeEach(() => {
  home = homeFolder()
})
afterEach(() => home.remove())

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/import/${name}`, import.meta.url))

/** Runs `candor import` and gives what it said. */
async function run(args: readonly string[], more: { tty?: boolean; input?: string; columns?: number } = {}) {
  const shell = fakeShell({ home: home.path, env: { ...home.env, NO_COLOR: '1' }, ...more })
  const exit = await runCli(['import', ...args], VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

interface ImportDocument {
  readonly outcome: string
  readonly edits: readonly { readonly path: readonly string[]; readonly value: unknown }[]
  readonly remarks: readonly Remark[]
  readonly keyFiles: readonly string[]
  readonly variables: readonly string[]
}

async function planned(source: string, file: string): Promise<ImportDocument> {
  const { out, exit } = await run([source, fixture(file), '--json'])
  expect(exit).toBe(0)
  return JSON.parse(out)
}

/** The edits by their paths. */
const byPath = ({ edits }: ImportDocument) =>
  Object.fromEntries(edits.map(({ path, value }) => [path.join('.'), value]))
const configFile = () => join(home.path, 'config', 'candor', 'candor.json5')

const FALLBACK_ON = ['overloaded', 'rate_limited', 'plan_exhausted', 'timeout', 'unreachable']

const CASES: readonly {
  readonly source: string
  readonly file: string
  readonly edits: Readonly<Record<string, unknown>>
  /** Beginnings of what is said, with the line. */
  readonly said: readonly (readonly [kind: Remark['kind'], line: number, what: string])[]
}[] = [
  {
    source: 'openclaw',
    file: 'openclaw.json5',
    edits: {
      'models.providers.kimi-coding': {
        apiKey: `\${KIMI_API_KEY}`,
        headers: { 'X-Team': 'infra' },
        models: [{ id: 'k2p5', name: 'Kimi K2.5 (Code)', contextWindow: 256000, maxOutputTokens: 32000 }],
      },
      'models.providers.lan-server': {
        baseUrl: 'http://192.168.1.20:4000/v1',
        apiKey: `\${LAN_SERVER_API_KEY}`,
        api: 'openai-completions',
        allowHttp: true,
        models: [{ id: 'llama-3.1-8b', reasoning: false, input: ['text'] }],
      },
      'models.providers.moonshot': { apiKey: `\${MOONSHOT_API_KEY}` },
      'models.aliases.kimi': 'kimi-coding/k2p5',
      'models.aliases.opus': 'anthropic/claude-opus-5',
      'routes.openclaw-default': { targets: ['kimi-coding/k2p5', 'moonshot/kimi-k2.6'], fallbackOn: FALLBACK_ON },
      'models.default': 'kimi-coding/k2p5',
    },
    said: [
      ['left out', 12, 'the header "User-Agent" "claude-code/2.1.0", which says to be another program'],
      ['left out', 20, 'compat'],
      ['left out', 15, 'the key of "lan-server"'],
      ['left out', 23, 'the provider "copilot"'],
      ['left out', 24, 'the provider "candor"'],
      ['left out', 29, 'the fallback "nobody/knows"'],
      ['left out', 31, 'imageModel'],
      ['proposal', 15, 'allowHttp for "lan-server"'],
      ['proposal', 29, 'the route "openclaw-default": kimi-coding/k2p5 (plan), moonshot/kimi-k2.6 (metered)'],
    ],
  },
  {
    source: 'litellm',
    file: 'litellm.yaml',
    edits: {
      'models.providers.azure-openai': {
        baseUrl: 'https://my-endpoint-europe.openai.azure.com/openai/v1',
        apiKey: `\${AZURE_API_KEY_EU}`,
        api: 'openai-completions',
        models: [{ id: 'gpt-4o-eu' }],
      },
      'models.providers.azure-openai-2': {
        baseUrl: 'https://my-endpoint-canada.openai.azure.com/openai/v1',
        apiKey: `\${AZURE_API_KEY_CA}`,
        api: 'openai-completions',
        models: [{ id: 'gpt-4o-ca' }],
      },
      'models.providers.anthropic': { apiKey: `\${ANTHROPIC_API_KEY}` },
      'models.providers.openai': {
        apiKey: `\${OPENAI_API_KEY}`,
        models: [{ id: 'gpt-4o-mini', headers: { 'X-Team': 'infra' } }],
      },
      'models.providers.server-9999': {
        baseUrl: 'http://127.0.0.1:9999/v1',
        api: 'openai-completions',
        models: [{ id: 'llama-3.1-8b', contextWindow: 128000, price: { input: 3, output: 15 } }],
      },
      'models.providers.openrouter': { apiKey: `\${OPENROUTER_API_KEY}` },
      'models.aliases.cheap': 'openai/gpt-4o-mini',
      'models.aliases.local-llama': 'server-9999/llama-3.1-8b',
      'routes.gpt-4o': {
        targets: ['azure-openai/gpt-4o-eu', 'azure-openai-2/gpt-4o-ca'],
        fallbackOn: FALLBACK_ON,
        balance: 'weighted',
      },
      'routes.haiku': { targets: ['anthropic/claude-haiku-4-5', 'server-9999/llama-3.1-8b'], fallbackOn: FALLBACK_ON },
      'routes.gpt-4': { targets: ['azure-openai/gpt-4o-eu', 'azure-openai-2/gpt-4o-ca'], fallbackOn: FALLBACK_ON },
    },
    said: [
      ['left out', 8, 'api_version'],
      ['left out', 9, 'rpm'],
      ['left out', 23, 'the header "User-Agent"'],
      ['left out', 35, 'the deployment "bedrock-claude"'],
      ['left out', 49, 'context_window_fallbacks'],
      ['left out', 52, 'master_key'],
      ['left out', 48, 'drop_params'],
      ['proposal', 15, 'the route "haiku": anthropic/claude-haiku-4-5 (metered), server-9999/llama-3.1-8b (local)'],
    ],
  },
  {
    source: 'ccr',
    file: 'ccr.json',
    edits: {
      'models.providers.deepseek': {
        apiKey: `\${DEEPSEEK_API_KEY}`,
        models: [{ id: 'deepseek-chat' }, { id: 'deepseek-reasoner' }],
      },
      'models.providers.ollama': { models: [{ id: 'qwen2.5-coder:latest' }] },
      'models.providers.google': { apiKey: `\${GEMINI_API_KEY}`, models: [{ id: 'gemini-2.5-flash' }] },
      'models.providers.aihub': {
        baseUrl: 'https://aihub.example/v1',
        apiKey: `\${AIHUB_KEY}`,
        api: 'openai-completions',
        models: [{ id: 'Z/glm-4.5' }],
      },
      'models.aliases.claude-*': 'deepseek/deepseek-chat',
      'models.aliases.claude-haiku-*': 'ollama/qwen2.5-coder:latest',
      'models.default': 'deepseek/deepseek-chat',
    },
    said: [
      ['left out', 2, 'APIKEY'],
      ['left out', 3, 'PROXY_URL'],
      ['left out', 11, 'transformer'],
      ['left out', 35, 'the model for think'],
      ['left out', 13, 'the key of "ollama"'],
    ],
  },
  {
    source: 'opencode',
    file: 'opencode.jsonc',
    edits: {
      'models.providers.kimi-coding': { apiKey: `\${KIMI_API_KEY}` },
      'models.providers.corp': {
        name: 'Our proxy',
        baseUrl: 'https://llm.corp.example',
        apiKey: { file: '~/.secrets/corp' },
        api: 'anthropic-messages',
        headers: { 'X-Team': `\${TEAM}` },
        models: [
          {
            id: 'sonnet',
            name: 'Sonnet',
            contextWindow: 200000,
            maxOutputTokens: 64000,
            price: { input: 3, output: 15, cacheRead: 0.3 },
          },
        ],
      },
      'models.providers.pasted': {
        baseUrl: 'https://pasted.example/v1',
        apiKey: `\${PASTED_API_KEY}`,
        api: 'openai-completions',
        models: [{ id: 'm' }],
      },
      'models.default': 'kimi-coding/kimi-for-coding',
    },
    said: [
      ['left out', 5, 'small_model'],
      ['left out', 14, 'the header "Authorization"'],
      ['left out', 14, 'the header "User-Agent" "opencode/1.0", which says to be another program'],
      ['left out', 21, 'the provider "strange"'],
    ],
  },
]

/** Texts with the home folder of this test as people write it. */
const atHome = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(home.path, '~'))

describe('every source', () => {
  test.each([...CASES])('$source is read as its documentation has it', async ({ source, file, edits, said }) => {
    const plan = await planned(source, file)
    expect(atHome(byPath(plan))).toEqual(edits)
    for (const [kind, line, what] of said)
      expect(
        plan.remarks.filter(each => each.line === line && each.kind === kind && each.what.startsWith(what)),
      ).toHaveLength(1)
    expect(plan.outcome).toBe('shown')
  })

  test.each([...CASES])('$source: every remark that says no says why', async ({ source, file }) => {
    const { remarks } = await planned(source, file)
    expect(remarks.filter(({ kind, why }) => kind === 'left out' && why === undefined)).toEqual([])
  })

  test.each([...CASES])('$source: no key is shown, on no stream', async ({ source, file }) => {
    for (const args of [[], ['--json'], ['--write', '--yes']]) {
      const { out, err } = await run([source, fixture(file), ...args])
      expect(out + err).not.toContain('canary')
    }
    expect(readFileSync(configFile(), 'utf8')).not.toContain('canary')
  })

  test.each([...CASES])(
    '$source: what is written is a valid configuration, readable for its owner alone',
    async each => {
      const { exit, out, err } = await run([each.source, fixture(each.file), '--write', '--yes'])
      expect(exit).toBe(0)
      const text = readFileSync(configFile(), 'utf8')
      expect(checkText(text, configFile()).ok).toBe(true)
      expect(statSync(configFile()).mode & 0o777).toBe(0o600)
      expect(out.trim()).toBe(text.trim())
      expect(err).toContain(`Written: ${configFile()}`)
    },
  )

  test('there is one case for each', () => {
    expect(CASES.map(({ source }) => source)).toEqual(SOURCES.map(({ id }) => id))
  })
})

describe('an existing configuration', () => {
  const BEFORE =
    '{\n  // ours, with care\n  models: {\n    default: "deepseek/deepseek-chat",\n    providers: {\n      deepseek: { apiKey: "sk-mineminemine0123456789" }, // keep\n    },\n  },\n}\n'

  test('keeps what it has, comments too, and gets only what is new', async () => {
    const file = home.configure(BEFORE)
    const { exit, out, err } = await run(['ccr', fixture('ccr.json'), '--write', '--yes'])
    expect(exit).toBe(0)
    const after = readFileSync(file, 'utf8')
    for (const line of BEFORE.split('\n').slice(0, 6)) expect(after).toContain(line)
    expect(after).toContain('aihub: {')
    expect(err).toContain('the provider "deepseek": it stands in your configuration already')
    expect(err).toContain('your configuration already')
    expect(out).toContain('+++ ')
    expect(out + err).not.toContain('minemine')
  })

  test('with a fault in it nothing is touched', async () => {
    const file = home.configure('{ models: { provders: {} } }')
    const { exit, err } = await run(['ccr', fixture('ccr.json'), '--write', '--yes'])
    expect(exit).toBe(2)
    expect(err).toContain('provders')
    expect(readFileSync(file, 'utf8')).toBe('{ models: { provders: {} } }')
  })
})

describe('keys that stand in the source', () => {
  test('go into files of their own with --keys-to-files', async () => {
    const { exit, out, err } = await run(['ccr', fixture('ccr.json'), '--write', '--yes', '--keys-to-files'])
    expect(exit).toBe(0)
    const file = join(home.path, 'config', 'candor', 'keys', 'google.key')
    expect(readFileSync(file, 'utf8')).toBe('sk-canary0123456789abcdefghij\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(configFile(), 'utf8')).toContain(`apiKey: { file: ${JSON.stringify(file)} }`)
    expect(out + err).not.toContain('canary')
  })

  test('are asked for by the name of a variable otherwise', async () => {
    const { err } = await run(['ccr', fixture('ccr.json'), '--write', '--yes'])
    expect(err).toContain('still to set where Candor starts: GEMINI_API_KEY')
  })
})

describe('candor import', () => {
  test('writes nothing without --write', async () => {
    const { exit, err } = await run(['ccr', fixture('ccr.json')])
    expect(exit).toBe(0)
    expect(err).toContain('Nothing was written.')
    expect(() => statSync(configFile())).toThrow()
  })

  test.each([
    { answer: 'y\n', written: true },
    { answer: 'n\n', written: false },
  ])('asks at a terminal: $answer', async ({ answer, written }) => {
    await run(['ccr', fixture('ccr.json'), '--write'], { tty: true, input: answer })
    expect(existing(configFile())).toBe(written)
  })

  test('finds the file where the program keeps it', async () => {
    mkdirSync(join(home.path, '.claude-code-router'))
    writeFileSync(join(home.path, '.claude-code-router', 'config.json'), readFileSync(fixture('ccr.json')))
    expect((await run(['ccr'])).out).toContain('aihub')
  })

  test.each([
    { name: 'an unknown program', args: ['openclav'], exit: 2, says: 'Did you mean openclaw?' },
    { name: 'a file that must be named', args: ['litellm'], exit: 2, says: 'candor import litellm FILE' },
    { name: 'a file that is not there', args: ['ccr'], exit: 2, says: 'There is no ' },
    {
      name: 'a file of another kind',
      args: ['ccr', fixture('litellm.yaml')],
      exit: 2,
      says: 'litellm.yaml:1 cannot be read',
    },
    { name: 'nothing to take over', args: ['ccr', fixture('opencode.jsonc')], exit: 1, says: 'nothing to take over' },
  ])('$name', async ({ args, exit, says }) => {
    const ended = await run(args)
    expect(ended.exit).toBe(exit)
    expect(ended.err).toContain(says)
  })
})

function existing(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined
}
