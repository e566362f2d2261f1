import { expect, test } from 'bun:test'
import { quotaList, quotaStats } from '../../src/admin/quota-views.ts'
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
    use: [
      {
        provider: 'purse',
        requests: 3,
        cachedInputTokens: 10,
        uncachedInputTokens: 20,
        outputTokens: 5,
        nanoUsd: 1_500_000,
      },
      { provider: 'gone', requests: 9, cachedInputTokens: 0, uncachedInputTokens: 0, outputTokens: 0, nanoUsd: 1e9 },
    ],
    now: NOW,
  })
  expect(stats).toEqual({
    providers: {
      plan: {
        credential_count: 3,
        active_count: 2,
        exhausted_count: 1,
        total_requests: 0,
        tokens: { input_cached: 0, input_uncached: 0, output: 0 },
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
        tokens: { input_cached: 10, input_uncached: 20, output: 5 },
        approx_cost: 0.0015,
        quota_groups: [],
      },
    },
    summary: {
      total_providers: 2,
      total_credentials: 4,
      active_credentials: 2,
      exhausted_credentials: 2,
      total_requests: 3,
      total_tokens: 35,
      approx_cost: 0.0015,
    },
    timestamp: NOW / 1000,
  })
})

test('without metered use no cost is told', () => {
  const stats = quotaStats({ providers: [{ id: 'plan', credentials: [] }], views: [], use: [], now: NOW })
  expect(stats.summary).not.toHaveProperty('approx_cost')
})
