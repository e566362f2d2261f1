import { describe, expect, test } from 'bun:test'
import { ApiError, GoogleGenAI } from '@google/genai'
import { isObject, type JsonObject } from '../../src/base/json-value.ts'
import { PROBLEM_CODES, PROBLEMS, type Problem, type ProblemCode, problem } from '../../src/canon/problem.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'

function envelope(code: number, status: string, message: string, details: readonly JsonObject[] = []): JsonObject {
  return { error: { code, message, status, ...(details.length === 0 ? {} : { details }) } }
}

const rpc = (name: string, rest: JsonObject): JsonObject => ({
  '@type': `type.googleapis.com/google.rpc.${name}`,
  ...rest,
})
const quota = (quotaId: string) => rpc('QuotaFailure', { violations: [{ quotaId }] })
const badKey = envelope(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
  rpc('ErrorInfo', { reason: 'API_KEY_INVALID', domain: 'googleapis.com' }),
])
const slow = envelope(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota. Please retry in 34.4s.', [
  quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'),
  rpc('RetryInfo', { retryDelay: '34.4s' }),
])

describe('errors are read', () => {
  test.each<[string, number, unknown, ProblemCode, Partial<Problem>]>([
    [
      'a key',
      400,
      badKey,
      'invalid_key',
      { upstream: { status: 400, type: 'INVALID_ARGUMENT', code: 'API_KEY_INVALID' } },
    ],
    ['in an array', 400, [badKey], 'invalid_key', { upstream: { code: 'API_KEY_INVALID' } }],
    ['as text', 400, JSON.stringify([badKey]), 'invalid_key', { upstream: { code: 'API_KEY_INVALID' } }],
    ['no key', 401, envelope(401, 'UNAUTHENTICATED', 'who'), 'invalid_key', { upstream: { code: '401' } }],
    ['no right', 403, envelope(403, 'PERMISSION_DENIED', 'no'), 'account_blocked', {}],
    ['no such model', 404, envelope(404, 'NOT_FOUND', 'models/x'), 'upstream_model_not_found', {}],
    ['no such cache', 404, envelope(404, 'NOT_FOUND', 'CachedContent not found: 1'), 'upstream_bad_request', {}],
    ['no such thing, without words', 404, '', 'upstream_model_not_found', {}],
    ['a rate', 429, slow, 'rate_limited', { retryAfterMs: 34_400 }],
    ['a rate inside a stream', 200, slow, 'rate_limited', { retryAfterMs: 34_400, upstream: { status: 200 } }],
    ['a day', 429, envelope(429, 'RESOURCE_EXHAUSTED', 'x', [quota('RequestsPerDay-Free')]), 'plan_exhausted', {}],
    ['money', 402, envelope(402, 'RESOURCE_EXHAUSTED', 'x'), 'balance_exhausted', {}],
    ['money inside a stream', 200, envelope(402, 'RESOURCE_EXHAUSTED', 'x'), 'balance_exhausted', {}],
    ['overload', 503, envelope(503, 'UNAVAILABLE', 'The model is overloaded.'), 'overloaded', {}],
    ['too slow', 504, envelope(504, 'DEADLINE_EXCEEDED', 'x'), 'timeout', {}],
    ['a fault of theirs', 500, envelope(500, 'INTERNAL', 'x'), 'upstream_error', {}],
    [
      'too long',
      400,
      envelope(400, 'INVALID_ARGUMENT', 'The input token count (9) exceeds the maximum number of tokens allowed (8).'),
      'context_too_long',
      {},
    ],
    [
      'fields',
      400,
      envelope(400, 'INVALID_ARGUMENT', 'Invalid value', [
        rpc('BadRequest', { fieldViolations: [{ field: 'contents[0].parts', description: 'x' }, { field: '' }, 7] }),
      ]),
      'upstream_bad_request',
      { paths: ['contents[0].parts'] },
    ],
    [
      'a word nobody knows',
      418,
      envelope(418, 'TEAPOT', 'x'),
      'upstream_bad_request',
      { upstream: { type: 'TEAPOT' } },
    ],
    ['a word of every object', 500, envelope(500, 'constructor', 'x'), 'upstream_error', {}],
    ['of OpenAI', 429, { error: { message: 'slow', type: 'x' } }, 'rate_limited', { upstream: { message: 'slow' } }],
    [
      'a page',
      502,
      '<html>Bad gateway</html>',
      'upstream_error',
      { upstream: { message: '<html>Bad gateway</html>' } },
    ],
    ['nothing', 503, '', 'overloaded', {}],
  ])('%s', (_, status, body, code, rest) => {
    const found = googleGenerativeAi.decodeProblem(status, body)
    expect(found.code).toBe(code)
    expect(found).toMatchObject(rest as JsonObject)
    expect(found.retryAfterMs).toBe(rest.retryAfterMs as number)
  })

  test('keys in the words are masked', () => {
    const details = [rpc('ErrorInfo', { reason: 'sk-aaaaaaaaaaaaaaaaaaaa' })]
    const found = googleGenerativeAi.decodeProblem(400, envelope(400, 'X', 'key AIzaaaaaaaaaaaaaaaaaaaaaa', details))
    expect(found.upstream).toEqual({ status: 400, message: 'key ••••', type: 'X', code: '••••' })
  })
})

const STATUS_WORDS = /^(?:[A-Z]+_)*[A-Z]+$/

describe('errors are written', () => {
  test.each([...PROBLEM_CODES])('%s', code => {
    const found = problem(code, 'It failed.', { fix: ['Mend it.'], upstream: { status: 500, message: 'their words' } })
    const { error } = googleGenerativeAi.encodeProblem(found, 'req_1')
    if (!isObject(error)) throw new Error('no envelope')
    expect(error.code).toBe(PROBLEMS[code].status)
    expect(error.status).toMatch(STATUS_WORDS)
    expect(error.message).toContain('It failed. The provider said: "their words". Fix: Mend it.')
    expect(error.candor).toMatchObject({ code, what: 'It failed.', request_id: 'req_1' })
    const again = googleGenerativeAi.decodeProblem(PROBLEMS[code].status, { error })
    expect(again.upstream?.message).toContain('It failed.')
  })

  test('with the details Google has types for', () => {
    const limited = problem('rate_limited', 'Slow down.', { retryAfterMs: 1_500 })
    expect(googleGenerativeAi.decodeProblem(429, googleGenerativeAi.encodeProblem(limited, 'r')).retryAfterMs).toBe(
      1_500,
    )
    const invalid = problem('bad_request', 'No.', { paths: ['contents[0]'] })
    expect(googleGenerativeAi.decodeProblem(400, googleGenerativeAi.encodeProblem(invalid, 'r')).paths).toEqual([
      'contents[0]',
    ])
    const unknown = problem('unauthorized', 'Who?')
    expect(googleGenerativeAi.decodeProblem(401, googleGenerativeAi.encodeProblem(unknown, 'r')).code).toBe(
      'invalid_key',
    )
  })

  test('a conversation that is too long in the words clients look for', () => {
    const message = (found: Problem) => (googleGenerativeAi.encodeProblem(found, 'r').error as JsonObject).message
    const foreign = problem('context_too_long', 'It does not fit.', { upstream: { message: 'prompt is too long' } })
    expect(message(foreign)).toStartWith('The input token count exceeds the maximum number of tokens allowed. It does')
    const said = 'The input token count (9) exceeds the maximum number of tokens allowed (8).'
    const own = problem('context_too_long', 'It does not fit.', { upstream: { message: said } })
    expect(message(own)).toStartWith('It does not fit.')
  })

  test('are what the official SDK throws', async () => {
    const found = problem('rate_limited', 'Kimi asks to slow down.', { retryAfterMs: 2_000 })
    using server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: () => Response.json(googleGenerativeAi.encodeProblem(found, 'req_1'), { status: 429 }),
    })
    const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: server.url.href } })
    const failed = await client.models.generateContent({ model: 'm', contents: 'Hi' }).catch((error: unknown) => error)
    if (!(failed instanceof ApiError)) throw new Error(`not an ApiError: ${String(failed)}`)
    expect(failed.status).toBe(429)
    expect(failed.message).toContain('Kimi asks to slow down.')
  })
})
