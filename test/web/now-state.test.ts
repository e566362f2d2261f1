import { describe, expect, test } from 'bun:test'
import { begunLine, callLine } from '../../src/admin/live.ts'
import { NOTHING, withEvents, withOverview } from '../../web/src/views/now/state.ts'
import { admission, receipt } from '../ledger/receipts.ts'

const AT = 1_800_000_000_000

function call(seconds: number) {
  const row = admission({ at: AT + seconds * 1_000 })
  return { begun: begunLine(row), ended: callLine(receipt({ ...row })), id: row.id }
}

describe('calls', () => {
  test('run, and end, newest first', () => {
    const [first, second] = [call(1), call(2)]
    const running = withEvents(NOTHING, [
      { type: 'begun', call: first.begun },
      { type: 'begun', call: second.begun },
    ])
    expect(running.calls.map(({ id, ending }) => [id, ending])).toEqual([
      [second.id, 'in-flight'],
      [first.id, 'in-flight'],
    ])
    const over = withEvents(running, [{ type: 'ended', call: first.ended }])
    expect(over.calls.map(({ ending }) => ending)).toEqual(['in-flight', 'complete'])
    expect(over.ended).toBe(1)
  })

  test('that have ended are not taken back by an older word', () => {
    const one = call(1)
    const ended = withEvents(NOTHING, [{ type: 'ended', call: one.ended }])
    expect(withOverview(ended, { calls: [one.begun], remarks: [], notices: [] }).calls).toEqual([one.ended])
    expect(withEvents(ended, [{ type: 'begun', call: one.begun }]).calls).toEqual([one.ended])
  })

  test('are so many at most', () => {
    const many = Array.from({ length: 200 }, (_, i) => ({ type: 'ended', call: call(i).ended }) as const)
    expect(withEvents(NOTHING, many).calls).toHaveLength(60)
  })
})

test('what was dropped is counted, and makes a gap', () => {
  const once = withEvents(NOTHING, [{ type: 'dropped', count: 3 }])
  expect(withEvents(once, [{ type: 'dropped', count: 4 }])).toMatchObject({ dropped: 7, gaps: 2 })
})

test('another start of the gateway makes a gap, and nothing of the old one runs any more', () => {
  const one = call(1)
  const before = withEvents(NOTHING, [
    { type: 'hello', epoch: 'a' },
    { type: 'begun', call: one.begun },
  ])
  expect(before).toMatchObject({ epoch: 'a', gaps: 0 })
  expect(withEvents(before, [{ type: 'hello', epoch: 'a' }])).toMatchObject({ gaps: 0, calls: [{ id: one.id }] })
  expect(withEvents(before, [{ type: 'hello', epoch: 'b' }])).toMatchObject({ epoch: 'b', gaps: 1, calls: [] })
})

test('a remark is told once, by whichever way it comes', () => {
  const { ended, id } = call(1)
  const remark = { kind: 'failed', callId: id, at: AT, text: 'It failed.' } as const
  const live = withEvents(NOTHING, [{ type: 'ended', call: ended, remark }])
  expect(withOverview(live, { calls: [ended], remarks: [remark], notices: [] }).remarks).toEqual([remark])
})

test('a notice is told once, by whichever way it comes; the newest stands first, and there are so many at most', () => {
  const notice = (seconds: number) => ({ at: AT + seconds, level: 'info', text: `At ${seconds}.` }) as const
  const live = withEvents(NOTHING, [{ type: 'notice', ...notice(2) }])
  const both = withOverview(live, { calls: [], remarks: [], notices: [notice(2), notice(1)] })
  expect(both.notices).toEqual([notice(2), notice(1)])
  const many = Array.from({ length: 50 }, (_, i) => notice(i))
  expect(withOverview(both, { calls: [], remarks: [], notices: many }).notices).toHaveLength(20)
})
