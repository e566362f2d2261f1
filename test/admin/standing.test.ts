import { describe, expect, test } from 'bun:test'
import { overviewOf, type ProviderNow } from '../../src/admin/overview.ts'
import { type Standing, standingOf } from '../../src/admin/story/health.ts'
import { type ProblemCode, problem } from '../../src/canon/problem.ts'
import type { Attempt, Receipt } from '../../src/ledger/receipt.ts'
import { receipt } from '../ledger/receipts.ts'

const [USUAL] = receipt().attempts
if (USUAL === undefined) throw new Error('a receipt has an attempt')
const { status: _, ...UNANSWERED } = USUAL
const refused = (code: ProblemCode): Attempt => ({ ...USUAL, problem: problem(code, 'It is so.') })
const DOWN = refused('unreachable')

function lastFailure(receipts: readonly Partial<Receipt>[]): ProblemCode | undefined {
  const { providers } = overviewOf({
    now: 5_000,
    status: {
      version: '1',
      startedAt: '',
      config: { loadedAt: '', warnings: [] },
      draining: false,
      inFlight: 0,
      ledger: { recorded: 0, lost: 0, late: 0, admissionsDropped: 0, queued: 0, lagMs: 0, damaged: 0 },
      bodies: { keepDays: 0, bytesMax: 1, totalBytesMax: 1, dropped: 0 },
      providers: { available: 1, known: 1 },
    },
    providers: [{ id: 'kimi-coding', name: 'Kimi', billing: 'plan', available: true, surfaces: [], models: 1 }],
    quotas: [],
    usage: { since: 0, at: 0, byProvider: { rows: [] } },
    minutes: [],
    lately: { calls: 0, failed: 0, outputTokens: 0 },
    receipts: receipts.map(receipt),
    notices: [],
    cursor: 'x.1',
  })
  return providers[0]?.lastFailure
}

describe('how a provider failed when it was asked last', () => {
  test.each<[string, readonly Partial<Receipt>[], ProblemCode | undefined]>([
    ['nothing is known', [], undefined],
    ['it answered', [{}], undefined],
    ['it failed after it had answered', [{ attempts: [DOWN] }, {}], 'unreachable'],
    ['it answered after it had failed', [{}, { attempts: [DOWN] }], undefined],
    ['it failed, and a retry did not', [{ attempts: [DOWN, USUAL] }], undefined],
    ['it answered, and a retry failed', [{ attempts: [USUAL, DOWN] }], 'unreachable'],
    ['it refused what the client got wrong', [{ attempts: [refused('upstream_bad_request')] }], undefined],
    [
      'the gateway gave up, and before that it failed',
      [{ attempts: [refused('draining')] }, { attempts: [DOWN] }],
      'unreachable',
    ],
    [
      'its client left before it said anything, and before that it failed',
      [{ ending: 'abandoned', attempts: [UNANSWERED] }, { attempts: [DOWN] }],
      'unreachable',
    ],
    ['a call runs, and before that it failed', [{ ending: 'in-flight' }, { attempts: [DOWN] }], 'unreachable'],
  ])('%s', (_, receipts, failure) => {
    expect(lastFailure(receipts)).toBe(failure)
  })
})

describe('how a provider stands', () => {
  const cooling = { model: 'm', credential: 'default', reason: 'overloaded', until: 9_000 } as const
  const { until: _, ...trial } = cooling
  const none = { calls: 0, failed: 0 }
  test.each<[Standing, Partial<ProviderNow>]>([
    ['well', {}],
    ['well', { firstByteMs: 12, today: none }],
    ['unproven', { today: none }],
    ['unproven', { today: { calls: 2, failed: 2 } }],
    ['failing', { lastFailure: 'unreachable' }],
    ['cooling', { cooling: [trial, cooling], lastFailure: 'overloaded' }],
    ['on-trial', { cooling: [trial], lastFailure: 'overloaded' }],
    ['unusable', { available: false, cooling: [cooling] }],
  ])('%s: %j', (standing, over) => {
    expect(standingOf({ available: true, cooling: [], today: { calls: 2, failed: 1 }, ...over })).toBe(standing)
  })
})
