import { describe, expect, test } from 'bun:test'
import { isProblem, PROBLEM_CODES, PROBLEMS, problem, statusOf } from '../../src/canon/problem.ts'

/** The codes users' scripts depend on. More may be added to the table; none of these may leave it. */
const PROMISED =
  `bad_request body_too_large unauthorized forbidden model_not_found ambiguous_model provider_unavailable untranslatable
  invalid_key wrong_service_key client_not_admitted plan_expired plan_exhausted balance_exhausted model_not_in_plan
  upstream_model_not_found rate_limited overloaded context_too_long content_refused upstream_bad_request upstream_error
  unreachable timeout stream_truncated upstream_protocol budget_exceeded key_rate_limited draining internal`.split(
    /\s+/,
  )

describe('the table of problems', () => {
  test('has every promised code', () => {
    expect(PROMISED.filter(code => !Object.hasOwn(PROBLEMS, code))).toEqual([])
  })

  test.each([...PROBLEM_CODES])('%s is a whole row', code => {
    const row = PROBLEMS[code]
    expect(row.status).toBeWithin(400, 600)
    expect(row.meaning).toMatch(/^[A-Z].*\.$/)
    expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/)
  })

  test("nobody's key, plan or request is changed by asking again unchanged", () => {
    const hopeless = PROBLEM_CODES.filter(
      code => PROBLEMS[code].retryable && ['credential', 'plan'].includes(PROBLEMS[code].blame),
    )
    expect(hopeless).toEqual([])
  })
})

describe('a problem', () => {
  test('has the status of its row and advice that may be empty', () => {
    const found = problem('invalid_key', 'The key is not known.', { provider: 'acme' })
    expect(found).toEqual({ code: 'invalid_key', what: 'The key is not known.', fix: [], provider: 'acme' })
    expect(statusOf(found)).toBe(401)
  })

  test.each<[unknown, boolean]>([
    [problem('internal', 'x'), true],
    [{ code: 'internal' }, false],
    [null, false],
    ['internal', false],
    [[], false],
  ])('%j is told from other values', (value, is) => {
    expect(isProblem(value)).toBe(is)
  })
})
