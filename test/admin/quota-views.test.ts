import { expect, test } from 'bun:test'
import { quotaList, quotaStats } from '../../src/admin/quota-views.ts'
import type { UsageRow } from '../../src/ledger/usage.ts'
import type { QuotaView, QuotaWindow } from '../../src/upstream/quota.ts'
import { credential } from '../upstream/quota-setup.ts'

const NOW = Date.parse('2026-11-23T04:00:00Z')

function view(change: Partial<QuotaView>): QuotaView {
  return {
    provider: 'plan',
    credential: 'a',
    billing: 'plan',
    windows: [],
    source: 'endpoint',
    at: NOW - 60_000,
    stale: false,
    ...change,
  }
}

function usage(group: string, change: Partial<UsageRow>, metered: number): UsageRow {
  return {
    group,
    calls: 0,
    failed: 0,
    fallbacks: 0,
    cacheHits: 0,
    lanes: { plan: 0, metered, free: 0, local: 0 },
    tokens: { input: 18, cacheRead: 10, cacheWrite: 2, output: 5, reasoning: 3 },
    costNanoUsd: 0,
    unpriced: 0,
    usageUnknown: 0,
    chargedNanoUsd: 0,
    chargedTokens: 0,
    ...change,
  }
}

const window = (change: Partial<QuotaWindow>): QuotaWindow => ({ name: 'weekly', unit: 'units', ...change })

test('views are told with their age', () => {
  const ahead = view({ at: NOW + 5 })
  expect(quotaList([view({}), ahead], NOW)).toEqual({
    object: 'list',
    data: [
      { ...view({}), ageMs: 60_000 },
      { ...ahead, ageMs: 0 },
    ],
  })
})

test('the form quota bars poll', () => {
  const stats = quotaStats({
    providers: [
      { id: 'plan', credentials: [credential({ name: 'a' }), credential({ name: 'b' }), credential({ name: 'c' })] },
      { id: 'purse', credentials: [credential({ name: 'default' })] },
    ],
    views: [
      view({
        windows: [
          window({ remainingPercent: 40, resetsAtMs: NOW + 3_600_000 }),
          window({ name: 'old', remainingPercent: 0, stale: true }),
          window({ name: 'tools', remainingPercent: 0, aside: true }),
        ],
      }),
      view({ credential: 'b', windows: [window({ name: '5 hour', remainingPercent: 0 })] }),
      view({ credential: 'b', source: 'headers', windows: [window({ name: 'requests', remainingPercent: 90 })] }),
      view({ provider: 'purse', credential: 'default', windows: [window({ name: 'balance', remaining: -1 })] }),
      view({ provider: 'gone', windows: [window({ remainingPercent: 1 })] }),
    ],
    usage: [
      usage('purse', { calls: 3, costNanoUsd: 1_500_000 }, 3),
      usage('plan', { calls: 2 }, 0),
      usage('gone', { calls: 9, costNanoUsd: 1e9 }, 9),
    ],
    now: NOW,
  })
  expect(stats).toEqual({
    providers: {
      plan: {
        credential_count: 3,
        active_count: 2,
        exhausted_count: 1,
        total_requests: 2,
        tokens: { input_cached: 10, input_uncached: 20, output: 8 },
        quota_groups: [
          { name: 'weekly', credential: 'a', remaining_percent: 40, reset_time: '2026-11-23T05:00:00.000Z' },
          { name: '5 hour', credential: 'b', remaining_percent: 0 },
          { name: 'requests', credential: 'b', remaining_percent: 90 },
        ],
      },
      purse: {
        credential_count: 1,
        active_count: 0,
        exhausted_count: 1,
        total_requests: 3,
        tokens: { input_cached: 10, input_uncached: 20, output: 8 },
        approx_cost: 0.0015,
        quota_groups: [],
      },
    },
    summary: {
      total_providers: 2,
      total_credentials: 4,
      active_credentials: 2,
      exhausted_credentials: 2,
      total_requests: 5,
      total_tokens: 76,
      approx_cost: 0.0015,
    },
    timestamp: NOW / 1000,
  })
})

test('without metered use no cost is told', () => {
  const stats = quotaStats({ providers: [{ id: 'plan', credentials: [] }], views: [], usage: [], now: NOW })
  expect(stats.summary).not.toHaveProperty('approx_cost')
})
