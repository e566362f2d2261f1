import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { isId, newId } from '../../src/base/ids.ts'

const times = fc.integer({ min: 0, max: 32 ** 10 - 1 })

test('an id has the shape it says', () => {
  fc.assert(fc.property(times, fc.constantFrom('req', 'call', 'att'), (ms, prefix) => isId(newId(prefix, ms), prefix)))
})

test('ids sort by their time', () => {
  fc.assert(
    fc.property(times, times, (a, b) => {
      fc.pre(a !== b)
      expect(newId('req', a) < newId('req', b)).toBe(a < b)
    }),
  )
})

test('a hundred thousand ids of one millisecond are all different', () => {
  expect(new Set(Array.from({ length: 100_000 }, () => newId('req', 1_700_000_000_000))).size).toBe(100_000)
})

test.each([
  ['another prefix', 'call_0123456789abcdefghjkmnpq'],
  ['too short', 'req_0123456789'],
  ['capital letters', 'req_0123456789ABCDEFGHJKMNPQ'],
  ['something to break out with', "req_0123456789abcdefghjkmn'; "],
])('%s is no id', (_, text) => {
  expect(isId(text, 'req')).toBe(false)
})
