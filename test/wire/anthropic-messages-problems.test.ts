import { describe, expect, test } from 'bun:test'
import { isObject, type JsonObject } from '../../src/base/json-value.ts'
import { isProblem, PROBLEM_CODES, type ProblemCode, problem } from '../../src/canon/problem.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'

const envelope = (type: string, message: string): JsonObject => ({ type: 'error', error: { type, message } })

describe('errors are read from every envelope', () => {
  test.each<[string, number, unknown, ProblemCode, JsonObject]>([
    [
      'no key',
      401,
      envelope('authentication_error', 'invalid x-api-key'),
      'invalid_key',
      { type: 'authentication_error', message: 'invalid x-api-key' },
    ],
    [
      'error first, as Kimi writes it',
      401,
      { error: { type: 'authentication_error', message: 'expired' }, type: 'error' },
      'invalid_key',
      { type: 'authentication_error', message: 'expired' },
    ],
    ['to be paid', 402, envelope('billing_error', 'pay'), 'balance_exhausted', { type: 'billing_error' }],
    ['no right', 403, envelope('permission_error', 'no'), 'account_blocked', { type: 'permission_error' }],
    [
      'a 403 of unknown type',
      403,
      envelope('access_terminated_error', 'no'),
      'upstream_refused',
      { type: 'access_terminated_error' },
    ],
    [
      'no such model',
      404,
      envelope('not_found_error', 'model: x'),
      'upstream_model_not_found',
      { message: 'model: x' },
    ],
    ['no such file', 404, envelope('not_found_error', 'File not found: file_1'), 'upstream_bad_request', {}],
    ['no such file, in a stream', 200, envelope('not_found_error', 'File not found: f'), 'upstream_bad_request', {}],
    ['not found, without words', 404, '', 'upstream_model_not_found', {}],
    ['too many bytes', 413, envelope('request_too_large', 'big'), 'context_too_long', { type: 'request_too_large' }],
    [
      'too many tokens',
      400,
      envelope('invalid_request_error', 'Prompt is too long: 9 tokens > 8 maximum'),
      'context_too_long',
      { message: 'Prompt is too long: 9 tokens > 8 maximum' },
    ],
    ['invalid', 400, envelope('invalid_request_error', 'bad'), 'upstream_bad_request', { message: 'bad' }],
    ['slow down', 429, envelope('rate_limit_error', 'slow'), 'rate_limited', { message: 'slow' }],
    ['timeout', 504, envelope('timeout_error', 'late'), 'timeout', {}],
    ['overloaded', 529, envelope('overloaded_error', 'Overloaded'), 'overloaded', {}],
    ['overloaded, type over status', 500, envelope('overloaded_error', 'Overloaded'), 'overloaded', {}],
    ['failed', 500, envelope('api_error', 'oops'), 'upstream_error', {}],
    [
      'numeric code, as Z.AI writes it',
      429,
      { error: { code: '1302', message: 'concurrency' } },
      'rate_limited',
      { code: '1302', message: 'concurrency' },
    ],
    [
      'of OpenAI',
      400,
      { error: { message: 'bad', type: 'invalid_request_error', param: null, code: 'x' } },
      'upstream_bad_request',
      { code: 'x', message: 'bad' },
    ],
    [
      'flat',
      422,
      { object: 'error', message: 'bad', type: 'BadRequestError', code: 400 },
      'upstream_bad_request',
      { code: '400', type: 'BadRequestError' },
    ],
    ['error as a text', 500, { error: 'no such thing' }, 'upstream_error', { message: 'no such thing' }],
    [
      'xAI',
      400,
      { code: 'invalid-argument', error: 'bad' },
      'upstream_bad_request',
      { code: 'invalid-argument', message: 'bad' },
    ],
    [
      'detail list of FastAPI',
      422,
      { detail: [{ loc: ['body'], msg: 'field required', type: 'missing' }] },
      'upstream_bad_request',
      { message: 'field required' },
    ],
    [
      'detail with JSON inside',
      429,
      { detail: '{"error":{"message":"inner","type":"rate_limit_error"}}' },
      'rate_limited',
      { message: 'inner', type: 'rate_limit_error' },
    ],
    [
      'quoted by an aggregator',
      400,
      {
        error: {
          code: 429,
          message: 'Provider returned error',
          metadata: { raw: '{"error":{"type":"overloaded_error","message":"inner"}}' },
        },
      },
      'overloaded',
      { message: 'inner', code: '429' },
    ],
    [
      'an array around it',
      400,
      [{ error: { code: 400, message: 'bad', status: 'INVALID_ARGUMENT' } }],
      'upstream_bad_request',
      { type: 'INVALID_ARGUMENT' },
    ],
    [
      'MiniMax',
      200,
      { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } },
      'upstream_error',
      { code: '1008', message: 'insufficient balance' },
    ],
    [
      'problem details',
      429,
      { status: 429, title: 'Too Many Requests' },
      'rate_limited',
      { message: 'Too Many Requests' },
    ],
    [
      'JSON as text',
      529,
      '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}',
      'overloaded',
      { message: 'busy' },
    ],
    ['plain text', 403, 'error code: 1010', 'upstream_refused', { message: 'error code: 1010' }],
    ['nothing', 503, '', 'overloaded', {}],
    ['no body at all', 418, undefined, 'upstream_bad_request', {}],
    ['no body and no fault of the client', 500, undefined, 'upstream_error', {}],
  ])('%s', (_, status, body, code, words) => {
    const found = anthropicMessages.decodeProblem(status, body)
    expect(found.code).toBe(code)
    expect(found.upstream).toMatchObject({ status, ...words })
  })

  test('keys are masked and long words cut', () => {
    const { upstream } = anthropicMessages.decodeProblem(
      401,
      envelope('x'.repeat(500), `sk-ant-api03-abcdefghijkl ${'y'.repeat(2000)}`),
    )
    expect(upstream?.message).toStartWith('•••• y')
    expect(upstream?.message?.length).toBe(1000)
    expect(upstream?.type?.length).toBe(100)
  })
})

const TYPES = new Set([
  'invalid_request_error',
  'authentication_error',
  'billing_error',
  'permission_error',
  'not_found_error',
  'request_too_large',
  'rate_limit_error',
  'timeout_error',
  'overloaded_error',
  'api_error',
])

describe('problems are written in the envelope', () => {
  test.each([...PROBLEM_CODES])('%s', code => {
    const body = anthropicMessages.encodeProblem(problem(code, 'It broke.', { fix: ['Mend it.'] }), 'req_1')
    if (!isObject(body.error)) throw new Error('no error object')
    expect(body).toMatchObject({ type: 'error', request_id: 'req_1' })
    expect(TYPES).toContain(String(body.error.type))
    expect(body.error.message).toContain('It broke. Fix: Mend it.')
    expect(body.error.candor).toMatchObject({ code, what: 'It broke.', request_id: 'req_1' })
  })

  test.each<[string, string | undefined, string]>([
    ['in Candor’s words', undefined, 'prompt is too long: It is full.'],
    [
      'in another provider’s words',
      'exceeded model token limit: 8',
      'prompt is too long: It is full. The provider said: "exceeded model token limit: 8".',
    ],
    [
      'in Anthropic’s words, which stay',
      'Error: prompt is too long: 9 tokens > 8 maximum',
      'prompt is too long: 9 tokens > 8 maximum (It is full.)',
    ],
  ])('a full context begins as clients expect, %s', (_, said, message) => {
    const found = problem('context_too_long', 'It is full.', said === undefined ? {} : { upstream: { message: said } })
    expect(anthropicMessages.encodeProblem(found, 'req_1').error).toMatchObject({ message })
  })
})

describe('a request that passes through gets its model', () => {
  const retarget = (body: string) => {
    const edited = anthropicMessages.retarget(new TextEncoder().encode(body), 'kimi "1"', {})
    return isProblem(edited) ? edited : new TextDecoder().decode(edited.body)
  }

  test.each([
    ['{"model":"a"}', '{"model":"kimi \\"1\\""}'],
    [' { "max_tokens" : 1.0 , "model" : "a" } ', ' { "max_tokens" : 1.0 , "model" : "kimi \\"1\\"" } '],
    ['{"model":null}', '{"model":"kimi \\"1\\""}'],
    ['{}', '{"model":"kimi \\"1\\""}'],
    ['{"x":{"model":"inner"},"y":"\\"model\\":"}', '{"model":"kimi \\"1\\"","x":{"model":"inner"},"y":"\\"model\\":"}'],
  ])('%s', (before, after) => {
    expect(retarget(before)).toBe(after)
  })

  test.each([
    ['{"model":"a","model":"b"}', ['model']],
    ['{"model":7}', ['model']],
    ['[]', []],
    ['', []],
    ['{"model":"a"', []],
    ['{"model":"a"}{}', []],
  ])('%j is refused', (body, paths) => {
    expect(retarget(body)).toMatchObject({ code: 'bad_request', paths })
  })
})

test('the path is that of the API, below a base without a version', () => {
  expect(anthropicMessages.path({ model: 'a/b', stream: true })).toBe('/v1/messages')
})

test.each([
  [false, { input_tokens: 7 }],
  [true, { input_tokens: 7, candor: { estimated: true } }],
])('a count of tokens is written, estimated: %p', (estimated, body) => {
  expect(anthropicMessages.counting?.encodeCount(7, estimated)).toEqual(body)
})

test('a body for counting is completed to a request, and what it says stays', () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
  const complete = anthropicMessages.counting?.completeRequest
  if (complete === undefined) throw new Error('nothing completes it')
  expect(isProblem(anthropicMessages.decodeRequest(complete(body)))).toBe(false)
  expect(complete({ ...body, max_tokens: 9 })).toEqual({ ...body, max_tokens: 9 })
})
