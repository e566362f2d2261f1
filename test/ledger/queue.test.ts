import { describe, expect, test } from 'bun:test'
import { openQueue, type Waiting } from '../../src/ledger/queue.ts'
import { rowOf, rowOfAdmitted } from '../../src/ledger/row.ts'
import { admission, receipt } from './receipts.ts'

function began(id: string, since = 0): Waiting {
  return { row: rowOfAdmitted(admission({ id })), since, release: () => {}, journalled: false }
}

function ended(id: string, since = 0, release = () => {}): Waiting {
  return { row: rowOf(receipt({ id })), since, release, journalled: false }
}

const idsOf = (rows: readonly Waiting[]) => rows.map(({ row }) => row.id)

describe('the queue', () => {
  test('has one row a call: the ending takes the place of the admission', () => {
    const queue = openQueue()
    queue.put(began('a'))
    queue.put(ended('a'))
    expect(queue.next(10, Number.POSITIVE_INFINITY).map(({ row }) => [row.id, row.ended])).toEqual([['a', true]])
  })

  test('gives endings before admissions, and no more than asked for', () => {
    const queue = openQueue()
    for (const row of [began('a'), ended('b'), began('c'), ended('d')]) queue.put(row)
    expect(idsOf(queue.next(10, Number.POSITIVE_INFINITY))).toEqual(['b', 'd', 'a', 'c'])
    expect(idsOf(queue.next(3, Number.POSITIVE_INFINITY))).toEqual(['b', 'd', 'a'])
    expect(idsOf(queue.next(1, Number.POSITIVE_INFINITY))).toEqual(['b'])
  })

  test('drops the oldest admissions first, then the oldest endings', () => {
    const queue = openQueue({ rowsMax: 2, charsMax: 1e6 })
    for (const row of [ended('a'), began('b')]) expect(queue.put(row)).toEqual([])
    expect(idsOf(queue.put(ended('c')))).toEqual(['b'])
    expect(idsOf(queue.put(ended('d')))).toEqual(['a'])
    expect(idsOf(queue.all())).toEqual(['c', 'd'])
  })

  test('is bounded in characters too, and counts only those that are still there', () => {
    const [a, b, c] = [ended('a'), ended('b'), ended('c')]
    const queue = openQueue({ rowsMax: 100, charsMax: a.row.chars + b.row.chars })
    queue.put(a)
    queue.put(b)
    expect(idsOf(queue.put(c))).toEqual(['a'])
    queue.remove([b])
    expect(queue.put(ended('d'))).toEqual([])
  })

  test('lets a call go on whose ending is replaced by another', () => {
    const queue = openQueue()
    let released = 0
    queue.put(ended('a', 0, () => void released++))
    queue.put(ended('a'))
    expect(released).toBe(1)
    expect(queue.size()).toBe(1)
  })

  test('knows since when the oldest row waits', () => {
    const queue = openQueue()
    expect(queue.oldestSince()).toBeUndefined()
    const [late, early] = [ended('a', 7), began('b', 3)]
    queue.put(late)
    queue.put(early)
    expect(queue.oldestSince()).toBe(3)
    queue.remove([early])
    expect(queue.oldestSince()).toBe(7)
  })
})
