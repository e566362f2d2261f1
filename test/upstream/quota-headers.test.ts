import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { QuotaWindow } from '../../src/upstream/quota.ts'
import { noLimitHeaders, noteLimitHeaders, readLimitHeaders } from '../../src/upstream/quota-headers.ts'

const NOW = Date.parse('2026-09-17T09:00:00Z')

function read(headers: Readonly<Record<string, string>>): readonly QuotaWindow[] | undefined {
  const noted = noLimitHeaders()
  return noteLimitHeaders(noted, new Headers(headers)) ? readLimitHeaders(noted, NOW) : undefined
}

interface Row {
  readonly what: string
  readonly headers: Readonly<Record<string, string>>
  readonly windows: readonly QuotaWindow[] | undefined
}

const ROWS: readonly Row[] = [
  { what: 'none', headers: { 'content-type': 'text/event-stream', 'retry-after': '3' }, windows: undefined },
  {
    what: 'OpenAI',
    headers: {
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-limit-tokens': '150000',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-requests': '120ms',
      'x-ratelimit-reset-tokens': '6m0s',
    },
    windows: [
      {
        name: 'requests',
        unit: 'requests',
        limit: 60,
        used: 1,
        remaining: 59,
        remainingPercent: 98.33,
        resetsAtMs: NOW + 120,
      },
      {
        name: 'tokens',
        unit: 'tokens',
        limit: 150_000,
        used: 16,
        remaining: 149_984,
        remainingPercent: 99.99,
        resetsAtMs: NOW + 360_000,
      },
    ],
  },
  {
    what: 'Azure: no limit, so no share',
    headers: { 'x-ratelimit-remaining-requests': '9', 'x-ratelimit-remaining-tokens': '-1' },
    windows: [{ name: 'requests', unit: 'requests', remaining: 9 }],
  },
  {
    what: 'Cerebras, with the period in the name',
    headers: {
      'x-ratelimit-limit-requests-day': '14400',
      'x-ratelimit-remaining-requests-day': '720',
      'x-ratelimit-reset-requests-day': '33011.38',
    },
    windows: [
      {
        name: 'requests-day',
        unit: 'requests',
        limit: 14_400,
        used: 13_680,
        remaining: 720,
        remainingPercent: 5,
        resetsAtMs: NOW + 33_011_380,
      },
    ],
  },
  {
    what: 'OpenRouter, milliseconds since 1970',
    headers: { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 60_000) },
    windows: [
      {
        name: 'requests',
        unit: 'requests',
        limit: 20,
        used: 20,
        remaining: 0,
        remainingPercent: 0,
        resetsAtMs: NOW + 60_000,
      },
    ],
  },
  {
    what: 'Anthropic',
    headers: {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-requests-reset': '2026-09-17T09:01:00Z',
      'anthropic-ratelimit-output-tokens-limit': '8000',
      'anthropic-ratelimit-output-tokens-remaining': '800',
      'anthropic-ratelimit-output-tokens-reset': 'soon',
    },
    windows: [
      {
        name: 'requests',
        unit: 'requests',
        limit: 50,
        used: 1,
        remaining: 49,
        remainingPercent: 98,
        resetsAtMs: NOW + 60_000,
      },
      { name: 'output-tokens', unit: 'tokens', limit: 8_000, used: 7_200, remaining: 800, remainingPercent: 10 },
    ],
  },
  {
    what: 'an Anthropic subscription: shares that are used (anomalyco/opencode#49499)',
    headers: {
      'anthropic-ratelimit-unified-status': 'allowed',
      'anthropic-ratelimit-unified-5h-utilization': '0.42',
      'anthropic-ratelimit-unified-5h-reset': String(NOW / 1000 + 812),
      'anthropic-ratelimit-unified-7d-utilization': '1.07',
      'anthropic-ratelimit-unified-7d-reset': '2026-09-23T05:25:11Z',
    },
    windows: [
      { name: '5 hour', unit: 'percent', remainingPercent: 58, resetsAtMs: NOW + 812_000 },
      { name: 'weekly', unit: 'percent', remainingPercent: 0, resetsAtMs: Date.parse('2026-09-23T05:25:11Z') },
    ],
  },
]

test.each(ROWS)('$what', ({ headers, windows }) => {
  expect(read(headers)).toEqual(windows)
})

test('the latest answer that had any replaces all of the one before', () => {
  const noted = noLimitHeaders()
  noteLimitHeaders(noted, new Headers(ROWS[1]?.headers))
  expect(noteLimitHeaders(noted, new Headers())).toBe(false)
  expect(readLimitHeaders(noted, NOW).map(window => window.name)).toEqual(['requests', 'tokens'])
  noteLimitHeaders(noted, new Headers({ 'x-ratelimit-remaining': '3' }))
  expect(readLimitHeaders(noted, NOW)).toEqual([{ name: 'requests', unit: 'requests', remaining: 3 }])
})

describe('whatever headers hold', () => {
  const names = [...new Set(ROWS.flatMap(({ headers }) => Object.keys(headers)))]
  const value = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.double().map(String),
    fc.constantFrom('', '-5', '1e999', '9'.repeat(50_000), '2026-99-99T99:99:99Z', '6m0s'.repeat(2_000)),
  )
  test('numbers are numbers, and shares are shares', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), headers => {
        const noted = noLimitHeaders()
        noteLimitHeaders(noted, { get: name => headers[name] ?? null })
        for (const { name, unit, remainingPercent = 0, ...numbers } of readLimitHeaders(noted, NOW)) {
          expect([name, unit].join('')).toMatch(/^[a-z0-9 -]+$/)
          expect(remainingPercent >= 0 && remainingPercent <= 100).toBe(true)
          expect(Object.values(numbers).every(each => Number.isFinite(each))).toBe(true)
        }
      }),
    )
  })
})
