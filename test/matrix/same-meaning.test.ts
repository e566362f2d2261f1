import { describe, expect, test } from 'bun:test'
import { isProblem } from '../../src/canon/problem.ts'
import { EVERYWHERE, REQUEST_DIFFERENCES } from './differences.ts'
import { bodyOf, fixturesOf, type MatrixFixture, NAMES } from './fixtures.ts'
import { meaningOf } from './meaning.ts'
import { leavesOf, matches } from './paths.ts'

/** The features that at least two protocols have words for. */
function shared(fixtures: readonly MatrixFixture[]): readonly { feature: string; same: readonly MatrixFixture[] }[] {
  const features = [...new Set(fixtures.map(fixture => fixture.feature))]
  return features
    .map(feature => ({ feature, same: fixtures.filter(fixture => fixture.feature === feature) }))
    .filter(({ same }) => same.length > 1)
}

/** What a fixture means, as its leaves, without those known to differ. */
function meaning(fixture: MatrixFixture): Record<string, unknown> {
  const request = fixture.protocol.decodeRequest(bodyOf(fixture), NAMES)
  if (isProblem(request)) throw new Error(request.what)
  const known = [...EVERYWHERE, ...(REQUEST_DIFFERENCES[fixture.feature] ?? [])]
  const leaves = leavesOf(meaningOf(request)).filter(({ path }) => !known.some(({ at }) => matches(path, at)))
  return Object.fromEntries(leaves.map(({ path, value }) => [path, value]))
}

describe('one feature means the same in every protocol', () => {
  test.each([...shared(fixturesOf('requests'))])('$feature, in a request', ({ same }) => {
    const [first, ...others] = same.map(fixture => ({ name: fixture.name, meaning: meaning(fixture) }))
    for (const other of others)
      expect({ name: other.name, meaning: other.meaning }).toEqual({ name: other.name, meaning: first?.meaning ?? {} })
  })

  test('every known difference is one', () => {
    const features = new Set(shared(fixturesOf('requests')).map(({ feature }) => feature))
    expect(Object.keys(REQUEST_DIFFERENCES).filter(feature => !features.has(feature))).toEqual([])
  })
})
