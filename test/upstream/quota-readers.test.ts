import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { JsonValue } from '../../src/base/json-value.ts'
import { PROVIDERS } from '../../src/catalog/index.ts'
import type { QuotaReading, QuotaWindow } from '../../src/upstream/quota.ts'
import { windowName } from '../../src/upstream/quota-numbers.ts'
import { QUOTA_READERS } from '../../src/upstream/quota-readers.ts'

const NOW = Date.parse('2026-11-23T00:00:00Z')
const HOUR = 3_600_000
const SOON = NOW + 2 * HOUR

function read(shape: string, body: JsonValue): QuotaReading | undefined {
  const reader = QUOTA_READERS.get(shape)
  if (reader === undefined) throw new Error(`no reader ${shape}`)
  return reader(body, NOW)
}

interface Row {
  readonly what: string
  readonly shape: string
  readonly body: JsonValue
  readonly plan?: string
  readonly windows: readonly QuotaWindow[]
}

const week = { name: 'weekly', unit: 'units' }
const hours = { name: '5 hour', unit: 'units' }

const ROWS: readonly Row[] = [
  {
    what: 'counts as text, resets to the nanosecond (steipete/CodexBar, docs/kimi.md)',
    shape: 'kimi-usages',
    body: {
      user: { membership: { level: 'LEVEL_INTERMEDIATE' } },
      usage: { limit: '2048', used: '214', remaining: '1834', resetTime: '2026-11-29T15:23:13.716839300Z' },
      limits: [
        {
          window: { duration: 300, timeUnit: 'TIME_UNIT_MINUTE' },
          detail: { limit: '200', used: '139', remaining: '61', resetTime: '2026-11-23T03:33:02.717479433Z' },
        },
      ],
    },
    plan: 'LEVEL_INTERMEDIATE',
    windows: [
      {
        ...hours,
        limit: 200,
        used: 139,
        remaining: 61,
        remainingPercent: 30.5,
        resetsAtMs: Date.parse('2026-11-23T03:33:02.717Z'),
      },
      {
        ...week,
        limit: 2048,
        used: 214,
        remaining: 1834,
        remainingPercent: 89.55,
        resetsAtMs: Date.parse('2026-11-29T15:23:13.716Z'),
      },
    ],
  },
  {
    what: 'no `used`: it is the difference; other lengths; use bought on top',
    shape: 'kimi-usages',
    body: {
      usage: { limit: '100', remaining: '42' },
      limits: [
        { window: { duration: 24, timeUnit: 'HOUR' }, detail: { used: 2, limit: 50 } },
        { window: { duration: 7, timeUnit: 'TIME_UNIT_DAY' }, detail: { remaining: '7' } },
        { window: { duration: 90, timeUnit: 'MINUTE' }, detail: { used: '0', limit: '0' } },
        { window: { duration: 3, timeUnit: 'FORTNIGHT' }, detail: { used: 1, limit: 2 } },
        { detail: { used: 1, limit: 2 } },
      ],
      boosterWallet: { balance: { type: 'BALANCE_BOOSTER', amount: '1000', amountLeft: '500' } },
    },
    windows: [
      { name: 'daily', unit: 'units', limit: 50, used: 2, remaining: 48, remainingPercent: 96 },
      { name: 'weekly', unit: 'units', remaining: 7 },
      { name: '90 minute', unit: 'units', limit: 0, used: 0, remaining: 0 },
      { ...week, limit: 100, used: 58, remaining: 42, remainingPercent: 42 },
      { name: 'extra usage', unit: 'percent', remainingPercent: 50 },
    ],
  },
  {
    what: 'percentages used, and the month of tool calls aside (farion1231/cc-switch, coding_plan.rs)',
    shape: 'zai-quota',
    body: {
      code: 200,
      success: true,
      data: {
        level: 'pro',
        limits: [
          { type: 'TOKENS_LIMIT', unit: 3, number: 5, percentage: 12.5, nextResetTime: SOON },
          { type: 'TOKENS_LIMIT', unit: 6, number: 7, percentage: 95, nextResetTime: SOON },
          { type: 'TIME_LIMIT', unit: 5, number: 1, usage: 100, currentValue: 20, remaining: 80, percentage: 20 },
        ],
      },
    },
    plan: 'pro',
    windows: [
      { name: '5 hour', unit: 'percent', remainingPercent: 87.5, resetsAtMs: SOON },
      { name: 'weekly', unit: 'percent', remainingPercent: 5, resetsAtMs: SOON },
      {
        name: 'monthly tool calls',
        unit: 'calls',
        limit: 100,
        used: 20,
        remaining: 80,
        remainingPercent: 80,
        aside: true,
      },
    ],
  },
  {
    what: 'credits with their counts; a unit nobody knows',
    shape: 'zai-quota',
    body: {
      data: {
        limits: [
          { type: 'credit_limit', unit: 3, number: 5, usage: 2000, remaining: 400, percentage: 80 },
          { type: 'TOKENS_LIMIT', unit: 9, number: 1, percentage: 3, currentValue: 7, nextResetTime: -1 },
          { type: 'MOON_LIMIT', percentage: 3 },
        ],
      },
    },
    windows: [
      { name: '5 hour', unit: 'credits', limit: 2000, used: 1600, remaining: 400, remainingPercent: 20 },
      { name: 'tokens', unit: 'percent', remainingPercent: 97 },
    ],
  },
  {
    what: 'percentages that remain; only the general entry limits models',
    shape: 'minimax-remains',
    body: {
      base_resp: { status_code: 0, status_msg: 'success' },
      model_remains: [
        { model_name: 'video', current_interval_remaining_percent: 1, end_time: SOON, start_time: SOON - 24 * HOUR },
        {
          model_name: 'general',
          current_interval_total_count: 0,
          current_interval_remaining_percent: 25,
          end_time: SOON,
          current_weekly_status: 1,
          current_weekly_remaining_percent: 40,
          weekly_end_time: SOON + HOUR,
        },
      ],
    },
    windows: [
      { name: 'daily (video)', unit: 'percent', remainingPercent: 1, resetsAtMs: SOON, aside: true },
      { name: '5 hour', unit: 'percent', remainingPercent: 25, resetsAtMs: SOON },
      { name: 'weekly', unit: 'percent', remainingPercent: 40, resetsAtMs: SOON + HOUR },
    ],
  },
  {
    what: 'counts called usage are what remains (MiniMax-AI/MiniMax-M2#99); no week under another status',
    shape: 'minimax-remains',
    body: {
      model_remains: [
        {
          model_name: 'MiniMax-M2',
          start_time: SOON - 5 * HOUR,
          end_time: SOON,
          current_interval_total_count: 100,
          current_interval_usage_count: 93,
          current_weekly_status: 3,
          current_weekly_remaining_percent: 100,
        },
      ],
    },
    windows: [
      { name: '5 hour', unit: 'requests', limit: 100, used: 7, remaining: 93, remainingPercent: 93, resetsAtMs: SOON },
    ],
  },
  {
    what: 'shares used of three windows',
    shape: 'opencode-go-usage',
    body: {
      workspaceID: 'w',
      usage: {
        rolling: { status: 'ok', percent: 10, resetsAt: '2026-11-23T02:00:00Z' },
        weekly: { status: 'rate-limited', percent: '100' },
        monthly: { status: 'ok' },
      },
    },
    windows: [
      { name: '5 hour', unit: 'percent', remainingPercent: 90, resetsAtMs: SOON },
      { name: 'weekly', unit: 'percent', remainingPercent: 0 },
    ],
  },
  {
    what: 'a key with a monthly limit (openrouter.ai/docs, get current key)',
    shape: 'openrouter-key',
    body: {
      data: {
        limit: 100,
        limit_remaining: 74.5,
        limit_reset: 'monthly',
        usage: 25.5,
        usage_daily: 1.5,
        usage_weekly: 3,
        usage_monthly: 25.5,
        is_free_tier: false,
      },
    },
    windows: [
      { name: 'monthly', unit: 'USD', limit: 100, used: 25.5, remaining: 74.5, remainingPercent: 74.5 },
      { name: 'daily', unit: 'USD', used: 1.5 },
      { name: 'weekly', unit: 'USD', used: 3 },
    ],
  },
  {
    what: 'a key without a limit',
    shape: 'openrouter-key',
    body: {
      data: {
        limit: null,
        limit_remaining: null,
        limit_reset: null,
        usage_daily: 0,
        is_free_tier: true,
        effective_budget: { remaining_usd: 2.25 },
      },
    },
    plan: 'free tier',
    windows: [
      { name: 'budget', unit: 'USD', remaining: 2.25 },
      { name: 'daily', unit: 'USD', used: 0 },
    ],
  },
  {
    what: 'credits without a limit to measure by',
    shape: 'openrouter-credits',
    body: { data: { total_credits: 100.3, total_usage: 100.1 } },
    windows: [{ name: 'credits', unit: 'USD', used: 100.1, remaining: 0.2 }],
  },
  {
    what: 'a balance a currency (api-docs.deepseek.com/api/get-user-balance)',
    shape: 'deepseek-balance',
    body: {
      is_available: true,
      balance_infos: [
        { currency: 'CNY', total_balance: '110.00', granted_balance: '10.00', topped_up_balance: '100.00' },
        { currency: 'yuan', total_balance: '1.00' },
      ],
    },
    windows: [{ name: 'balance', unit: 'CNY', remaining: 110 }],
  },
  {
    what: 'an account in debt',
    shape: 'moonshot-balance',
    body: { code: 0, data: { available_balance: -0.5, voucher_balance: 0, cash_balance: -0.5 }, status: true },
    windows: [{ name: 'balance', unit: 'USD', remaining: -0.5 }],
  },
  {
    what: 'the same in yuan',
    shape: 'moonshot-balance-cny',
    body: { code: 0, data: { available_balance: 49.58894 } },
    windows: [{ name: 'balance', unit: 'CNY', remaining: 49.58894 }],
  },
  {
    what: 'an account',
    shape: 'stepfun-account',
    body: { object: 'account', balance: 12.5, total_cash_balance: 12.5 },
    windows: [{ name: 'balance', unit: 'CNY', remaining: 12.5 }],
  },
]

test.each(ROWS)('$shape: $what', ({ shape, body, plan, windows }) => {
  expect(read(shape, body)).toEqual({ ...(plan === undefined ? {} : { plan }), windows })
})

test.each([
  ['zai-quota', { code: 401, success: false, msg: 'token expired', data: { level: 'lite' } }],
  ['minimax-remains', { base_resp: { status_code: 1004, status_msg: 'no active plan' }, model_remains: [{}] }],
  ['openrouter-credits', { data: { total_credits: 10 } }],
  ['moonshot-balance', { code: 5, error: 'no' }],
  ...[...QUOTA_READERS.keys()].map((shape): [string, JsonValue] => [shape, {}]),
] satisfies [string, JsonValue][])('%s: nothing to read in %j', (shape, body) => {
  expect(read(shape, body)).toBeUndefined()
})

test('every row of the catalogue names readers there are', () => {
  const shapes = PROVIDERS.flatMap(({ quota }) => [quota?.shape ?? [], quota?.also?.shape ?? []].flat())
  expect(shapes.length).toBeGreaterThan(10)
  expect(shapes.filter(shape => !QUOTA_READERS.has(shape))).toEqual([])
  expect([...QUOTA_READERS.keys()].filter(shape => !shapes.includes(shape))).toEqual([])
})

test.each([
  [300, '5 hour'],
  [1440, 'daily'],
  [2880, '2 day'],
  [10_080, 'weekly'],
  [43_200, 'monthly'],
  [90, '90 minute'],
])('%d minutes are called %s', (minutes, name) => {
  expect(windowName(minutes)).toBe(name)
})

/** The bodies above with anything at all in the places of their values. */
function damaged(body: JsonValue): fc.Arbitrary<JsonValue> {
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
    fc.constantFrom<JsonValue>(
      '1e999',
      '-0',
      1e308,
      -1e308,
      5e-324,
      'NaN',
      '9'.repeat(400),
      '\u0000\n',
      'LEVEL_\x1b[31m',
    ),
  )
  if (Array.isArray(body)) return mostly(fc.tuple(...body.map(damaged)), odd)
  if (typeof body !== 'object' || body === null) return mostly(fc.constant(body), odd)
  const fields = Object.entries(body).map(([name, value]) => [name, damaged(value ?? null)] as const)
  return mostly(fc.record(Object.fromEntries(fields), { requiredKeys: [] }), odd)
}

function mostly(usual: fc.Arbitrary<JsonValue>, odd: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  return fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: odd })
}

describe('whatever an answer holds', () => {
  test.each(ROWS)('$shape: $what', ({ shape, body }) => {
    fc.assert(
      fc.property(damaged(body), answer => {
        const reading = read(shape, answer)
        if (reading === undefined) return
        expect(reading.plan ?? '').not.toMatch(/[\u0000-\u0008\u001b]/)
        for (const { name, unit, remainingPercent = 0, aside: _aside, ...numbers } of reading.windows) {
          expect(name.length).toBeLessThan(90)
          expect(unit).toMatch(/^[a-zA-Z]+$/)
          expect(remainingPercent >= 0 && remainingPercent <= 100).toBe(true)
          expect(Object.values(numbers).every(value => Number.isFinite(value))).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })
})
