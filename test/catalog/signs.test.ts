import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { PROBLEM_CODES } from '../../src/canon/problem.ts'
import { PROVIDERS } from '../../src/catalog/index.ts'
import { readSigns, siblingForKey } from '../../src/catalog/signs.ts'
import { NOW, rowOf, seen } from './sighting.ts'

const kimi = rowOf('kimi-coding')
const TERMINATED = 'access_terminated_error'
const error = (message: string, type = 'invalid_request_error', code?: string) => ({ error: { message, type, code } })

describe('Kimi Code: one status, many meanings', () => {
  test.each([
    [401, error('The API Key appears to be invalid or may have expired.', 'authentication_error'), 'invalid_key'],
    [401, error('Invalid Authentication'), 'wrong_service_key'],
    [401, error('Your model id does not exist, recognized as other:k3[1m].'), 'upstream_model_not_found'],
    [401, error('Your current subscription does not have access to k3. Upgrade to a plan above.'), 'model_not_in_plan'],
    [401, error('Your current plan supports only kimi-k3 up to 256K context.'), 'model_not_in_plan'],
    [402, error("We're unable to verify your membership benefits at this time."), 'plan_expired'],
    [402, '', 'plan_expired'],
    [403, error('Kimi For Coding is currently only available for Coding Agents.', TERMINATED), 'client_not_admitted'],
    [403, error("You've reached your usage limit for this billing cycle.", TERMINATED), 'plan_exhausted'],
    [403, error("You've reached your weekly (7-day) usage limit.", TERMINATED), 'plan_exhausted'],
    [403, error('Your quota will reset when the current window ends.', TERMINATED), 'plan_exhausted'],
    [403, error('concurrent request limit reached', TERMINATED), 'rate_limited'],
    [403, error('Access terminated.'), 'account_blocked'],
    [403, error('Something nobody has seen yet.', TERMINATED), 'upstream_refused'],
    [403, '', 'upstream_refused'],
    [429, error('The engine is currently overloaded, please try again later', 'rate_limit_error'), 'overloaded'],
    [429, error("We're receiving too many requests at the moment"), 'rate_limited'],
    [429, error("You've reached your usage limit for this period."), 'plan_exhausted'],
    [429, error("You've reached kimi monthly usage limit for this billing cycle"), 'plan_exhausted'],
    [400, error('total message size 2100000 exceeds limit 2097152'), 'context_too_long'],
    [404, error('Not found the model kimi-x or Permission denied'), 'upstream_model_not_found'],
  ] as const)('%i %j is %s', (status, body, code) => {
    expect(readSigns(seen(status, body, { key: 'sk-kimi-abc' }), kimi).code).toBe(code)
  })

  test.each([
    [403, "You've reached your usage limit for this billing cycle.", 'weekly'],
    [429, "You've reached your usage limit for this period.", '5 hour'],
    [429, "You've reached kimi monthly usage limit for this billing cycle", 'monthly'],
  ] as const)('%i "%s" is about the %s window, inside a stream too', (status, message, window) => {
    expect(readSigns(seen(status, error(message)), kimi)).toMatchObject({ code: 'plan_exhausted', window })
    expect(readSigns(seen(200, error(message)), kimi)).toMatchObject({ code: 'plan_exhausted', window })
  })
})

describe('a key at the wrong door', () => {
  const invalid = error('Invalid Authentication', 'invalid_authentication_error')
  test.each([
    ['kimi-coding', 'sk-abc', 401, invalid, 'wrong_service_key', 'moonshot'],
    ['kimi-coding', 'sk-kimi-abc', 401, invalid, 'wrong_service_key', 'moonshot'],
    ['kimi-coding', 'sk-abc', 401, error('The API Key appears to be invalid'), 'wrong_service_key', 'moonshot'],
    ['kimi-coding', 'sk-kimi-abc', 401, error('The API Key appears to be invalid'), 'invalid_key', undefined],
    ['moonshot', 'sk-kimi-abc', 401, invalid, 'wrong_service_key', 'kimi-coding'],
    ['moonshot', 'sk-abc', 401, invalid, 'invalid_key', undefined],
    ['moonshot-cn', 'sk-kimi-abc', 401, invalid, 'wrong_service_key', 'kimi-coding'],
    ['qwen', 'sk-sp-abc', 401, error('no', 'x', 'InvalidApiKey'), 'wrong_service_key', 'qwen-coding-plan'],
    ['qwen-coding-plan', 'sk-abc', 401, error('invalid access token or token expired'), 'wrong_service_key', 'qwen'],
    ['qwen-coding-plan', 'sk-sp-a', 401, error('invalid access token or token expired'), 'plan_expired', undefined],
    ['xiaomi', 'tp-abc', 401, '', 'wrong_service_key', 'xiaomi-token-plan'],
    ['zai', 'abc', 429, error('Insufficient balance', 'x', '1113'), 'balance_exhausted', 'zai-coding-plan'],
    ['zai-coding-plan', 'abc', 429, error('Insufficient balance', 'x', '1113'), 'wrong_service_key', 'zai'],
    ['opencode', 'sk-abc', 401, error('Invalid API key.', 'AuthError'), 'invalid_key', undefined],
  ] as const)('%s, key %s: %i %j', (id, key, status, body, code, useInstead) => {
    const verdict = readSigns(seen(status, body, { key }), rowOf(id))
    expect([verdict.code, verdict.useInstead]).toEqual([code, useInstead])
  })

  test.each([
    ['moonshot', 'sk-kimi-abc', 'kimi-coding'],
    ['moonshot', 'sk-abc', undefined],
    ['kimi-coding', 'sk-abc', 'moonshot'],
    ['kimi-coding', 'sk-kimi-abc', undefined],
    ['kimi-coding', 'anything', undefined],
    ['openai', 'sk-abc', undefined],
  ] as const)('the sibling of %s for %s', (id, key, sibling) => {
    expect(siblingForKey(rowOf(id), prefix => key.startsWith(prefix))).toBe(sibling)
  })
})

describe('an error told inside a stream, under status 200', () => {
  test.each([
    ['anthropic', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded'],
    [
      'openai',
      { error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'x' } },
      'balance_exhausted',
    ],
    ['openai', { error: { type: 'invalid_request_error', message: 'x' } }, 'upstream_bad_request'],
    ['openrouter', { error: { code: 502, message: 'Provider returned error' } }, 'upstream_error'],
    ['openrouter', { error: { code: 429, message: 'Slow down' } }, 'rate_limited'],
    ['kimi-coding', error("You've reached your usage limit for this period."), 'plan_exhausted'],
    ['deepseek', error('something'), 'upstream_bad_request'],
    ['minimax', { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } }, 'balance_exhausted'],
  ] as const)('%s %j is %s', (id, body, code) => {
    expect(readSigns(seen(200, body), rowOf(id)).code).toBe(code)
  })
})

describe('what an aggregator passes on', () => {
  const passed = (raw: unknown, message = 'Provider returned error') => ({
    error: { code: 400, message, metadata: { provider_name: 'Moonshot AI', raw } },
  })
  const openrouter = rowOf('openrouter')
  test.each([
    [400, passed('{"error":{"message":"Your request exceeded model token limit: 262144"}}'), 'context_too_long'],
    [429, passed({ error: { type: 'engine_overloaded_error', message: 'busy' } }), 'overloaded'],
    [429, passed('rate limited, sorry'), 'rate_limited'],
    // Its own key at the provider behind it is not the caller's concern.
    [401, { error: { message: 'x', metadata: { raw: '{"error":{"code":"invalid_api_key"}}' } } }, 'upstream_error'],
  ] as const)('OpenRouter %i %j is %s', (status, body, code) => {
    const row = status === 401 ? { ...openrouter, signs: [] } : openrouter
    expect(readSigns(seen(status, body), row).code).toBe(code)
  })

  test('names the provider behind it', () => {
    const verdict = readSigns(seen(400, passed('prompt is too long')), openrouter)
    expect(verdict.rule).toStartWith('passed on from Moonshot AI: ')
  })

  test('reads a quoted reason, but not one that says nothing', () => {
    const quoted = (message: string) => readSigns(seen(400, error(message)), rowOf('opencode')).code
    expect(quoted('Error from provider (Console): maximum context length is 4096 tokens')).toBe('context_too_long')
    expect(quoted('Error from provider (Console): Upstream request failed')).toBe('upstream_error')
  })
})

describe('without a row of its own', () => {
  test.each([
    [400, error('nothing known'), 'upstream_bad_request'],
    [401, '', 'invalid_key'],
    [402, '', 'balance_exhausted'],
    [403, '', 'upstream_refused'],
    [403, '<html><title>403 Forbidden</title></html>', 'upstream_refused'],
    [403, error('This model is not available in your region.'), 'region_blocked'],
    [403, error('Your credit balance is exhausted, please recharge'), 'balance_exhausted'],
    [404, '404 page not found', 'upstream_model_not_found'],
    [408, '', 'timeout'],
    [413, '<html><title>413 Request Entity Too Large</title></html>', 'context_too_long'],
    [413, error('Request too large for model: tokens per minute (TPM) limit 6000'), 'rate_limited'],
    [418, '', 'upstream_bad_request'],
    [429, '', 'rate_limited'],
    [429, error('Too many tokens, please wait before trying again.'), 'rate_limited'],
    [429, error('insufficient balance', 'rate_limit_error'), 'balance_exhausted'],
    [451, '', 'region_blocked'],
    [500, '', 'upstream_error'],
    [503, '', 'overloaded'],
    [529, '', 'overloaded'],
    [599, '', 'upstream_error'],
    [400, error('The model `x` does not exist'), 'upstream_model_not_found'],
    [400, error('Incorrect API key provided'), 'invalid_key'],
    [400, error('blocked by the content policy'), 'content_refused'],
  ] as const)('%i %j is %s', (status, body, code) => {
    expect(readSigns(seen(status, body), undefined).code).toBe(code)
  })

  test.each([
    ['openai', error("Item with id 'x' not found. Items are not persisted when `store` is set to false.")],
    ['openai', error("Previous response with id 'resp_1' not found.", 'x', 'previous_response_not_found')],
    ['openai', error('x', 'invalid_request_error', 'previous_response_not_found')],
    ['openai', error('Invalid URL (POST /v1/chat)')],
    ['google', { error: { code: 404, message: 'CachedContent not found: cachedContents/1', status: 'NOT_FOUND' } }],
    ['anthropic', { type: 'error', error: { type: 'not_found_error', message: 'File not found: file_011' } }],
    ['xai', { code: 'Some requested entity was not found', error: 'Response with id=1 not found' }],
    ['openrouter', error('No endpoints found that support tool use.')],
    ['vllm', error('Response with id resp_1 not found', 'NotFoundError')],
    ['', error('The file file-1 does not exist', 'not_found_error')],
  ] as const)('%s: a 404 about something else than the model: %j', (id, body) => {
    const row = id === '' ? undefined : rowOf(id)
    expect(readSigns(seen(404, body), row).code).toBe('upstream_bad_request')
    expect(readSigns(seen(200, body), row).code).not.toBe('upstream_model_not_found')
  })

  test.each([
    ['openai', ''],
    ['openai', { detail: 'Not Found' }],
    ['openai', error('Request failed with status code 404')],
    ['anthropic', { type: 'error', error: { type: 'not_found_error', message: 'model: some-model' } }],
    ['google', { error: { code: 404, message: 'models/x is not found for API version v1', status: 'NOT_FOUND' } }],
    ['azure-openai', { error: { code: '404', message: 'Resource not found' } }],
    ['openrouter', error('No endpoints found for some-model.')],
    ['ollama', { error: "model 'x' not found, try pulling it first" }],
    ['nvidia', { detail: "Function 'ab-1': Not found for account 'x'" }],
    ['zai', error('模型不存在')],
    ['', error('x', 'DeploymentNotFound')],
    ['', '<html><title>404 Not Found</title></html>'],
  ] as const)('%s: a 404 about the model, or about nothing it names: %j', (id, body) => {
    const verdict = readSigns(seen(404, body), id === '' ? undefined : rowOf(id))
    expect(verdict.code).toBe('upstream_model_not_found')
  })

  test('a hint to wait wins over words about billing', () => {
    const body = error('You exceeded your current quota, please check your plan and billing details.', 'x')
    expect(readSigns(seen(429, body), undefined).code).toBe('balance_exhausted')
    expect(readSigns(seen(429, body, { headers: { 'retry-after': '7' } }), undefined).code).toBe('rate_limited')
    expect(readSigns(seen(402, '', { headers: { 'retry-after': '7' } }), undefined).code).toBe('rate_limited')
  })

  test("Gemini's daily limit is a window, its limit per minute is not", () => {
    const quota = (quotaId: string) => ({
      error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'quota', details: [{ violations: [{ quotaId }] }] },
    })
    const google = rowOf('google')
    expect(readSigns(seen(429, quota('RequestsPerDayPerProject')), google)).toMatchObject({
      code: 'plan_exhausted',
      window: 'daily',
    })
    expect(readSigns(seen(429, quota('RequestsPerMinutePerProject')), google).code).toBe('rate_limited')
  })

  test('Amazon tells the kind in a header', () => {
    const headers = { 'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/' }
    const verdict = readSigns(seen(400, { message: 'Too many tokens' }, { headers }), rowOf('bedrock'))
    expect([verdict.code, verdict.type]).toEqual(['rate_limited', 'ThrottlingException'])
  })
})

describe('the verdict', () => {
  test("carries the provider's words and what decided", () => {
    const verdict = readSigns(seen(401, error('Invalid Authentication', 'auth', 'c1')), kimi)
    expect(verdict).toMatchObject({ message: 'Invalid Authentication', type: 'auth', errorCode: 'c1' })
    expect(verdict.rule).toBe('kimi-coding: status 401, message Invalid Authentication')
    expect(readSigns(seen(418, ''), undefined).rule).toBe('status 418')
  })

  test('tells when a window opens again', () => {
    const at = Date.UTC(2026, 10, 22, 15, 59, 59)
    const reset = 'You have exceeded the monthly usage quota. It will reset at 2026-11-22 23:59:59 +0800 CST.'
    const ark = readSigns(
      seen(429, error(reset, 'TooManyRequests', 'AccountQuotaExceeded')),
      rowOf('volcengine-coding-plan'),
    )
    expect(ark).toMatchObject({ code: 'plan_exhausted', window: 'monthly', resetsAtMs: at, retryAfterMs: at - NOW })

    const plain = 'Usage limit reached for 5 hours. Your limit will reset at 2026-11-22 23:59:59'
    const zai = readSigns(seen(429, { error: { code: '1308', message: plain } }), rowOf('zai-coding-plan'))
    expect(zai).toMatchObject({ window: '5 hour', resetsAtMs: at })

    const go = { type: 'error', error: { type: 'GoUsageLimitError', message: 'x' }, metadata: { limitName: 'weekly' } }
    const verdict = readSigns(seen(429, go, { headers: { 'retry-after': '60' } }), rowOf('opencode-go'))
    expect(verdict).toMatchObject({ window: 'weekly', retryAfterMs: 60_000, resetsAtMs: NOW + 60_000 })
  })

  test('says nothing of waiting where waiting does not help', () => {
    const verdict = readSigns(seen(401, error('bad key'), { headers: { 'retry-after': '5' } }), undefined)
    expect(verdict.retryAfterMs).toBeUndefined()
  })

  test('is one of the table for any answer, and nothing throws', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ error: fc.jsonValue() }).map(value => JSON.stringify(value)),
      fc
        .record({ error: fc.dictionary(fc.constantFrom('type', 'code', 'metadata', 'details'), fc.jsonValue()) })
        .map(value => `${JSON.stringify(value)} trailing`),
    )
    fc.assert(
      fc.property(bodies, fc.integer({ min: 100, max: 999 }), fc.constantFrom(...PROVIDERS), (body, status, row) => {
        expect(PROBLEM_CODES).toContain(readSigns(seen(status, body), row).code)
      }),
      { numRuns: 300 },
    )
  })
})
