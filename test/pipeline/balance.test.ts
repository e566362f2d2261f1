import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { orderEqual } from '../../src/pipeline/balance.ts'
import type { Balance } from '../../src/upstream/provider-setup.ts'

interface Item {
  readonly name: string
  readonly weight: number
  readonly load: number
}

const item = (name: string, weight = 1, load = 0): Item => ({ name, weight, load })

function order(equals: readonly Item[], how: Balance, random: () => number, session?: string): string[] {
  const options = { name: (one: Item) => one.name, load: (one: Item) => one.load, random }
  return orderEqual(equals, how, session === undefined ? options : { ...options, session }).map(one => one.name)
}

/** Numbers that look random, the same for the same seed (a linear congruential generator, Numerical Recipes). */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const never = (): number => {
  throw new Error('nothing is random here')
}

const SESSIONS = Array.from({ length: 20_000 }, (_, n) => `session ${n}`)

/** How often each name comes first. */
function shares(firsts: Iterable<string | undefined>): Record<string, number> {
  const counts: Record<string, number> = {}
  let all = 0
  for (const first of firsts) {
    counts[first ?? 'nobody'] = (counts[first ?? 'nobody'] ?? 0) + 1
    all += 1
  }
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / all]))
}

describe('in order', () => {
  test('they stay as they stand, whatever weight, load and session', () => {
    const equals = [item('a', 1, 9), item('b', 5, 0), item('c', 9, 3)]
    expect(order(equals, 'order', never, 'session')).toEqual(['a', 'b', 'c'])
  })
})

describe('weighted', () => {
  const WEIGHTS: readonly (readonly number[])[] = [
    [1, 1],
    [1, 3],
    [1, 2, 3, 4],
    [10, 0.5, 0.5],
    [100, 1],
  ]

  test.each(WEIGHTS.map(weights => [weights]))('weights %j say how often each is first', weights => {
    const equals = weights.map((weight, n) => item(`target ${n}`, weight))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const random = seeded(42)
    const drawn = shares(SESSIONS.map(() => order(equals, 'weighted', random)[0]))
    const hashed = shares(SESSIONS.map(session => order(equals, 'weighted', never, session)[0]))
    weights.forEach((weight, n) => {
      expect(Math.abs((drawn[`target ${n}`] ?? 0) - weight / total)).toBeLessThan(0.015)
      expect(Math.abs((hashed[`target ${n}`] ?? 0) - weight / total)).toBeLessThan(0.015)
    })
  })

  test('a weight of nothing comes last', () => {
    const equals = [item('never', 0), item('a'), item('b')]
    for (const session of SESSIONS.slice(0, 500)) expect(order(equals, 'weighted', never, session)[2]).toBe('never')
  })

  test('a draw of exactly nothing comes last', () => {
    const draws = [0, 0.5]
    expect(order([item('a'), item('b')], 'weighted', () => draws.shift() ?? 0)).toEqual(['b', 'a'])
  })

  const equalsOf = fc
    .uniqueArray(fc.record({ name: fc.string(), weight: fc.integer({ min: 1, max: 100 }) }), {
      selector: one => one.name,
      minLength: 2,
      maxLength: 8,
    })
    .map(found => found.map(one => item(one.name, one.weight)))

  test('a session finds the same order every time, whatever order they stand in', () => {
    fc.assert(
      fc.property(equalsOf, fc.string(), (equals, session) => {
        const once = order(equals, 'weighted', never, session)
        expect(order(equals.toReversed(), 'weighted', never, session)).toEqual(once)
        expect(once.toSorted()).toEqual(equals.map(one => one.name).toSorted())
      }),
    )
  })

  test('if one goes away only its own sessions move, each to its second place', () => {
    fc.assert(
      fc.property(equalsOf, fc.nat(), fc.string(), (equals, index, session) => {
        const gone = equals[index % equals.length]?.name
        const before = order(equals, 'weighted', never, session)
        const left = equals.filter(one => one.name !== gone)
        expect(order(left, 'weighted', never, session)).toEqual(before.filter(name => name !== gone))
      }),
    )
  })

  test('the second places of one are spread over the others by their weight', () => {
    const equals = [item('a', 5), item('b', 1), item('c', 3)]
    const orders = SESSIONS.map(session => order(equals, 'weighted', never, session))
    const seconds = shares(orders.filter(([first]) => first === 'a').map(([, second]) => second))
    expect(seconds['b']).toBeCloseTo(0.25, 1)
    expect(seconds['c']).toBeCloseTo(0.75, 1)
  })
})

describe('least busy', () => {
  const HIGH_THEN_LOW = () => {
    const draws = [0.9, 0.5, 0.1]
    return () => draws.shift() ?? 0
  }

  const ROWS: readonly (readonly [loads: readonly [number, number, number], expected: readonly string[]])[] = [
    [
      [1, 1, 0],
      ['a', 'b', 'c'],
    ],
    [
      [2, 1, 0],
      ['b', 'a', 'c'],
    ],
    [
      [1, 2, 0],
      ['a', 'b', 'c'],
    ],
  ]

  test.each([...ROWS])('of the two drawn first the less busy one: loads %j', ([a, b, c], expected) => {
    const equals = [item('a', 1, a), item('b', 1, b), item('c', 1, c)]
    expect(order(equals, 'least-busy', HIGH_THEN_LOW())).toEqual([...expected])
  })

  const FACTORS: readonly (readonly [first: number, second: number, stays: boolean])[] = [
    [1_000, 1_000, true],
    [2_000, 1_000, true],
    [2_010, 1_000, false],
    [100_000, 1_000, false],
    [0, 1_000, true],
    // Twice as busy and more, but nothing to wait for.
    [503, 3, true],
    [504, 3, false],
  ]

  test.each([...FACTORS])('a session at load %d beside %d stays: %p', (first, second, stays) => {
    const names = order([item('a'), item('b')], 'weighted', never, 'session')
    const equals = names.map((name, n) => item(name, 1, n === 0 ? first : second))
    expect(order(equals, 'least-busy', never, 'session')).toEqual(stays ? names : names.toReversed())
  })

  test('with equal loads it is as by weight', () => {
    const equals = [item('a', 1), item('b', 3)]
    const random = seeded(7)
    const first = shares(SESSIONS.map(() => order(equals, 'least-busy', random)[0]))
    expect(first['b']).toBeCloseTo(0.75, 1)
  })
})
