import { expect, test } from 'bun:test'
import type { CallsHistogramView, CallsView } from '../../src/admin/calls.ts'
import { CALL_ANSWERS, type CallKnowledge } from '../../src/http/call-answers.ts'
import type { Caller } from '../../src/http/caller.ts'
import type { GatewayKey } from '../../src/ledger/gateway-key.ts'
import { openKeyStore } from '../../src/ledger/key-store.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import { testLedger } from '../ledger/test-ledger.ts'

const ANN: GatewayKey = {
  id: 'key_a',
  name: 'ann',
  hint: '',
  createdAt: 0,
  tags: [],
  models: [],
  limits: {},
  budgets: [],
  admin: false,
}

const CALLERS: readonly (readonly [string, Caller, string, readonly string[]])[] = [
  ['an administrator sees all', { admin: true, mayChange: false }, '', ['key_b', 'key_a']],
  ['an administrator may ask for one key by its name', { admin: true, mayChange: false }, 'keyName=ann', ['key_a']],
  ['a key sees its own calls', { key: ANN, admin: false, mayChange: false }, '', ['key_a']],
  [
    "a key that asks for another's gets its own",
    { key: ANN, admin: false, mayChange: false },
    'keyName=key_b',
    ['key_a'],
  ],
  ['somebody without a key sees none', { admin: false, mayChange: false }, '', []],
]

test.each([...CALLERS])('%s', async (_, caller, query, keys) => {
  const clock = manualClock()
  await using it = testLedger(clock)
  for (const [i, id] of ['key_a', 'key_b'].entries())
    await it.store.settle(receipt({ at: clock.now() - 10 + i, key: { id, name: id } }))
  const know: CallKnowledge = {
    ledger: it.store,
    keys: openKeyStore(it.db, clock),
    configKeys: () => [ANN],
    now: () => clock.now(),
  }
  const words = { rest: '', headers: new Headers(), query: new URLSearchParams(query), body: new Uint8Array(0) }
  const asked = { ...words, caller, mayStill: () => true }
  const list = (await (await CALL_ANSWERS.calls(know, asked)).json()) as CallsView
  expect(list.data.map(({ key }) => key)).toEqual([...keys])
  const counted = (await (await CALL_ANSWERS.callsHistogram(know, asked)).json()) as CallsHistogramView
  expect(counted.buckets.reduce((sum, bucket) => sum + (bucket.complete ?? 0), 0)).toBe(keys.length)
})
