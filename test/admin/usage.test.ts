import { describe, expect, test } from 'bun:test'
import { type KeyInfoSource, keyInfoView, userInfoView } from '../../src/admin/key-info.ts'
import { type UsageView, usageView } from '../../src/admin/usage.ts'
import { usageSpan } from '../../src/admin/usage-span.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { USAGE_ANSWERS } from '../../src/http/usage-answers.ts'
import type { Budget, GatewayKey } from '../../src/ledger/gateway-key.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import { testLedger } from '../ledger/test-ledger.ts'

/** A Friday, in whatever time zone the tests run. */
const NOW = new Date(2026, 10, 20, 12, 30).getTime()
const local = (...parts: [number, number, number, number?, number?]) => new Date(...parts).getTime()

describe('from when to when', () => {
  test.each([
    [{}, 'today', local(2026, 10, 20)],
    [{ period: 'today' }, 'today', local(2026, 10, 20)],
    [{ period: 'week' }, 'week', local(2026, 10, 16)],
    [{ period: 'month' }, 'month', local(2026, 10, 1)],
    [{ period: 'all' }, 'all', undefined],
  ] as const)('%j begins where the calendar says', (asked, period, since) => {
    expect(usageSpan(asked, NOW)).toEqual({ period, ...(since === undefined ? {} : { since }), until: NOW + 1 })
  })

  test.each([
    [{ since: '2026-11-02' }, local(2026, 10, 2), NOW + 1],
    [{ since: '2026-11-02', until: '2026-11-03' }, local(2026, 10, 2), local(2026, 10, 4)],
    [{ until: '2026-11-02T10:15' }, undefined, local(2026, 10, 2, 10, 15)],
    [{ since: '2026-11-02T10:15:00Z' }, Date.UTC(2026, 10, 2, 10, 15), NOW + 1],
    [{ since: '2026-12-31', until: '2026-12-31' }, local(2026, 11, 31), local(2027, 0, 1)],
  ] as const)('%j is as it is written', (asked, since, until) => {
    expect(usageSpan(asked, NOW)).toEqual({ period: 'custom', ...(since === undefined ? {} : { since }), until })
  })

  test('a week begins on Monday also on a Sunday', () => {
    expect(usageSpan({ period: 'week' }, local(2026, 10, 22, 9))).toMatchObject({ since: local(2026, 10, 16) })
  })

  test.each([
    [{ period: 'year' }, 'period'],
    [{ period: 'week', since: '2026-11-02' }, 'period'],
    [{ since: 'yesterday' }, 'since'],
    [{ since: '2026-02-30' }, 'since'],
    [{ since: '2026-13-01' }, 'since'],
    [{ until: '1700000000' }, 'until'],
  ] as const)('%j is not understood', (asked, path) => {
    expect(usageSpan(asked, NOW)).toMatchObject({ code: 'bad_request', paths: [path] })
  })
})

const ANN = { id: 'key_ann', name: 'ann' }

async function viewOf(...args: Parameters<typeof usageView>): Promise<UsageView> {
  const view = await usageView(...args)
  if (isProblem(view)) throw new Error(view.what)
  return view
}

/** A ledger with a metered call, one nobody knows the price of, one of a plan, and one of yesterday. */
async function someUsage() {
  const it = testLedger(manualClock(NOW))
  const metered = { servedModel: 'openai/gpt-9', billing: 'metered' } as const
  const yesterday = local(2026, 10, 19, 12)
  await it.store.settle(
    receipt({ at: NOW, ...metered, key: ANN, cost: { type: 'metered', nanoUsd: 1_500_000_000, source: 'list' } }),
  )
  await it.store.settle(receipt({ at: NOW, ...metered, cost: { type: 'unknown', reason: 'no price' } }))
  await it.store.settle(receipt({ at: NOW, key: ANN }))
  await it.store.settle(receipt({ at: yesterday, ...metered, cost: { type: 'unknown', reason: 'no price' } }))
  return it
}

describe('the view of usage', () => {
  test('has a row a group, a total, and the time zone whose days it goes by', async () => {
    await using it = await someUsage()
    const view = await viewOf({ by: 'provider' }, it.store, NOW)
    expect(view).toMatchObject({
      object: 'usage',
      period: 'today',
      since: new Date(local(2026, 10, 20)).toISOString(),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      by: 'provider',
      rows: [
        { group: 'openai', calls: 2, costUsd: 1.5, unpriced: 1, lanes: { metered: 2, plan: 0 } },
        { group: 'kimi-coding', calls: 1, costUsd: 0, unpriced: 0, lanes: { metered: 0, plan: 1 } },
      ],
      total: { calls: 3, costUsd: 1.5, costNanoUsd: 1_500_000_000, unpriced: 1, tokens: { input: 36, output: 102 } },
    })
  })

  test('does not show a cost of zero where no price is known', async () => {
    await using it = await someUsage()
    const { rows, total } = await viewOf({ until: '2026-11-19', by: 'model' }, it.store, NOW)
    expect(rows).toMatchObject([{ group: 'openai/gpt-9', calls: 1, unpriced: 1, costUsd: null }])
    expect(total.costUsd).toBeNull()
  })

  test('names keys as their newest receipt does', async () => {
    await using it = await someUsage()
    const { rows } = await viewOf({ by: 'key', period: 'all' }, it.store, NOW)
    expect(rows.map(({ group, name, calls }) => [group, name, calls])).toEqual([
      ['', undefined, 2],
      ['key_ann', 'ann', 2],
    ])
  })

  test('tells what it cannot group by', async () => {
    await using it = await someUsage()
    expect(await usageView({ by: 'colour' }, it.store, NOW)).toMatchObject({ code: 'bad_request', paths: ['by'] })
  })
})

const KEY: GatewayKey = {
  ...ANN,
  hint: 'cnd_ab12…',
  createdAt: Date.UTC(2026, 0, 1),
  owner: 'Ann',
  tags: ['team-a'],
  expiresAt: Date.UTC(2027, 0, 1),
  models: ['coder', 'openai/*'],
  limits: { requestsPerMinute: 60, inputTokensPerMinute: 1_000, outputTokensPerMinute: 500, concurrency: 4 },
  budgets: [
    { period: 'day', unit: 'usd', most: 5e9, kind: 'hard' },
    { period: 'month', unit: 'usd', most: 100e9, kind: 'hard' },
    { period: 'week', unit: 'usd', most: 20e9, kind: 'soft' },
    { period: 'day', unit: 'tokens', most: 10, kind: 'hard' },
  ],
  admin: false,
}

/** What is spent of each dollar budget, and over all. */
function source(spent: Partial<Record<Budget['period'], number>>): KeyInfoSource {
  return {
    spent: async (_, { period }) => spent[period] ?? 0,
    ledger: { charged: async () => ({ nanoUsd: 7e9, tokens: 70 }) },
    now: () => Date.UTC(2026, 10, 20, 12),
  }
}

describe('what a key is told of itself', () => {
  test('has the fields of a LiteLLM key, with the hard budget that has the least left', async () => {
    expect(await keyInfoView(KEY, source({ day: 1e9, month: 90e9, week: 3e9 }))).toEqual({
      key: 'key_ann',
      info: {
        key_name: 'cnd_ab12…',
        key_alias: 'ann',
        user_id: 'key_ann',
        team_id: null,
        spend: 90,
        max_budget: 100,
        soft_budget: 20,
        budget_duration: '1mo',
        budget_reset_at: '2026-12-01T00:00:00.000Z',
        expires: '2027-01-01T00:00:00.000Z',
        blocked: false,
        created_at: '2026-01-01T00:00:00.000Z',
        models: ['coder', 'openai/*'],
        tpm_limit: 1_500,
        rpm_limit: 60,
        max_parallel_requests: 4,
        metadata: { owner: 'Ann', tags: ['team-a'] },
      },
    })
  })

  test.each([
    [[], { spend: 7, max_budget: null, soft_budget: null, budget_duration: null, budget_reset_at: null }],
    [
      [KEY.budgets[2]],
      {
        spend: 3,
        max_budget: null,
        soft_budget: 20,
        budget_duration: '7d',
        budget_reset_at: '2026-11-23T00:00:00.000Z',
      },
    ],
    [
      [{ period: 'total', unit: 'usd', most: 0, kind: 'hard' }, KEY.budgets[0]],
      { spend: 0, max_budget: 0, budget_duration: null, budget_reset_at: null },
    ],
  ] as const)('of budgets %j', async (budgets, purse) => {
    const own = budgets.flatMap(budget => budget ?? [])
    const { info } = await keyInfoView({ ...KEY, budgets: own }, source({ week: 3e9 }))
    expect(info).toMatchObject(purse)
  })

  test('its user is the key itself', async () => {
    expect(await userInfoView(KEY, source({ day: 4e9 }))).toEqual({
      user_id: 'key_ann',
      user_info: {
        user_id: 'key_ann',
        user_alias: 'ann',
        user_email: null,
        spend: 4,
        max_budget: 5,
        soft_budget: 20,
        budget_duration: '1d',
        budget_reset_at: '2026-11-21T00:00:00.000Z',
        models: ['coder', 'openai/*'],
      },
      keys: [],
      teams: [],
    })
  })
})

describe('over HTTP', () => {
  const admin = { ...KEY, id: 'key_root', admin: true }

  async function ask(name: keyof typeof USAGE_ANSWERS, query: string, key: GatewayKey | undefined) {
    await using it = await someUsage()
    const know = {
      ...source({ day: 4e9 }),
      ledger: it.store,
      now: () => NOW,
      quotaHistory: () => ({ since: NOW, now: NOW, windows: [] }),
    }
    const caller = { admin: key?.admin ?? true, mayChange: key?.admin ?? false, ...(key === undefined ? {} : { key }) }
    const asked = {
      rest: '',
      headers: new Headers(),
      query: new URLSearchParams(query),
      caller,
      mayStill: () => true,
      body: new Uint8Array(),
    }
    const response = await USAGE_ANSWERS[name](know, asked)
    return { status: response.status, body: await response.json() }
  }

  test.each([
    ['an administrator', admin, 4],
    ['whoever needs no key', undefined, 4],
    ['a key', KEY, 2],
    ['a key without calls', { ...KEY, id: 'key_new' }, 0],
  ])('%s sees the calls that are its own business', async (_, key, calls) => {
    expect(await ask('usage', 'period=all', key)).toMatchObject({ status: 200, body: { total: { calls } } })
  })

  test.each([
    ['usage', 'period=year', KEY, 400, 'bad_request'],
    ['usage', 'by=colour', KEY, 400, 'bad_request'],
    ['keyInfo', '', undefined, 400, 'bad_request'],
    ['userInfo', '', undefined, 400, 'bad_request'],
    ['userInfo', 'user_id=key_bob', KEY, 403, 'forbidden'],
  ] as const)('%s?%s is refused', async (name, query, key, status, code) => {
    expect(await ask(name, query, key)).toMatchObject({ status, body: { error: { candor: { code } } } })
  })

  test.each([
    ['keyInfo', '', { info: { key_alias: 'ann', spend: 4, user_id: 'key_ann' } }],
    ['userInfo', '', { user_info: { user_id: 'key_ann', spend: 4 } }],
    ['userInfo', 'user_id=key_ann', { user_id: 'key_ann' }],
  ] as const)('%s?%s is answered', async (name, query, body) => {
    expect(await ask(name, query, KEY)).toMatchObject({ status: 200, body })
  })
})
