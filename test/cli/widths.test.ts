import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { runCli } from '../../src/cli/run.ts'
import type { Verb } from '../../src/cli/verb.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { openLedger } from '../../src/ledger/open.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { receipt } from '../ledger/receipts.ts'
import { fakeShell } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

const NOW = Date.now()
const ROUTE = 'a-route-whose-name-somebody-has-made-rather-long'
/** Alike but for their ends. */
const SONNET = 'anthropic/claude-sonnet-5-5-20260101'
const OPUS = 'anthropic/claude-opus-5-5-20260101-thinking-max'
const WORDY = 'openrouter/a-company/a-model-with-a-name-that-fits-on-a-line-of-eighty-at-most'
const RTL = 'local/\u05de\u05d5\u05d3\u05dc-\u05d1\u05e2\u05d1\u05e8\u05d9\u05ea'
const EMOJI = 'local/\u{1f680}\u{1f469}\u200d\u{1f4bb}-model-\u6a21\u578b-\u6a21\u578b'
const ENDLESS = `local/${'x'.repeat(300)}`
const METERED: Receipt['cost'] = { type: 'metered', nanoUsd: 1_234_567_890_123, source: 'models.json 2026-11-10' }
const CUT_OFF: Receipt['cost'] = { type: 'unknown', reason: 'the answer was cut off', atLeastNanoUsd: 20_123 }

/** Calls of a bad day, newest last. */
const CALLS: readonly Partial<Receipt>[] = [
  ...[SONNET, OPUS, WORDY, RTL, EMOJI, ENDLESS].map(model => ({
    requestedModel: model,
    servedModel: model,
    billing: 'metered',
    cost: METERED,
    client: `claude-cli/2.1.0 (external, cli) ${model}`,
    usage: { input: 12_345_678, cacheRead: 123_456_789, output: 1_234_567 },
  })),
  { requestedModel: OPUS, servedModel: OPUS, billing: 'plan', cost: { type: 'plan' } },
  { requestedModel: OPUS, servedModel: OPUS, billing: 'local', cost: { type: 'local' } },
  { requestedModel: OPUS, servedModel: OPUS, billing: 'free', cost: { type: 'free' } },
  {
    requestedModel: SONNET,
    servedModel: SONNET,
    billing: 'metered',
    ending: 'abandoned',
    cost: CUT_OFF,
    usage: { input: 129, output: 1 },
  },
  {
    requestedModel: ROUTE,
    route: ROUTE,
    servedModel: SONNET,
    billing: 'metered',
    cost: { type: 'unknown', reason: 'no price is known for this model' },
    fallback: { from: WORDY, reason: 'plan_exhausted' },
  },
  {
    requestedModel: `\u202e${ENDLESS}`,
    ending: 'failed',
    status: 503,
    problem: {
      code: 'overloaded',
      what: `The provider is ${'very '.repeat(60)}busy: ${ENDLESS}`,
      why: `Because ${ENDLESS}`,
      fix: [`Ask ${WORDY} in its place.`],
    },
  },
]

const home = homeFolder()
beforeAll(async () => {
  home.configure(
    JSON.stringify(
      {
        gateway: { port: 0 },
        models: {
          default: 'near/m',
          providers: {
            near: {
              baseUrl: 'http://127.0.0.1:9/v1',
              api: 'openai-completions',
              billing: 'local',
              models: [{ id: 'm' }],
            },
            [`a-provider-with-a-name-that-is-long`]: {
              baseUrl: 'http://127.0.0.1:9',
              apiKey: `\${A_VARIABLE_WITH_A_NAME_THAT_IS_NOT_SHORT_EITHER}`,
              api: 'anthropic-messages',
              billing: 'metered',
              models: [{ id: OPUS }, { id: 'x'.repeat(120) }],
            },
          },
        },
        routes: { [ROUTE]: { targets: ['near/m', `a-provider-with-a-name-that-is-long/${OPUS}`] } },
      },
      null,
      2,
    ),
  )
  const opened = openLedger({ folder: home.dataDir, clock: systemClock })
  if (!opened.ok) throw new Error(opened.refusal.what)
  for (const [i, call] of CALLS.entries()) await opened.store.settle(receipt({ ...call, at: NOW + i }))
  await opened.store.close()
})
afterAll(() => home.remove())

async function linesOf(words: readonly string[], columns: number): Promise<readonly string[]> {
  const env = { ...home.env, NO_COLOR: '1' }
  const shell = fakeShell({ home: home.path, env, tty: true, columns, isAlive: () => false })
  await runCli(words, VERBS, { ...shell, mayAsk: false })
  return (shell.stdout.text() + shell.stderr.text()).split('\n')
}

/** A place is not broken: half an address leads nowhere. It may stand alone on a line that is too long for the terminal. */
const PLACE = /^\s*\S*(:\/\/|[~/]\S*\/)\S*$/

function tooWide(lines: readonly string[], columns: number): readonly string[] {
  return lines.filter(line => Bun.stringWidth(line) > columns && !PLACE.test(line))
}

function pathsOf(verbs: readonly Verb[], above: readonly string[] = []): readonly (readonly string[])[] {
  return verbs.flatMap(({ name, verbs: below = [] }) => [[...above, name], ...pathsOf(below, [...above, name])])
}

const SHOWN: readonly (readonly string[])[] = [
  ['status'],
  ['logs'],
  ['trace'],
  ['usage'],
  ...['provider', 'model', 'key', 'client', 'day', 'billing'].map(by => ['usage', '--by', by]),
  ['usage', 'quota', 'deepseek'],
  ['usage', '--by', 'nonsense'],
  ['models', '--all'],
  ['providers'],
  ['providers', 'a-provider-with-a-name-that-is-long'],
  ['route', 'list'],
  ['route', 'explain', ROUTE],
  ['config', 'check'],
  ['config', 'path'],
  ['doctor'],
  ['keys', 'list'],
  ['keys', 'create', 'a-key-with-a-name-that-is-rather-long', '--models', `${OPUS},${SONNET}`],
  ['keys', 'list'],
  ['chat', ENDLESS, 'Hi'],
  ['chat', 'near/m', 'Hi'],
  ['init'],
  ['import', 'opencode'],
  ['connect', 'nobody'],
  ['replay', 'nonsense'],
  ['service', 'status'],
  ['version'],
]

describe.each([80, 200])('on a terminal of %d columns', columns => {
  test.each([[], ...pathsOf(VERBS)].map(path => path.join(' ')))('the help of candor %s fits', async path => {
    const lines = await linesOf([...path.split(' ').filter(word => word !== ''), '--help'], columns)
    expect(lines.length).toBeGreaterThan(5)
    expect(tooWide(lines, columns)).toEqual([])
  })

  test.each(SHOWN.map(words => words.join(' ').slice(0, 60)).map((name, i) => [name, SHOWN[i] ?? []] as const))(
    'candor %s fits',
    async (_, words) => {
      const lines = await linesOf(words, columns)
      expect(lines.length).toBeGreaterThan(1)
      expect(tooWide(lines, columns)).toEqual([])
    },
  )

  test('a call that another model answered is marked, and no name is cut', async () => {
    const text = (await linesOf(['logs'], columns)).join('\n')
    expect(text).toMatch(/\(fallback\)|fallback from/)
    for (const name of [ROUTE, SONNET, OPUS]) expect(text).toContain(name)
  })

  test('what would fit on a line is not broken', async () => {
    for (const words of [['providers'], ['models', '--all']])
      expect((await linesOf(words, columns)).join('\n')).toContain('GOOGLE_CLOUD_API_KEY')
  })

  test('models whose names differ at their ends can be told apart, and sums are whole', async () => {
    const text = (await linesOf(['usage', '--by', 'model'], columns)).join('\n')
    for (const name of [SONNET, OPUS, WORDY]) expect(text).toContain(name)
    expect(text).toContain('$1234.57')
    expect(text).toContain('unpriced')
  })
})
