import { describe, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { callLine } from '../../src/admin/live.ts'
import type { ProviderNow } from '../../src/admin/overview.ts'
import { openGateway } from '../../src/app/gateway.ts'
import { findVerbs } from '../../src/cli/find-verbs.ts'
import { appOptions, opened } from '../../src/cli/gateway-access.ts'
import { runCli } from '../../src/cli/run.ts'
import { lastErrorOf, type StatusFacts, wrongOf } from '../../src/cli/status/facts.ts'
import { screenLines } from '../../src/cli/status/screen.ts'
import { widthOf } from '../../src/cli/terminal-text.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import type { BodyHealth } from '../../src/ledger/kept-bodies.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import type { QuotaWindow } from '../../src/upstream/quota.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import { deskOf, fakeShell, keptOutput } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

const NOW = new Date(2026, 10, 20, 12, 30).getTime()
const MINUTE_MS = 60_000
const MIB = 1_024 * 1_024

const LATELY = { calls: 12, failed: 1, outputTokens: 900, firstByteMs: 400, tokensPerSecond: 45 }

function provider(over: Partial<ProviderNow> = {}): ProviderNow {
  return {
    id: 'kimi-coding',
    name: 'Kimi Code',
    billing: 'plan',
    available: true,
    cooling: [],
    quotas: [],
    inFlight: 0,
    today: { calls: 3, failed: 0 },
    ...over,
  }
}

function quotas(...windows: readonly QuotaWindow[]): ProviderNow['quotas'] {
  const view = { provider: 'kimi-coding', credential: 'default', billing: 'plan', source: 'endpoint', at: NOW } as const
  return [{ ...view, windows, stale: false, ageMs: 0 }]
}

const FIVE_HOURS: QuotaWindow = {
  name: '5 hour',
  unit: 'percent',
  remainingPercent: 63,
  resetsAtMs: NOW + 130 * MINUTE_MS,
}

const COOLING = {
  model: 'kimi-for-coding',
  credential: 'default',
  reason: 'plan_exhausted',
  what: 'The 5 hour window is used up.',
  until: NOW + 100 * MINUTE_MS,
} as const

const { until: _, ...ON_TRIAL } = COOLING

function facts(over: Partial<StatusFacts> = {}): Omit<StatusFacts, 'wrong'> {
  return {
    now: NOW,
    gateway: {
      url: 'http://127.0.0.1:8787',
      pid: 4_321,
      version: '0.1.0',
      startedAt: new Date(NOW - 130 * MINUTE_MS).toISOString(),
      upMs: 130 * MINUTE_MS,
      ready: true,
      notReady: [],
      inFlight: 2,
      lately: LATELY,
      receiptsLost: 0,
    },
    config: {
      file: '/people/ann/.config/candor/candor.json5',
      loadedAt: new Date(NOW - MINUTE_MS).toISOString(),
      warnings: [],
    },
    today: {
      since: new Date(2026, 10, 20).getTime(),
      ageMs: 0,
      calls: 120,
      failed: 3,
      fallbacks: 1,
      lanes: { plan: 100, metered: 18, free: 0, local: 2 },
      costNanoUsd: 1_230_000_000,
      unpriced: 2,
      usageUnknown: 0,
      inputTokens: 1_234_567,
      outputTokens: 89_000,
    },
    providers: [provider({ quotas: quotas(FIVE_HOURS) })],
    otherProviders: 44,
    fellBack: [],
    ...over,
  }
}

function screen(over: Partial<StatusFacts> = {}, columns = 80): readonly string[] {
  const all = facts(over)
  const canvas = { paint: (_: string, text: string) => text, output: keptOutput(true, columns), home: '/people/ann' }
  return screenLines({ ...all, wrong: wrongOf(all) }, canvas)
}

describe('the screen', () => {
  test('of a gateway that is well', () => {
    expect(screen({}, 200)).toEqual([
      expect.stringMatching(
        /^gateway {8}http:\/\/127\.0\.0\.1:8787 is ready; Candor 0\.1\.0.*, up 2 h 10 min, pid 4321$/,
      ),
      'configuration  ~/.config/candor/candor.json5, in force since 12:29:00 +00:00',
      'now            2 in flight; 12 calls in the last minute, 1 failed; first byte after 0.4 s; 45 tokens/s a stream',
      'today          120 calls, 3 failed, 1 fell back; 1,234,567 tokens in, 89,000 out',
      'spent          at least $1.23 for 18 metered calls: the cost of 2 is not known in full; 100 on plans, 2 local, which cost nothing by the call',
      '',
      'providers',
      '  kimi-coding  plan     well: 3 calls today   █████████████░░░░░░░ 5 hour: 63 % left, resets in 2 h 10 min',
      '  44 more are known and cannot be used: candor providers',
      '',
      'All is well.',
    ])
  })

  const BODIES = { keepDays: 7, bytesMax: 4 * MIB, totalBytesMax: 1_024 * MIB, bytes: 12 * MIB, dropped: 0 }
  const { bytes: _, ...counted } = BODIES
  const UNCOUNTED = { ...counted, keepDays: 1 }
  const WARNING = 'Bodies of calls are not kept: ENOSPC.'
  test.each<[string, BodyHealth, string | undefined]>([
    ['off', { ...BODIES, keepDays: 0 }, undefined],
    ['on', BODIES, 'kept for 7 days, 12 MiB of 1 GiB'],
    ['on, and not counted yet', UNCOUNTED, 'kept for 1 day'],
    ['dropped', { ...BODIES, dropped: 2 }, 'kept for 7 days, 12 MiB of 1 GiB, those of 2 calls were not'],
    [
      'refused',
      { ...BODIES, dropped: 1, warning: WARNING },
      `kept for 7 days, 12 MiB of 1 GiB, those of 1 call were not; ${WARNING}`,
    ],
  ])('of one whose bodies are %s', (_, bodies, words) => {
    const { gateway } = facts()
    if (gateway === undefined) throw new Error('there is one')
    const lines = screen({ gateway: { ...gateway, bodies } }, 200)
    expect(lines.find(line => line.startsWith('bodies'))).toBe(
      words === undefined ? undefined : `bodies         ${words}`,
    )
  })

  test('of one that is not says what, why and until when', () => {
    const error = {
      callId: 'req_1',
      at: NOW - MINUTE_MS,
      code: 'rate_limited',
      text: 'openai/gpt-9: OpenAI asks to slow down.',
    } as const
    const fellBack = [
      { kind: 'fell-back', callId: 'req_2', at: NOW - 2 * MINUTE_MS, text: 'coder: b answered in place of a.' },
    ] as const
    const text = screen(
      {
        providers: [provider({ cooling: [COOLING], quotas: quotas({ ...FIVE_HOURS, remainingPercent: 0 }) })],
        config: { file: '/etc/candor.json5', refused: 'A fault.', warnings: [] },
        lastError: error,
        fellBack,
      },
      200,
    ).join('\n')
    expect(text).toContain('/etc/candor.json5 has faults; what was read before stays')
    expect(text).toContain(
      'kimi-for-coding cools down for 1 h 40 min: The 5 hour window is used up (plan_exhausted), until 14:10 +00:00   3 calls today',
    )
    expect(text).toContain(
      'last error     12:29:00 +00:00 rate_limited: openai/gpt-9: OpenAI asks to slow down. (candor trace req_1)',
    )
    expect(text).toContain('fell back      12:28:00 +00:00 coder: b answered in place of a.')
    expect(text).toEndWith(
      'Look at this: the configuration file has faults; kimi-coding cools down; a quota of kimi-coding is used up.',
    )
  })

  test('says well of none that failed when it was asked last, nor of one of which nothing is known', () => {
    const today = { calls: 1, failed: 1 }
    const text = screen({ providers: [provider({ lastFailure: 'unreachable', today }), provider({ today })] }, 200)
    expect(text).toContain(
      '  kimi-coding  plan     failed when it was asked last (unreachable): 1 call today, 1 failed',
    )
    expect(text).toContain('  kimi-coding  plan     1 call today, 1 failed')
  })

  test.each([60, 80, 100, 200])('fits %d columns', columns => {
    const lines = screen(
      {
        providers: [
          provider({
            cooling: [COOLING],
            quotas: quotas(FIVE_HOURS, { ...FIVE_HOURS, name: 'weekly', remainingPercent: 5 }),
          }),
          provider({ id: 'openai', billing: 'metered', available: false, unavailable: 'no key is set' }),
        ],
        lastError: { callId: 'req_1', at: NOW, code: 'timeout', text: 'a word and '.repeat(20).trim() },
      },
      columns,
    )
    expect(lines.filter(line => widthOf(line) > columns)).toEqual([])
  })

  test('tells several keys apart, and what is too much for it by number', () => {
    const view = {
      provider: 'kimi-coding',
      billing: 'plan',
      source: 'endpoint',
      at: NOW,
      stale: false,
      ageMs: 0,
    } as const
    const many = ['a', 'b', 'c', 'd', 'e'].map((name, i) => ({ ...FIVE_HOURS, name, remainingPercent: 90 - i }))
    const past = { ...FIVE_HOURS, name: 'past', stale: true } as const
    const text = screen(
      {
        providers: [
          provider({
            cooling: [COOLING, { ...COOLING, credential: 'second' }],
            quotas: [
              { ...view, credential: 'default', windows: many },
              { ...view, credential: 'second', windows: [past] },
            ],
          }),
        ],
      },
      80,
    ).join('\n')
    expect(text).toContain('kimi-for-coding (key second)')
    expect(text).toContain('e of default: 86 % left')
    expect(text).toContain('and 1 more quota: candor usage quota')
    expect(text).not.toContain('past')
  })
})

describe('what somebody should look at', () => {
  const { gateway } = facts()
  if (gateway === undefined) throw new Error('there is one')
  const cases: readonly (readonly [string, Partial<StatusFacts>, readonly string[]])[] = [
    ['nothing', {}, []],
    [
      'draining',
      { gateway: { ...gateway, ready: false, notReady: ['shutting down'] } },
      ['it takes no calls: shutting down'],
    ],
    ['a refused file', { config: { refused: 'x' } }, ['the configuration file has faults']],
    ['a full disk', { gateway: { ...gateway, ledgerWarning: 'The disk is full.' } }, ['calls are not recorded']],
    [
      'bodies that cannot be kept',
      { gateway: { ...gateway, bodies: { keepDays: 7, bytesMax: 1, totalBytesMax: 1, dropped: 1, warning: 'x' } } },
      ['something is wrong with kept bodies'],
    ],
    ['lost receipts', { gateway: { ...gateway, receiptsLost: 1 } }, ['receipts were lost']],
    ['an unreadable ledger', { ledgerFault: 'damaged' }, ['the ledger cannot be read in full']],
    ['no provider', { providers: [] }, ['no provider can be used']],
    [
      'one that went away',
      { providers: [provider(), provider({ id: 'openai', available: false })] },
      ['openai cannot be used any more'],
    ],
    [
      'a used-up balance',
      { providers: [provider({ quotas: quotas({ name: 'balance', unit: 'USD', remaining: -1 }) })] },
      ['a quota of kimi-coding is used up'],
    ],
    [
      'little left of a quota',
      { providers: [provider({ quotas: quotas({ ...FIVE_HOURS, remainingPercent: 4.6 }, FIVE_HOURS) })] },
      ['4 % of the quota of kimi-coding is left (5 hour)'],
    ],
    [
      'a limit that fills up again in a minute',
      {
        providers: [provider({ quotas: quotas({ ...FIVE_HOURS, remainingPercent: 4, resetsAtMs: NOW + MINUTE_MS }) })],
      },
      [],
    ],
    ['one that cools down', { providers: [provider({ cooling: [COOLING] })] }, ['kimi-coding cools down']],
    [
      'one that the next call decides on',
      { providers: [provider({ cooling: [ON_TRIAL] })] },
      ['kimi-coding was left alone, and its next call decides'],
    ],
    [
      'one that failed when it was asked last',
      { providers: [provider({ lastFailure: 'unreachable', today: { calls: 1, failed: 1 } })] },
      ['kimi-coding failed when it was asked last (unreachable)'],
    ],
    [
      'a window of the past',
      { providers: [provider({ quotas: quotas({ ...FIVE_HOURS, remainingPercent: 0, stale: true }) })] },
      [],
    ],
    ['failed calls, which are over', { lastError: { callId: 'req_1', at: NOW, text: 'x' } }, []],
  ]
  test.each(cases)('%s', (_, over, wrong) => {
    expect(wrongOf(facts(over))).toEqual([...wrong])
  })
})

test('the last error is not a call that its client left', () => {
  const failed = receipt({ ending: 'failed', status: 503, problem: { code: 'overloaded', what: 'x', fix: [] } })
  const calls = [receipt({ ending: 'abandoned' }), receipt(), failed].map(callLine)
  expect(lastErrorOf(calls, [])).toMatchObject({ callId: failed.id, code: 'overloaded' })
  expect(lastErrorOf(calls.slice(0, 2), [])).toBeUndefined()
})

test('the command is found without loading the others', async () => {
  expect((await findVerbs(['status', '--json'])).map(({ name }) => name)).toEqual(['status'])
  expect(await findVerbs(['constructor'])).toBe(VERBS)
  expect(await findVerbs([])).toBe(VERBS)
})

async function run(home: HomeFolder, ...words: readonly string[]) {
  const shell = fakeShell({ home: home.path, env: { ...home.env, NO_COLOR: '1' } })
  const exit = await runCli(['status', ...words], VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

describe('candor status without a gateway', () => {
  test('says so, and tells what the ledger and the configuration say', async () => {
    const home = homeFolder()
    home.configure('{ gateway: { prot: 1 } }')
    const now = Date.now()
    const opening = openLedger({ folder: home.dataDir, clock: manualClock(now) })
    if (!opening.ok) throw new Error(opening.refusal.what)
    await opening.store.settle(
      receipt({ at: now, ending: 'failed', problem: { code: 'overloaded', what: 'Too busy.', fix: [] } }),
    )
    await opening.store.close()
    const { exit, out } = await run(home)
    const json = await run(home, '--json')
    home.remove()
    expect(exit).toBe(69)
    expect(out).toContain('none runs. Start it: candor serve')
    expect(out).toContain('~/config/candor/candor.json5 has faults. See them: candor config check')
    expect(out).toContain('1 call, 1 failed')
    expect(out).toMatch(/last error {5}\d\d:\d\d:\d\d \+00:00 overloaded: kimi-coding\/kimi-for-coding: Too busy\./)
    expect(json.exit).toBe(69)
    expect(JSON.parse(json.out)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      wrong: ['no gateway runs', 'the configuration file has faults'],
      today: { calls: 1, failed: 1 },
    })
  })

  test('says what is known of the one that is gone', async () => {
    const home = homeFolder()
    mkdirSync(home.dataDir, { recursive: true })
    writeFileSync(join(home.dataDir, 'gateway.json'), JSON.stringify({ pid: 4_321, url: 'http://127.0.0.1:1' }))
    const { exit, out } = await run(home)
    home.remove()
    expect(exit).toBe(69)
    expect(out).toContain('process 4321 lives, but nothing answers at http://127.0.0.1:1')
    expect(out).toContain('no call was ever made')
  })
})

test('candor status asks the gateway that runs', async () => {
  const home = homeFolder()
  const sim = await startSim({ kind: 'moonshot' })
  home.configure(
    JSON.stringify({
      gateway: { port: 0 },
      bodies: { keepDays: 7 },
      models: { providers: { moonshot: { baseUrl: `${sim.origin}/v1`, apiKey: sim.key } } },
    }),
  )
  const shell = fakeShell({ home: home.path, env: home.env })
  const gateway = await opened(openGateway(appOptions(deskOf(shell))))
  try {
    const { exit, out } = await run(home)
    const json = await run(home, '--json')
    const named = await run(home, '--url', gateway.url)
    expect(out).toContain(`${gateway.url} is ready`)
    expect(out).toContain('moonshot')
    expect(out).toContain('bodies         kept for 7 days')
    expect({ exit, named: named.exit }).toEqual({ exit: 0, named: 0 })
    expect(JSON.parse(json.out)).toMatchObject({
      ok: true,
      wrong: [],
      gateway: { url: gateway.url, pid: process.pid, ready: true, bodies: { keepDays: 7, dropped: 0 } },
      providers: [{ id: 'moonshot', available: true }],
    })
    expect(named.out).not.toContain('pid')
  } finally {
    await gateway.close()
    await sim.stop()
    home.remove()
  }
})
