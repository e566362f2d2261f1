import { describe, expect, test } from 'bun:test'
import { type AgedQuotaView, quotaList } from '../../src/admin/quota-views.ts'
import { usageCsv } from '../../src/admin/usage-csv.ts'
import { openGateway } from '../../src/app/gateway.ts'
import { appOptions, opened } from '../../src/cli/gateway-access.ts'
import type { Paint } from '../../src/cli/print.ts'
import { runCli } from '../../src/cli/run.ts'
import { judge } from '../../src/cli/usage/guard.ts'
import { quotaLines } from '../../src/cli/usage/quota-bars.ts'
import { costWords } from '../../src/cli/usage/usage-table.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import type { QuotaWindow } from '../../src/upstream/quota.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import { deskOf, fakeShell, keptOutput } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

const NOW = new Date(2026, 10, 20, 12, 30).getTime()
const HOUR_MS = 3_600_000
const KEY = 'cnd_0123456789abcdefgh'
const metered = { servedModel: 'openai/gpt-9', billing: 'metered' } as const

/** A home with the ledger of a gateway that has stopped. */
async function usedHome() {
  const home = homeFolder()
  const opening = openLedger({ folder: home.dataDir, clock: manualClock(NOW) })
  if (!opening.ok) throw new Error(opening.refusal.what)
  const { store } = opening
  const client = 'agent, "the best"/1.0'
  await store.settle(
    receipt({ at: NOW - 1_000, client, ...metered, cost: { type: 'metered', nanoUsd: 1_234_000_000, source: 'list' } }),
  )
  await store.settle(receipt({ at: NOW - 2_000, ...metered, usage: {}, cost: { type: 'unknown', reason: 'no usage' } }))
  await store.settle(receipt({ at: NOW - 3_000, key: { id: 'key_ann', name: 'ann' } }))
  await store.settle(receipt({ at: NOW - 72 * HOUR_MS, key: { id: 'key_ann', name: 'ann' } }))
  await store.close()
  return { ...home, [Symbol.dispose]: home.remove }
}

async function run(home: { readonly path: string; readonly env: object }, ...argv: readonly string[]) {
  const env = { ...home.env, NO_COLOR: '1' }
  const shell = fakeShell({ home: home.path, env, clock: manualClock(NOW) })
  const exit = await runCli(argv, VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

describe('candor usage without a gateway', () => {
  test('shows a row a group and the total', async () => {
    using home = await usedHome()
    const { exit, out, err } = await run(home, 'usage')
    expect(out.split('\n')).toEqual([
      'openai\t2\t0\t0\t112\t100\t34\t$1.23 + 1 unpriced',
      'kimi-coding\t1\t0\t0\t112\t100\t34\tplan',
      'total\t3\t0\t0\t224\t200\t68\t$1.23, plan + 1 unpriced',
      '',
    ])
    expect(err).toContain('since 2026-11-20 00:00:00 +00:00; days are those of')
    expect(err).toContain('Of 1 call the provider did not tell all the usage')
    expect(exit).toBe(0)
  })

  test.each([
    [
      ['month', '--by', 'key'],
      ['(none)\t2', 'ann (key_ann)\t2', 'total\t4'],
    ],
    [
      ['week', '--by', 'day'],
      ['2026-11-17\t1', '2026-11-20\t3', 'total\t4'],
    ],
    [
      ['--since', '2026-11-17', '--until', '2026-11-17', '--by', 'model'],
      ['kimi-coding/kimi-for-coding\t1', 'total\t1'],
    ],
    [
      ['--since', '2026-11-18', '--by', 'billing'],
      ['metered\t2', 'plan\t1', 'total\t3'],
    ],
  ])('%j', async (words, starts) => {
    using home = await usedHome()
    const { exit, out } = await run(home, 'usage', ...words)
    const lines = out.trim().split('\n')
    expect(lines.map((line, n) => line.slice(0, starts[n]?.length))).toEqual(starts)
    expect(exit).toBe(0)
  })

  test('as JSON is the answer of /candor/usage', async () => {
    using home = await usedHome()
    const { exit, out } = await run(home, 'usage', 'all', '--json')
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      object: 'usage',
      period: 'all',
      by: 'provider',
      total: { calls: 4, costUsd: 1.234, unpriced: 1, usageUnknown: 1 },
    })
    expect(exit).toBe(0)
  })

  test('as CSV keeps what is odd in a name, and leaves a cost empty that is not known', async () => {
    using home = await usedHome()
    const { out } = await run(home, 'usage', '--by', 'client', '--csv')
    const [head, ...lines] = out.trimEnd().split('\r\n')
    expect(head).toStartWith('group,name,calls,failed,')
    expect(lines.map(line => line.split(',').slice(0, 3))).toEqual([
      ['curl', '', '2'],
      ['agent', '', '1'],
    ])
    expect(usageCsv([])).toBe(`${head}\r\n`)
  })

  test('says so where nothing was used, and where there is no ledger', async () => {
    using home = await usedHome()
    const none = await run(home, 'usage', '--since', '2026-11-19', '--until', '2026-11-19')
    expect(none).toMatchObject({ exit: 0, out: '', err: expect.stringContaining('No call has ended') })
    const empty = homeFolder()
    expect(await run(empty, 'usage')).toMatchObject({ exit: 69, err: expect.stringContaining('candor serve') })
    empty.remove()
  })

  test.each([
    [['quotta'], 'There is no period "quotta"'],
    [['--by', 'colour'], 'cannot be grouped by "colour"'],
    [['week', '--since', '2026-11-19'], 'two answers to one question'],
    [['--csv', '--json'], 'two forms of one answer'],
    [['--since', 'yesterday'], 'no moment for since'],
  ])('%j is wrong usage', async (words, says) => {
    using home = await usedHome()
    expect(await run(home, 'usage', ...words)).toMatchObject({ exit: 2, err: expect.stringContaining(says) })
  })
})

describe('candor usage beside a running gateway', () => {
  test('asks it, and a key sees what is its own business', async () => {
    const openAi = await startSim({ kind: 'openai' })
    using home = { ...homeFolder(), [Symbol.dispose]: () => home.remove() }
    home.configure(`{ models: { providers: {
      openai: { baseUrl: "${openAi.origin}/v1", apiKey: "${openAi.key}", api: "openai-completions" },
    } }, gateway: { port: 0, keys: ["${KEY}"] } }`)
    const shell = fakeShell({ home: home.path, env: { ...home.env, NO_COLOR: '1' } })
    const gateway = await opened(openGateway(appOptions(deskOf(shell))))
    const headers = { authorization: `Bearer ${KEY}`, 'user-agent': 'agent/1.0' }
    const body = JSON.stringify({ model: 'openai/gpt-5', messages: [{ role: 'user', content: 'Hi' }] })
    await (await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body })).text()

    expect(await runCli(['usage', '--by', 'client', '--json'], VERBS, shell)).toBe(0)
    expect(JSON.parse(shell.stdout.text())).toMatchObject({ rows: [{ group: 'agent', calls: 1 }], total: { calls: 1 } })
    const told = async (path: string) => await (await fetch(gateway.url + path, { headers })).json()
    expect(await told('/candor/usage?by=key')).toMatchObject({ rows: [{ group: 'config-1', calls: 1 }] })
    expect(await told('/key/info')).toMatchObject({ key: 'config-1', info: { user_id: 'config-1', max_budget: null } })
    expect(await told('/user/info?user_id=config-1')).toMatchObject({ user_info: { user_id: 'config-1' } })
    await gateway.close()
    await openAi.stop()
  })
})

describe('a cost in words', () => {
  const lanes = { plan: 0, metered: 0, free: 0, local: 0 }
  test.each([
    [{ costNanoUsd: 0, unpriced: 0, lanes }, '-'],
    [{ costNanoUsd: 0, unpriced: 0, lanes: { ...lanes, plan: 3 } }, 'plan'],
    [{ costNanoUsd: 0, unpriced: 2, lanes: { ...lanes, metered: 2 } }, '2 unpriced'],
    [{ costNanoUsd: 0, unpriced: 0, lanes: { ...lanes, metered: 2 } }, '$0'],
    [
      { costNanoUsd: 2e9, unpriced: 1_200, lanes: { ...lanes, metered: 3_000, local: 1 } },
      '$2.00, local + 1,200 unpriced',
    ],
  ])('%j', (sums, words) => {
    expect(costWords({ ...NO_SUMS, ...sums })).toBe(words)
  })
})

const NO_SUMS = {
  calls: 1,
  failed: 0,
  fallbacks: 0,
  cacheHits: 0,
  tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
  usageUnknown: 0,
  chargedNanoUsd: 0,
  chargedTokens: 0,
  costUsd: 0,
}

const five = { name: '5 hour', unit: 'percent', remainingPercent: 63, resetsAtMs: NOW + 130 * 60_000 }
const weekly = { name: 'weekly', unit: 'requests', limit: 2_048, remaining: 102, remainingPercent: 4.98 }

function quota(windows: readonly QuotaWindow[], more: Partial<AgedQuotaView> = {}): AgedQuotaView {
  return {
    provider: 'kimi-coding',
    credential: 'default',
    billing: 'plan',
    windows,
    source: 'endpoint',
    at: NOW,
    ageMs: 90_000,
    stale: false,
    ...more,
  }
}

describe('quota bars', () => {
  const on = (paint: Paint, output = keptOutput()) => ({ now: NOW, paint, output })
  const plain: Paint = (_, text) => text
  const styled = (style: string, text: string) => `<${style}>${text}</${style}>`

  test('show what is left, when it resets, and how old it is', () => {
    const balance = { name: 'balance', unit: 'USD', remaining: 12.3 }
    const views = [
      quota([five, weekly], { plan: 'Moderato' }),
      quota([balance], { provider: 'deepseek', billing: 'metered' }),
    ]
    expect(quotaLines(views, on(plain))).toEqual([
      'kimi-coding default (plan: Moderato)  told 1 min 30 s ago',
      '  5 hour   █████████████░░░░░░░  63 % left, resets in 2 h 10 min',
      '  weekly   █░░░░░░░░░░░░░░░░░░░  4 % left (102 of 2,048 requests)',
      'deepseek default (metered)  told 1 min 30 s ago',
      '  balance                        12.30 USD left',
    ])
  })

  test('are dimmed where they are stale, and coloured by what is left', () => {
    const lines = quotaLines([quota([five, weekly]), quota([five], { stale: true, fault: 'status 503' })], on(styled))
    expect(lines[1]).toContain('<green>')
    expect(lines[2]).toContain('<red>')
    expect(lines[3]).toContain(', stale')
    expect(lines[4]).toStartWith('<dim>')
    expect(lines[4]).toContain('(stale)')
    expect(lines[5]).toContain('status 503')
  })

  test('go on below their words where the terminal is too narrow', () => {
    expect(quotaLines([quota([weekly])], on(plain, keptOutput(true, 60))).slice(1)).toEqual([
      '  weekly  █░░░░░░░░░░░░░░░░░░░  4 % left (102 of 2,048',
      '                                requests)',
    ])
  })
})

/** A gateway's answers about quotas, over a real socket. */
function quotaGateway(views: readonly AgedQuotaView[]) {
  const asked: string[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request) {
      const { pathname, search } = new URL(request.url)
      asked.push(pathname + search)
      if (pathname === '/livez') return new Response('ok\n')
      if (pathname === '/candor/providers') return Response.json({ data: [{ id: 'kimi-coding' }, { id: 'deepseek' }] })
      return Response.json(quotaList(views, NOW))
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, asked, [Symbol.asyncDispose]: () => server.stop(true) }
}

describe('over a gateway', () => {
  const views = [quota([five]), quota([weekly], { provider: 'minimax', plan: 'Max' })]

  test.each([
    [['quota'], 'kimi-coding\tdefault\t5 hour\t63\t-\tpercent', 0],
    [['quota', 'minimax'], 'minimax\tdefault\tweekly\t4.98\t102\trequests\t-\tfresh', 0],
    [['quota', 'deepseek'], '', 69],
    [['guard', '--provider', 'kimi-coding', '--min-remaining', '10'], '63 % left', 0],
    [['guard', '--provider', 'minimax', '--min-remaining', '10'], 'less than the 10 % wanted', 1],
    [['guard', '--provider', 'deepseek', '--min-remaining', '10'], 'not told what is left', 69],
    [['quota', 'deepsek'], '', 2],
    [['guard', '--provider', 'deepsek', '--min-remaining', '10'], '', 64],
  ])('candor usage %j', async (words, says, exit) => {
    using home = await usedHome()
    await using gateway = quotaGateway(views)
    const done = await run(home, 'usage', ...words, '--url', gateway.url)
    expect(done.out).toContain(says)
    expect(done.exit).toBe(exit)
    expect(gateway.asked.filter(path => path !== '/candor/providers')).toEqual(['/livez', '/candor/quotas'])
  })

  test('--refresh asks the providers, and --json tells everything', async () => {
    using home = await usedHome()
    await using gateway = quotaGateway(views)
    const told = await run(home, 'usage', 'quota', '--refresh', '--json', '--url', gateway.url)
    expect(JSON.parse(told.out)).toMatchObject({
      quotas: views.map(({ provider, windows }) => ({ provider, windows })),
    })
    const words = ['--provider', 'minimax', '--min-remaining', '10', '--refresh', '--json', '--url', gateway.url]
    const guarded = await run(home, 'usage', 'guard', ...words)
    expect(JSON.parse(guarded.out)).toMatchObject({ verdict: 'too-little', remainingPercent: 4.98, minRemaining: 10 })
    expect(gateway.asked.filter(path => path !== '/livez')).toEqual(Array(2).fill('/candor/quotas?refresh=true'))
  })
})

describe('the guard', () => {
  const rate = { name: 'requests', unit: 'requests', remainingPercent: 1 }
  test.each([
    ['every window has enough', [quota([five])], 'enough', 63],
    ['the tightest window counts', [quota([five, weekly])], 'too-little', 4.98],
    ['the best key counts', [quota([weekly]), quota([five], { credential: 'work' })], 'enough', 63],
    [
      'a rate for a minute does not count beside a quota',
      [quota([five]), quota([rate], { source: 'headers' })],
      'enough',
      63,
    ],
    ['a rate counts where nothing else is told', [quota([rate], { source: 'headers' })], 'too-little', 1],
    ['what is for pictures does not count', [quota([five, { ...weekly, aside: true }])], 'enough', 63],
    ['what is stale is not known', [quota([five], { stale: true })], 'unknown', undefined],
    ['a stale window is not known', [quota([{ ...five, stale: true }])], 'unknown', undefined],
    ['a balance has no percent', [quota([{ name: 'balance', unit: 'USD', remaining: 12 }])], 'unknown', undefined],
    ['nothing is told', [], 'unknown', undefined],
  ] as const)('%s', (_, views, verdict, remaining) => {
    const judged = judge(views, 'kimi-coding', 10, NOW)
    expect(judged.verdict).toBe(verdict)
    expect(judged.remainingPercent).toBe(remaining)
    expect(judged.why).toStartWith('kimi-coding: ')
  })

  test.each([
    ['nothing', [], 'not told what is left'],
    ['a balance', [quota([{ name: 'balance', unit: 'USD', remaining: 12 }])], 'of how much is not told'],
    ['an old window', [quota([{ ...five, stale: true }])], 'told too long ago'],
  ] as const)('why %s tells too little', (_, views, why) => {
    expect(judge(views, 'kimi-coding', 10, NOW).why).toContain(why)
  })

  test('as much as is wanted is enough', () => {
    expect(judge([quota([five])], 'kimi-coding', 63, NOW).verdict).toBe('enough')
  })

  test.each([
    [['--provider', 'kimi-coding'], '--min-remaining is missing'],
    [['--min-remaining', '10'], '--provider is missing'],
    [['--provider', 'kimi-coding', '--min-remaining', 'ten'], 'must be a whole number'],
    [['--provider', 'kimi-coding', '--min-remaining', '101'], 'must be a whole number'],
  ])('%j is wrong usage, with the code for that', async (words, says) => {
    using home = await usedHome()
    expect(await run(home, 'usage', 'guard', ...words)).toMatchObject({ exit: 64, err: expect.stringContaining(says) })
  })

  test('a gateway that is not there is not known', async () => {
    using home = await usedHome()
    const words = ['--provider', 'kimi-coding', '--min-remaining', '10', '--url', 'http://127.0.0.1:1']
    expect(await run(home, 'usage', 'guard', ...words)).toMatchObject({ exit: 69 })
  })
})
