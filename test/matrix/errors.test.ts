import { describe, expect, test } from 'bun:test'
import { type Problem, type ProblemCode, statusOf } from '../../src/canon/problem.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import { statusFor, type WireProtocol } from '../../src/wire/wire-protocol.ts'
import { bodyOf, CONTEXT, fixturesOf, gapsIn, golden, type MatrixFixture, plain } from './fixtures.ts'
import { LACKING_ERRORS } from './lacking.ts'

const fixtures = fixturesOf('errors')

function problemIn(fixture: MatrixFixture): Problem {
  const { status, body } = bodyOf(fixture)
  return fixture.protocol.decodeProblem(Number(status), body)
}

function toldIn(found: Problem, from: WireProtocol): Record<string, unknown> {
  const others = WIRE_PROTOCOLS.filter(protocol => protocol !== from)
  return Object.fromEntries(others.map(to => [to.id, to.encodeProblem(found, CONTEXT.requestId)]))
}

/** What a client that reads only the envelope takes it for, where its protocol has no closer word. */
const READ_AS: Readonly<Partial<Record<ProblemCode, readonly ProblemCode[]>>> = {
  account_blocked: ['upstream_refused'],
  upstream_refused: ['account_blocked'],
  content_refused: ['upstream_bad_request'],
  plan_exhausted: ['balance_exhausted', 'rate_limited'],
  balance_exhausted: ['rate_limited'],
}

/** What each class is. Two codes where the protocols do not say the same. */
const CODES: Readonly<Record<string, readonly ProblemCode[]>> = {
  'bad-request': ['upstream_bad_request'],
  'body-too-large': ['context_too_long'],
  'content-refused': ['content_refused'],
  'context-too-long': ['context_too_long'],
  // OpenAI has no word for a missing right, so nothing is claimed beyond the 403.
  forbidden: ['account_blocked', 'upstream_refused'],
  'invalid-key': ['invalid_key'],
  'no-json': ['upstream_error'],
  'no-money': ['balance_exhausted'],
  // OpenAI's quota is money, Google's is a number of calls a day.
  'no-quota': ['balance_exhausted', 'plan_exhausted'],
  'not-found': ['upstream_model_not_found'],
  overloaded: ['overloaded'],
  'rate-limited': ['rate_limited'],
  'server-error': ['upstream_error'],
  'timed-out': ['timeout'],
}

describe('an error in every protocol', () => {
  test('every class has its fixture in each, or is known to have no words there', () => {
    expect(gapsIn('errors', LACKING_ERRORS)).toEqual([])
  })

  test.each(fixtures)('$name means what its golden says, and crosses as it says', fixture => {
    const found = problemIn(fixture)
    const actual = plain({ problem: found, status: statusOf(found), to: toldIn(found, fixture.protocol) })
    expect(actual).toEqual(golden(fixture, actual))
  })

  test.each(fixtures)('$name is the same problem when read where it was told', fixture => {
    const found = problemIn(fixture)
    const near = [found.code, ...(READ_AS[found.code] ?? [])]
    for (const to of WIRE_PROTOCOLS) {
      const again = to.decodeProblem(statusFor(to, found), to.encodeProblem(found, CONTEXT.requestId))
      expect(`${to.id}: ${near.includes(again.code) ? found.code : again.code}`).toBe(`${to.id}: ${found.code}`)
    }
  })

  test('one class is one problem in every protocol', () => {
    const classes = [...new Set(fixtures.map(({ feature }) => feature))]
    const codes = classes.map(feature => {
      const found = fixtures.filter(fixture => fixture.feature === feature).map(fixture => problemIn(fixture).code)
      return [feature, [...new Set(found)].sort()]
    })
    expect(Object.fromEntries(codes)).toEqual(CODES)
  })
})
