import { describe, expect, test } from 'bun:test'
import { coolDownWords, countWords, stateWords } from '../../src/admin/story/health.ts'
import { type Answerer, announce } from '../../src/cli/chat/ask.ts'
import { footer } from '../../src/cli/chat/footer.ts'
import { receiptCells, receiptLines } from '../../src/cli/receipt-line.ts'
import type { Attempt, Receipt } from '../../src/ledger/receipt.ts'
import type { HealthView } from '../../src/upstream/health.ts'
import { receipt } from '../ledger/receipts.ts'
import { deskOf, fakeShell, keptOutput } from './fake-shell.ts'

const plain = (_style: string, text: string) => text
const NOON = new Date(2026, 10, 29, 12, 0, 0).getTime()
const MINUTE = 60_000

const [usual] = receipt().attempts
if (usual === undefined) throw new Error('the usual receipt has an attempt')
const attempt = (more: Partial<Attempt>): Attempt => ({ ...usual, ...more })

/** In a pipe a call is one line. */
function lineOf(changes: Partial<Receipt>): string {
  return receiptLines(receipt({ at: NOON, ...changes }), plain, keptOutput()).join('\n')
}

describe('the line of a call', () => {
  test.each<[string, Partial<Receipt>, string]>([
    ['a fallback', { fallback: { from: 'a/b', reason: 'plan_exhausted' } }, '  fallback from a/b (plan_exhausted)  '],
    ['a retry', { attempts: [usual, attempt({ because: 'retry' })] }, '  1 retry  '],
    ['retries', { attempts: [attempt({ because: 'retry' }), attempt({ because: 'retry' })] }, '  2 retries  '],
    ['another key', { attempts: [usual, attempt({ because: 'credential' })] }, '  another key  '],
    ['the cache', { cache: 'hit', attempts: [] }, '  from cache  '],
    ['a quota', { quotaWarning: { provider: 'a', window: 'weekly', remainingPercent: 7.9 } }, '  7 % left  '],
  ])('marks %s', (_name, changes, mark) => {
    expect(lineOf(changes)).toContain(mark)
  })

  test('marks nothing where all was plain', () => {
    expect(lineOf({ cache: 'miss' })).toStartWith(
      '12:00:00 200 complete  kimi-coding/k2p5 → kimi-coding/kimi-for-coding  plan  0.9 s  ',
    )
  })

  test.each<[Partial<Receipt>, string]>([
    [{}, 'kimi-coding/kimi-for-coding'],
    [{ fallback: { from: 'a/b', reason: 'timeout' } }, 'kimi-coding/kimi-for-coding (fallback)'],
    [{ cache: 'hit', attempts: [] }, 'kimi-coding/kimi-for-coding (cache)'],
    [{ attempts: [] }, '-'],
  ])('in a table, served by: %p', (changes, served) => {
    expect(receiptCells(receipt(changes))[5]).toBe(served)
  })
})

describe('what cools down', () => {
  test.each([
    [
      { reason: 'plan_exhausted', what: 'It is used up.', until: NOON + 4 * MINUTE },
      'cools down for 4 min: It is used up (plan_exhausted), until 12:04 +00:00',
    ],
    [{ reason: 'overloaded', until: NOON + 3_000 }, 'cools down for 3.0 s: overloaded, until 12:00 +00:00'],
    [
      { reason: 'plan_exhausted', until: NOON + 1_440 * MINUTE },
      'cools down for 24 h: plan_exhausted, until 2026-11-30 12:00 +00:00',
    ],
    [{ reason: 'timeout', what: 'Silent.' }, 'was left alone, and the next call decides: Silent (timeout)'],
  ] as const)('%p', (down, words) => {
    expect(coolDownWords(down, NOON)).toBe(words)
  })

  const view: HealthView = {
    provider: 'a',
    credential: 'default',
    model: 'b',
    state: 'open',
    reason: 'overloaded',
    until: NOON + MINUTE,
    times: 1,
    inFlight: 2,
    firstByteMs: 400,
    answered: 1,
    providerFailures: 2,
    networkFailures: 1,
  }

  test('failures of the provider and of the network are told apart', () => {
    expect(countWords(view)).toBe(
      '1 answer, 2 failures of the provider, 1 failure of the network, 2 in flight, first byte after 0.4 s',
    )
    expect(stateWords(view, NOON)).toBe('cools down for 1 min: overloaded, until 12:01 +00:00')
    expect(stateWords({ ...view, state: 'closed' }, NOON)).toBeUndefined()
  })
})

describe('the line above an answer', () => {
  const fallback = { from: 'kimi-coding/k2p5', reason: 'plan_exhausted' }
  test.each<[string, Answerer, string]>([
    ['a/b', { model: 'a/b', billing: 'plan' }, ''],
    ['coder', { model: 'a/b', billing: 'plan' }, 'a/b answers for coder:\n'],
    [
      'coder',
      { model: 'a/b', billing: 'plan', fallback },
      'a/b answers for coder, in place of kimi-coding/k2p5 (plan_exhausted), plan:\n',
    ],
    [
      'coder',
      { model: 'a/b', billing: 'metered', fallback },
      'a/b answers for coder, in place of kimi-coding/k2p5 (plan_exhausted), and is metered: paid by use.\n',
    ],
    ['coder', { model: 'a/b', cached: true }, 'From the cache, as a/b answered for coder before:\n'],
    ['', { model: 'a/b' }, 'a/b answers:\n'],
  ])('%p answered by %p', (chosen, answerer, line) => {
    const shell = fakeShell()
    announce(deskOf(shell), chosen, answerer)
    expect(shell.stderr.text()).toBe(line)
  })

  test('and the one below it says that the lane was left', () => {
    const crossed = receipt({
      attempts: [attempt({ billing: 'plan' }), attempt({ billing: 'metered' })],
      cost: { type: 'metered', nanoUsd: 2_000_000, source: 'list' },
    })
    const answer = { text: 'x', reasoning: '', model: 'a/b', outcome: 'whole' } as const
    expect(footer(answer, crossed, 0)).toBe(
      'a/b · 112 in / 34 out tok · $0.002 · left the plan lane · 0.9 s · 52 tok/s · cached 89 %',
    )
    expect(footer(answer, receipt({ cache: 'hit' }), 0)).toBe('a/b · from the cache · 0.9 s')
    expect(footer({ text: '', reasoning: '', outcome: 'stopped' }, undefined, 1_100)).toBe('')
    const cost: Receipt['cost'] = { type: 'unknown', reason: 'cut off', atLeastNanoUsd: 20_000 }
    const cut = receipt({ ending: 'abandoned', usage: { input: 129, output: 1 }, cost })
    expect(footer(answer, cut, 0)).toBe('a/b · at least 129 in / 1 out tok · at least $0.00002 · 0.9 s')
  })
})
