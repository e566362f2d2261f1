import { describe, expect, test } from 'bun:test'
import { isProblem } from '../../src/canon/problem.ts'
import { decodeFrames, framesOf } from '../wire/stream-laws.ts'
import { EVERYWHERE, REPLY_DIFFERENCES, REQUEST_DIFFERENCES } from './differences.ts'
import { bodyOf, fixturesOf, type MatrixFixture, NAMES, textOf } from './fixtures.ts'
import { meaningOf } from './meaning.ts'
import { leavesOf, matches } from './paths.ts'
import { substanceOf } from './substance.ts'

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

/** What a reply told whole, or as a stream, says to a reader of its first answer. */
function substance(fixture: MatrixFixture): Record<string, unknown> {
  const events =
    fixture.kind === 'replies'
      ? fixture.protocol.decodeReply(bodyOf(fixture))
      : decodeFrames(fixture.protocol, framesOf([new TextEncoder().encode(textOf(fixture))]))
  const known = REPLY_DIFFERENCES[fixture.feature] ?? []
  const leaves = leavesOf(JSON.parse(JSON.stringify(substanceOf(events)))).filter(
    ({ path }) => !known.some(({ at }) => matches(path, at)),
  )
  return Object.fromEntries(leaves.map(({ path, value }) => [path, value]))
}

const replies = [...fixturesOf('replies'), ...fixturesOf('streams')]

describe('one feature means the same in every protocol', () => {
  test.each([...shared(fixturesOf('requests'))])('$feature, in a request', ({ same }) => {
    const [first, ...others] = same.map(fixture => ({ name: fixture.name, meaning: meaning(fixture) }))
    for (const other of others)
      expect({ name: other.name, meaning: other.meaning }).toEqual({ name: other.name, meaning: first?.meaning ?? {} })
  })

  test.each([...shared(replies)])('$feature, in a reply, whole or as a stream', ({ same }) => {
    const [first, ...others] = same.map(fixture => ({
      name: `${fixture.kind} ${fixture.name}`,
      says: substance(fixture),
    }))
    for (const other of others)
      expect({ name: other.name, says: other.says }).toEqual({ name: other.name, says: first?.says ?? {} })
  })

  test('every known difference is of a feature that there is', () => {
    const told = (fixtures: readonly MatrixFixture[]) => new Set(shared(fixtures).map(({ feature }) => feature))
    const [asked, answered] = [told(fixturesOf('requests')), told(replies)]
    expect(Object.keys(REQUEST_DIFFERENCES).filter(feature => !asked.has(feature))).toEqual([])
    expect(Object.keys(REPLY_DIFFERENCES).filter(feature => !answered.has(feature))).toEqual([])
  })
})
