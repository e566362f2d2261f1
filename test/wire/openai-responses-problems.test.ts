import { describe, expect, test } from 'bun:test'
import { PROBLEM_CODES, type ProblemCode, problem } from '../../src/canon/problem.ts'
import { decodeProblem, encodeProblem } from '../../src/wire/openai-responses/problem.ts'

interface Case {
  readonly name: string
  readonly status: number
  readonly body: unknown
  readonly code: ProblemCode
  readonly message?: string
}

const error = (code: unknown, type?: string, message = 'said') => ({ error: { message, type, param: null, code } })

const READ: readonly Case[] = [
  {
    name: 'OpenAI: wrong key',
    status: 401,
    body: error('invalid_api_key', 'invalid_request_error'),
    code: 'invalid_key',
    message: 'said',
  },
  {
    name: 'OpenAI: quota used up, in a stream',
    status: 200,
    body: error('insufficient_quota', 'insufficient_quota'),
    code: 'balance_exhausted',
  },
  {
    name: 'OpenAI: rate limit, in a failed response',
    status: 200,
    body: error('rate_limit_exceeded'),
    code: 'rate_limited',
  },
  {
    name: 'OpenAI: unknown model',
    status: 404,
    body: error('model_not_found', 'invalid_request_error'),
    code: 'upstream_model_not_found',
  },
  {
    name: 'OpenAI: an id nobody keeps',
    status: 404,
    body: error(null, 'invalid_request_error', "Item with id 'rs_1' not found."),
    code: 'upstream_bad_request',
  },
  {
    name: 'OpenAI: a reply nobody keeps, in a stream',
    status: 200,
    body: error('previous_response_not_found', 'invalid_request_error', "Previous response with id 'r' not found."),
    code: 'upstream_bad_request',
  },
  { name: 'no words at all', status: 404, body: '', code: 'upstream_model_not_found' },
  {
    name: 'OpenAI: parameter not taken',
    status: 400,
    body: error(null, 'invalid_request_error'),
    code: 'upstream_bad_request',
  },
  {
    name: 'OpenAI: the same in a stream',
    status: 200,
    body: error(null, 'invalid_request_error'),
    code: 'upstream_bad_request',
  },
  {
    name: 'OpenAI: context',
    status: 400,
    body: error('context_length_exceeded', 'invalid_request_error'),
    code: 'context_too_long',
  },
  {
    name: 'OpenAI: context, in a stream',
    status: 200,
    body: error('context_length_exceeded'),
    code: 'context_too_long',
  },
  { name: 'OpenAI: server', status: 200, body: error('server_error'), code: 'upstream_error' },
  { name: 'OpenAI: no capacity', status: 200, body: error('server_is_overloaded'), code: 'overloaded' },
  { name: 'OpenAI: picture', status: 200, body: error('invalid_image_format'), code: 'upstream_bad_request' },
  {
    name: 'OpenAI: picture refused',
    status: 200,
    body: error('image_content_policy_violation'),
    code: 'content_refused',
  },
  {
    name: 'OpenAI: the plan of a Codex login',
    status: 429,
    body: { error: { type: 'usage_limit_reached', message: 'said' } },
    code: 'plan_exhausted',
  },
  { name: 'Azure: filter', status: 400, body: error('content_filter'), code: 'content_refused' },
  { name: 'Z.AI: inside a stream', status: 200, body: error('permission_denied'), code: 'upstream_refused' },
  {
    name: 'xAI: flat with a text',
    status: 400,
    body: { code: 'invalid-argument', error: 'Bad key' },
    code: 'upstream_bad_request',
    message: 'Bad key',
  },
  { name: 'OpenRouter: the real status stands inside', status: 200, body: error(429), code: 'rate_limited' },
  { name: 'plain text', status: 403, body: 'error code: 1010', code: 'upstream_refused', message: 'error code: 1010' },
  { name: 'nothing at all', status: 413, body: '', code: 'context_too_long' },
  { name: 'a gateway that waited', status: 504, body: undefined, code: 'timeout' },
  { name: 'a word that every object has', status: 500, body: error('constructor'), code: 'upstream_error' },
]

describe("a provider's error is read", () => {
  test.each([...READ])('$name', ({ status, body, code, message }) => {
    const found = decodeProblem(status, body)
    expect(found.code).toBe(code)
    expect(found.upstream?.status).toBe(status)
    if (message !== undefined) expect(found.upstream?.message).toBe(message)
  })
})

const WRITTEN: readonly { code: ProblemCode; type: string; word: string }[] = [
  { code: 'bad_request', type: 'invalid_request_error', word: 'bad_request' },
  { code: 'unauthorized', type: 'invalid_request_error', word: 'invalid_api_key' },
  { code: 'context_too_long', type: 'invalid_request_error', word: 'context_length_exceeded' },
  { code: 'rate_limited', type: 'rate_limit_error', word: 'rate_limit_exceeded' },
  { code: 'plan_exhausted', type: 'insufficient_quota', word: 'insufficient_quota' },
  { code: 'untranslatable', type: 'invalid_request_error', word: 'unsupported_parameter' },
  { code: 'overloaded', type: 'server_error', word: 'overloaded' },
]

describe('a problem is written', () => {
  test.each([...WRITTEN])('$code', ({ code, type, word }) => {
    const paths = ['previous_response_id', 'background']
    const body = encodeProblem(problem(code, 'It broke.', { fix: ['Mend it.'], paths }), 'req_1')
    expect(body).toEqual({
      error: {
        message: 'It broke. Fix: Mend it.',
        type,
        param: 'previous_response_id',
        code: word,
        candor: expect.objectContaining({ code, request_id: 'req_1', fix: ['Mend it.'], paths }),
      },
    })
  })

  test('every code has an envelope, and Candor reads its own', () => {
    for (const code of PROBLEM_CODES) {
      const body = encodeProblem(problem(code, 'It broke.'), 'req_1')
      expect(body.error).toMatchObject({ type: expect.any(String), code: expect.any(String) })
      expect(decodeProblem(502, body).upstream?.message).toBe('It broke.')
    }
  })
})
