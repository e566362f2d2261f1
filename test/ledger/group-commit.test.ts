import { describe, expect, test } from 'bun:test'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { manualClock } from './manual-clock.ts'
import { admission, receipt } from './receipts.ts'
import { testLedger } from './test-ledger.ts'

describe('group commit', () => {
  test('without a journal settle resolves after the commit, as a second connection sees it', async () => {
    await using it = testLedger(manualClock(), true)
    const settled = it.store.settle(receipt())
    expect(it.endings()).toEqual([])
    await settled
    expect(it.endings()).toEqual([{ ending: 'complete' }])
    expect(it.store.health()).toMatchObject({ recorded: 1, lost: 0, late: 0, queued: 0, lagMs: 0 })
  })

  test('a call admitted and settled in one turn is one row write; all calls of a turn are one commit', async () => {
    await using it = testLedger(manualClock(), true)
    const before = it.rowsChanged()
    const calls = Array.from({ length: 20 }, () => receipt())
    const promises = calls.map(call => {
      it.store.admit(call)
      return it.store.settle(call)
    })
    const [first] = promises
    await first
    expect(it.endings().length).toBe(20)
    expect(it.rowsChanged() - before).toBe(20)
    await Promise.all(promises)
  })

  test('an admission is written by itself, and the ending takes its place', async () => {
    await using it = testLedger()
    const call = admission()
    it.store.admit(call)
    await it.store.flush()
    expect(it.endings()).toEqual([{ ending: 'in-flight' }])
    await it.store.settle(receipt({ ...call, ending: 'abandoned' }))
    await it.store.flush()
    expect(it.endings()).toEqual([{ ending: 'abandoned' }])
  })

  test('the columns say what the receipt says, and what is unknown is NULL, not zero', async () => {
    await using it = testLedger()
    const metered = receipt({
      cost: { type: 'metered', nanoUsd: 4200, source: 'table' },
      key: { id: 'key_a', name: 'ann' },
      route: 'coder',
      fallback: { from: 'moonshot/k2', reason: 'overloaded' },
      charged: { nanoUsd: 4200, tokens: 0, estimated: false },
    })
    await it.store.settle(metered)
    await it.store.flush()
    expect(it.second.query('SELECT * FROM calls').get()).toEqual({
      id: metered.id,
      at: metered.at,
      ending: 'complete',
      requested_model: 'kimi-coding/k2p5',
      served_model: 'kimi-coding/kimi-for-coding',
      provider: 'kimi-coding',
      client_protocol: 'openai-completions',
      status: 200,
      problem: null,
      billing: 'plan',
      input_tokens: 12,
      cache_read_tokens: 100,
      cache_write_tokens: null,
      output_tokens: 34,
      reasoning_tokens: null,
      cost: 'metered',
      cost_nano_usd: 4200,
      total_ms: 902,
      first_byte_ms: 251,
      receipt: JSON.stringify(metered),
      key_id: 'key_a',
      client: 'curl',
      route: 'coder',
      fallback_reason: 'overloaded',
      cache: null,
      charged_nano_usd: 4200,
      charged_tokens: 0,
    })
  })

  test('a row that cannot be written is given up and does not hold up the others', async () => {
    await using it = testLedger()
    const odd: Receipt = JSON.parse(JSON.stringify({ ...receipt(), id: null }))
    const good = receipt()
    await Promise.all([it.store.settle(odd), it.store.settle(good)])
    await it.store.flush()
    expect(it.store.health()).toMatchObject({ recorded: 1, lost: 1, queued: 0 })
    expect(it.store.health().warning).toContain('never will be: 1.')
    expect(await it.store.find(good.id)).toEqual(good)
  })

  test('a receipt over the size limit is told as lost and stays in memory', async () => {
    await using it = testLedger()
    const huge = receipt({ client: 'x'.repeat(2 * 1024 * 1024) })
    await it.store.settle(huge)
    expect(it.store.health()).toMatchObject({ recorded: 0, lost: 1, queued: 0 })
    expect(await it.store.find(huge.id)).toEqual(huge)
  })

  test('what waits when the store is closed is written first', async () => {
    await using it = testLedger()
    const settled = it.store.settle(receipt())
    await it.store.close()
    await settled
    expect(it.endings()).toEqual([{ ending: 'complete' }])
    await it.store.settle(receipt())
    expect(it.store.health()).toMatchObject({ recorded: 1, lost: 1 })
  })
})
