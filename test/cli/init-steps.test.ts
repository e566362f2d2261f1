import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSim } from '../../src/sim/start-sim.ts'
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

const file = () => join(home.path, 'config', 'candor', 'candor.json5')
const text = () => readFileSync(file(), 'utf8')
const KEY = () => ({ OPENAI_API_KEY: sim.key, OPENAI_BASE_URL: url })
/** Everything below the folder of configurations, with its content. */
function everything(): readonly string[] {
  const folder = join(home.path, 'config')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`)
}

const BEFORE = '{\n  // mine\n  gateway: { port: 9000 },\n}\n'

/** A way through the questions up to the last one before something is written. */
interface Way {
  readonly name: string
  readonly replies: () => readonly Reply[]
  readonly env?: () => Record<string, string>
  readonly options?: () => Record<string, string>
  readonly before?: string
}

const WAYS: readonly Way[] = [
  { name: 'a key in the environment', env: KEY, replies: () => ['OPENAI_API_KEY', 'gpt-4o'] },
  {
    name: 'a configuration that is there',
    env: KEY,
    before: BEFORE,
    replies: () => ['OPENAI_API_KEY', 'gpt-4o', true],
  },
  {
    name: 'a pasted key',
    options: () => ({ 'base-url': url }),
    replies: () => ['Another provider', 'openai', sim.key, 'gpt-4o'],
  },
  {
    name: 'an address of its own',
    replies: () => ['Another address', url, 'Chat Completions', sim.key, 'gpt-4o'],
  },
  {
    name: 'a model that is not there, then another',
    env: KEY,
    replies: () => ['OPENAI_API_KEY', 'gpt-9', 'Another model', 'gpt-4o'],
  },
  {
    name: 'a key that is empty, then another provider',
    env: () => ({ ...KEY(), OPENAI_API_KEY: 'sk-empty' }),
    replies: () => [
      'OPENAI_API_KEY',
      'gpt-4o',
      'Another provider or key',
      'Another address',
      url,
      'Chat Completions',
      sim.key,
      'gpt-4o',
    ],
  },
]

function go({ env, options, before }: Way, replies: readonly Reply[]) {
  if (before !== undefined) home.configure(before)
  return init({ home, replies, env: env?.() ?? {}, options: options?.() ?? {} })
}

describe.each(WAYS.map(way => ({ name: way.name, way })))('$name', ({ way }) => {
  test('Ctrl-C at every question leaves everything as it was', async () => {
    const replies = way.replies()
    for (const at of replies.keys()) {
      const { exit, err } = await go(way, [...replies.slice(0, at), 'Ctrl-C'])
      expect([at, exit]).toEqual([at, 130])
      expect(err).toContain('Nothing was written.')
      expect(everything()).toEqual(way.before === undefined ? [] : [`candor.json5\n${way.before}`])
    }
  })

  test('going back from every question but the first and taking the same again comes to the same', async () => {
    const replies = way.replies()
    const straight = await go(way, [...replies, false])
    expect(straight.exit).toBe(0)
    const written = text()
    for (const at of replies.keys()) {
      if (at === 0 || isFirstOfItsKind(straight.asked[at] ?? '')) continue
      home.remove()
      home = homeFolder()
      const again = await go(way, [...replies.slice(0, at), 'Esc', ...replies.slice(at - 1), false])
      expect([at, again.exit]).toEqual([at, 0])
      expect(again.asked.slice(at, at + 2)).toEqual([straight.asked[at] ?? '', straight.asked[at - 1] ?? ''])
      expect(text().replaceAll(home.path, '')).toBe(written.replaceAll(/\/[^"]*candor-cli-[^/]*/g, ''))
    }
  })
})

/** What was asked before it was a real call, or is done: Escape leaves there. */
function isFirstOfItsKind(question: string): boolean {
  return /^(?:It did not answer|Change |Start the gateway|Which provider shall)/.test(question)
}

describe('Escape', () => {
  test.each([
    { at: 'the first question', replies: ['Esc'] },
    { at: 'the question behind a failure', replies: ['OPENAI_API_KEY', 'gpt-9', 'Esc'] },
  ])('at $at leaves', async ({ replies }) => {
    const { exit, err } = await init({ home, env: KEY(), replies })
    expect(exit).toBe(130)
    expect(err).toContain('Escape: one question back.')
    expect(everything()).toEqual([])
  })

  test('several times leads further back', async () => {
    const { exit, asked } = await init({
      home,
      env: KEY(),
      replies: ['Another address', url, 'Responses', 'Esc', 'Esc', 'Esc', 'OPENAI_API_KEY', 'gpt-4o', false],
    })
    expect(exit).toBe(0)
    expect(asked.slice(3, 7).map(question => question.slice(0, 14))).toEqual([
      'The key for se',
      'What does it s',
      'Its base URL (',
      'Which provider',
    ])
    expect(text()).toContain('openai/gpt-4o')
  })

  test('at the end only means that the gateway is not started', async () => {
    const { exit, served } = await init({ home, env: KEY(), replies: ['OPENAI_API_KEY', 'gpt-4o', 'Esc'] })
    expect([exit, served, existsSync(file())]).toEqual([0, false, true])
  })
})

describe('whoever stops is told how to go on', () => {
  test.each([
    { replies: ['Ctrl-C'], says: undefined },
    {
      replies: ['OPENAI_API_KEY', 'Ctrl-C'],
      says: () => `candor init --provider openai --base-url ${url} --key-env OPENAI_API_KEY`,
    },
    {
      replies: ['OPENAI_API_KEY', "it's", 'Ctrl-C'],
      says: () => `candor init --provider openai --base-url ${url} --key-env OPENAI_API_KEY --model 'it'\\''s'`,
    },
  ])('at $replies', async ({ replies, says }) => {
    const { err } = await init({ home, env: KEY(), replies })
    if (says === undefined) expect(err).not.toContain('To go on')
    else expect(err).toEndWith(`To go on from there: ${says()}\n`)
  })

  test('a key that was typed is not in it', async () => {
    const replies = ['Another provider', 'openai', sim.key, 'Ctrl-C']
    const { err } = await init({ home, options: { 'base-url': url }, replies })
    expect(err).toContain('To go on from there: candor init --provider openai')
    expect(err).not.toContain(sim.key)
    expect(everything()).toEqual([])
  })
})

describe('every question has an option, with which it is not asked', () => {
  const ALL = [
    'Which provider shall answer first?',
    'Its base URL',
    'What does it speak?',
    'The key for',
    'Its model',
    'Which model?',
  ]

  test.each([
    { question: 'Which provider shall answer first?', options: () => ({ provider: 'openai' }), env: KEY },
    {
      question: 'Its base URL',
      options: () => ({ 'base-url': url }),
      replies: () => ['Another address', 'Chat Completions', sim.key, 'gpt-4o'],
    },
    {
      question: 'What does it speak?',
      options: () => ({ provider: 'mine', 'base-url': url, api: 'openai-completions' }),
      replies: () => [sim.key, 'gpt-4o'],
    },
    {
      question: 'The key for',
      options: () => ({ provider: 'openai', 'base-url': url, 'key-env': 'MINE' }),
      env: () => ({ MINE: sim.key }),
    },
    { question: 'Which model?', options: () => ({ model: 'gpt-4o' }), env: KEY, replies: () => ['OPENAI_API_KEY'] },
    {
      question: 'Change ',
      options: () => ({ provider: 'openai', force: true as const }),
      env: KEY,
      before: BEFORE,
    },
    {
      question: 'Start the gateway now?',
      options: () => ({ provider: 'openai', serve: true as const }),
      env: KEY,
      serves: true,
    },
    {
      question: 'Start the gateway now?',
      options: () => ({ provider: 'openai', model: 'gpt-4o', yes: true as const }),
      env: KEY,
      replies: () => [],
      serves: false,
    },
  ])('$question', async ({ question, options, env, replies, before, serves }) => {
    if (before !== undefined) home.configure(before)
    const answers: readonly Reply[] = replies?.() ?? ['gpt-4o']
    const run = { home, options: options(), env: env?.() ?? {} }
    const { exit, asked, served } = await init({
      ...run,
      replies: serves === undefined ? [...answers, false] : answers,
    })
    expect(exit).toBe(0)
    expect(asked.filter(each => each.startsWith(question))).toEqual([])
    expect(served).toBe(serves ?? false)
  })

  test('no question is left out here', async () => {
    const { asked } = await init({
      home,
      replies: ['Another address', url, 'Chat Completions', sim.key, 'gpt-4o', false],
    })
    const rest = asked.filter(question => !ALL.some(each => question.startsWith(each)))
    expect(rest).toEqual(['Start the gateway now?'])
  })
})

describe('what is written', () => {
  test('is shown before, also where nothing was there', async () => {
    const { err } = await init({ home, env: KEY(), replies: ['OPENAI_API_KEY', 'gpt-4o', false] })
    expect(err).toContain(`--- /dev/null\n+++ ${file()}`)
    expect(err).toContain('+    default: "openai/gpt-4o",')
    expect(err.indexOf('+++ ')).toBeLessThan(err.indexOf('Written: '))
    expect(err).not.toContain(sim.key)
  })
})

describe('--from', () => {
  const SETTINGS = { Providers: [{ name: 'moonshot', api_key: '$MOONSHOT_API_KEY', models: ['kimi-k2.7-code'] }] }

  test.each([{ how: 'where the program keeps them' }, { how: 'named', file: 'mine.json' }])(
    'takes over the settings of another program: $how',
    async ({ file: name }) => {
      mkdirSync(join(home.path, '.claude-code-router'))
      writeFileSync(join(home.path, name ?? '.claude-code-router/config.json'), JSON.stringify(SETTINGS))
      const options: Record<string, string> = { from: 'ccr', ...(name === undefined ? {} : { 'from-file': name }) }
      const { exit, err } = await init({ home, options })
      expect(exit).toBe(0)
      expect(err).toContain('Taken over')
      expect(text()).toContain(`moonshot: { apiKey: "\${MOONSHOT_API_KEY}"`)
    },
  )

  test('at a terminal it is asked, and a no writes nothing', async () => {
    writeFileSync(join(home.path, 'mine.json'), JSON.stringify(SETTINGS))
    const options = { from: 'ccr', 'from-file': 'mine.json' }
    const { exit, fault } = await init({ home, options, replies: [], input: 'n\n' })
    expect([exit, fault?.message]).toEqual([1, 'Nothing was written.'])
    expect(everything()).toEqual([])
    expect((await init({ home, options: { ...options, yes: true }, replies: [] })).exit).toBe(0)
    expect(text()).toContain('moonshot')
  })

  test.each([
    { options: { from: 'bifrots' }, says: 'cannot be taken over' },
    { options: { 'from-file': 'x.json' }, says: 'whose settings these are is not said' },
  ])('$options', async ({ options, says }) => {
    const { exit, fault } = await init({ home, options })
    expect([exit, fault?.message]).toEqual([2, expect.stringContaining(says)])
  })
})
