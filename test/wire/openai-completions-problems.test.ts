import { describe, expect, test } from 'bun:test'
import { PROBLEM_CODES, type ProblemCode, problem } from '../../src/canon/problem.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'

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
    name: 'OpenAI: quota used up',
    status: 429,
    body: error('insufficient_quota', 'insufficient_quota'),
    code: 'balance_exhausted',
  },
  { name: 'OpenAI: rate limit', status: 429, body: error('rate_limit_exceeded', 'tokens'), code: 'rate_limited' },
  {
    name: 'OpenAI: unknown model',
    status: 404,
    body: error('model_not_found', 'invalid_request_error'),
    code: 'upstream_model_not_found',
  },
  {
    name: 'OpenAI: context',
    status: 400,
    body: error('context_length_exceeded', 'invalid_request_error'),
    code: 'context_too_long',
  },
  {
    name: 'OpenAI: region',
    status: 403,
    body: error('unsupported_country_region_territory', 'request_forbidden'),
    code: 'region_blocked',
  },
  { name: 'Azure: filter', status: 400, body: error('content_filter'), code: 'content_refused' },
  {
    name: 'a bare 403 claims no more than it says',
    status: 403,
    body: error(null, 'access_terminated_error'),
    code: 'upstream_refused',
  },
  { name: 'OpenRouter: the real status stands inside', status: 200, body: error(429), code: 'rate_limited' },
  {
    name: 'OpenRouter: an inner provider quoted',
    status: 429,
    body: {
      error: {
        code: 429,
        message: 'Provider returned error',
        metadata: { raw: '{"error":{"message":"slow down","type":"x"}}' },
      },
    },
    code: 'rate_limited',
    message: 'slow down',
  },
  { name: 'Z.AI: numeric text', status: 400, body: error('1214'), code: 'upstream_bad_request' },
  {
    name: 'xAI: flat with a text',
    status: 400,
    body: { code: 'invalid-argument', error: 'Bad key' },
    code: 'upstream_bad_request',
    message: 'Bad key',
  },
  {
    name: 'MiniMax',
    status: 200,
    body: { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } },
    code: 'upstream_error',
    message: 'insufficient balance',
  },
  {
    name: 'vLLM: flat',
    status: 404,
    body: { object: 'error', message: 'no such model', type: 'NotFoundError', code: 404 },
    code: 'upstream_model_not_found',
    message: 'no such model',
  },
  {
    name: 'FastAPI: list',
    status: 422,
    body: { detail: [{ loc: ['body', 'x'], msg: 'field required', type: 'missing' }] },
    code: 'upstream_bad_request',
    message: 'field required',
  },
  {
    name: 'Ollama: text in error',
    status: 500,
    body: { error: 'model runner stopped' },
    code: 'upstream_error',
    message: 'model runner stopped',
  },
  {
    name: 'RFC 7807',
    status: 429,
    body: { status: 429, title: 'Too Many Requests', detail: 'wait' },
    code: 'rate_limited',
    message: 'wait',
  },
  {
    name: 'Google, wrapped in a list',
    status: 503,
    body: [{ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }],
    code: 'overloaded',
    message: 'busy',
  },
  { name: 'plain text', status: 403, body: 'error code: 1010', code: 'upstream_refused', message: 'error code: 1010' },
  { name: 'nothing at all', status: 413, body: '', code: 'context_too_long' },
  { name: 'a gateway that waited', status: 504, body: undefined, code: 'timeout' },
  { name: 'an unknown status', status: 418, body: {}, code: 'upstream_bad_request' },
]

describe('a provider’s error is read', () => {
  test.each([...READ])('$name', ({ status, body, code, message }) => {
    const found = openaiCompletions.decodeProblem(status, body)
    expect(found.code).toBe(code)
    expect(found.upstream?.status).toBe(status)
    if (message !== undefined) expect(found.upstream?.message).toBe(message)
  })

  test('keys in its words are masked', () => {
    const found = openaiCompletions.decodeProblem(401, error(null, 'x', 'Incorrect key sk-abcdefghijklmnopqrstuv'))
    expect(found.upstream?.message).toBe('Incorrect key ••••')
  })
})

const WRITTEN: readonly { code: ProblemCode; type: string; word: string }[] = [
  { code: 'bad_request', type: 'invalid_request_error', word: 'bad_request' },
  { code: 'unauthorized', type: 'invalid_request_error', word: 'invalid_api_key' },
  { code: 'model_not_found', type: 'invalid_request_error', word: 'model_not_found' },
  { code: 'context_too_long', type: 'invalid_request_error', word: 'context_length_exceeded' },
  { code: 'rate_limited', type: 'rate_limit_error', word: 'rate_limit_exceeded' },
  { code: 'plan_exhausted', type: 'insufficient_quota', word: 'insufficient_quota' },
  { code: 'untranslatable', type: 'invalid_request_error', word: 'unsupported_parameter' },
  { code: 'client_not_admitted', type: 'invalid_request_error', word: 'client_not_admitted' },
  { code: 'upstream_error', type: 'server_error', word: 'upstream_error' },
]

describe('a problem is written', () => {
  test.each([...WRITTEN])('$code', ({ code, type, word }) => {
    const body = openaiCompletions.encodeProblem(problem(code, 'It broke.', { fix: ['Mend it.'] }), 'req_1')
    expect(body.error).toMatchObject({ message: 'It broke. Fix: Mend it.', type, code: word, param: null })
    expect(body.error).toMatchObject({ candor: { code, request_id: 'req_1', fix: ['Mend it.'] } })
  })

  test('the first path is the parameter', () => {
    const body = openaiCompletions.encodeProblem(problem('bad_request', 'No.', { paths: ['stop', 'n'] }), 'req_1')
    expect(body.error).toMatchObject({ param: 'stop' })
  })

  test('every code has an envelope with text in every place', () => {
    for (const code of PROBLEM_CODES) {
      const body = openaiCompletions.encodeProblem(problem(code, 'It broke.'), 'req_1')
      expect(body.error).toMatchObject({ type: expect.any(String), code: expect.any(String) })
    }
  })
})
