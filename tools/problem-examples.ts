import type { ProblemCode } from '../src/canon/problem.ts'

/** An answer of a provider that means a problem. */
export interface ProblemExample {
  /** Id in the catalogue. */
  readonly provider: string
  readonly status: number
  /** The body, as it came. */
  readonly answer: string
  /** How the key begins, where that tells. */
  readonly key?: string
}

/** Examples in providers' own words, for docs/problems.md; a test reads each with the catalogue. */
export const PROBLEM_EXAMPLES: Readonly<Partial<Record<ProblemCode, readonly ProblemExample[]>>> = {
  invalid_key: [
    {
      provider: 'kimi-coding',
      status: 401,
      answer:
        '{"error":{"message":"The API Key appears to be invalid or may have expired. Please verify your credentials and try again."}}',
    },
    {
      provider: 'openai',
      status: 401,
      answer:
        '{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}',
    },
    {
      provider: 'anthropic',
      status: 401,
      answer: '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}',
    },
    {
      provider: 'google',
      status: 400,
      answer:
        '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}',
    },
  ],
  wrong_service_key: [
    {
      provider: 'kimi-coding',
      status: 401,
      answer: '{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}',
      key: 'sk-',
    },
    {
      provider: 'moonshot',
      status: 401,
      answer: '{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}',
      key: 'sk-kimi-',
    },
  ],
  client_not_admitted: [
    {
      provider: 'kimi-coding',
      status: 403,
      answer:
        '{"error":{"type":"access_terminated_error","message":"Kimi For Coding is currently only available for Coding Agents such as Kimi CLI, Claude Code, Roo Code, Kilo Code, etc."}}',
    },
  ],
  account_blocked: [
    { provider: 'kimi-coding', status: 403, answer: '{"error":{"message":"Access terminated."}}' },
    {
      provider: 'anthropic',
      status: 403,
      answer:
        '{"type":"error","error":{"type":"permission_error","message":"Your API key does not have permission to use the specified resource."}}',
    },
  ],
  region_blocked: [
    {
      provider: 'openai',
      status: 403,
      answer:
        '{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported"}}',
    },
  ],
  upstream_refused: [{ provider: 'groq', status: 403, answer: 'Forbidden' }],
  plan_expired: [
    {
      provider: 'kimi-coding',
      status: 402,
      answer:
        '{"error":{"type":"invalid_request_error","message":"We\'re unable to verify your membership benefits at this time. Please ensure your membership is active."}}',
    },
    {
      provider: 'opencode-go',
      status: 403,
      answer: '{"error":{"type":"EntitlementError","message":"OpenCode Go subscription required."}}',
    },
  ],
  plan_exhausted: [
    {
      provider: 'kimi-coding',
      status: 403,
      answer:
        '{"error":{"type":"access_terminated_error","message":"You\'ve reached your usage limit for this billing cycle. Your quota will be refreshed in the next cycle."}}',
    },
    {
      provider: 'kimi-coding',
      status: 429,
      answer:
        '{"error":{"type":"rate_limit_error","message":"You\'ve reached your usage limit for this period. Your quota will be refreshed in the next period."}}',
    },
    {
      provider: 'kimi-coding',
      status: 429,
      answer:
        '{"error":{"type":"rate_limit_error","message":"You\'ve reached kimi monthly usage limit for this billing cycle"}}',
    },
    { provider: 'qwen-coding-plan', status: 429, answer: '{"error":{"message":"week allocated quota exceeded"}}' },
    {
      provider: 'volcengine-coding-plan',
      status: 429,
      answer:
        '{"error":{"code":"AccountQuotaExceeded","type":"TooManyRequests","message":"You have exceeded the monthly usage quota. It will reset at 2026-08-03 23:59:59 +0800 CST."}}',
    },
  ],
  balance_exhausted: [
    {
      provider: 'moonshot',
      status: 429,
      answer:
        '{"error":{"type":"exceeded_current_quota_error","message":"Your account is suspended due to insufficient balance, please recharge your account or check your plan and billing details"}}',
    },
    {
      provider: 'openai',
      status: 429,
      answer:
        '{"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"You exceeded your current quota, please check your plan and billing details."}}',
    },
    {
      provider: 'anthropic',
      status: 400,
      answer:
        '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API"}}',
    },
    { provider: 'deepseek', status: 402, answer: '{"error":{"message":"Insufficient Balance"}}' },
  ],
  model_not_in_plan: [
    {
      provider: 'kimi-coding',
      status: 401,
      answer:
        '{"error":{"type":"invalid_authentication_error","message":"Your current subscription does not have access to k3. Upgrade to a Moderato plan or above."}}',
    },
    {
      provider: 'kimi-coding',
      status: 401,
      answer:
        '{"error":{"message":"Your current plan supports only kimi-k3 up to 256K context. 1M context is available on higher-tier plans."}}',
    },
    {
      provider: 'volcengine-coding-plan',
      status: 404,
      answer: '{"error":{"code":"UnsupportedModel","message":"The model does not support the coding plan feature"}}',
    },
  ],
  upstream_model_not_found: [
    {
      provider: 'kimi-coding',
      status: 404,
      answer: '{"error":{"type":"resource_not_found_error","message":"Not found the model k9 or Permission denied"}}',
    },
    {
      provider: 'openai',
      status: 404,
      answer:
        '{"error":{"code":"model_not_found","message":"The model does not exist or you do not have access to it."}}',
    },
    {
      provider: 'ollama',
      status: 404,
      answer: '{"error":{"type":"not_found_error","message":"model \'x\' not found"}}',
    },
  ],
  rate_limited: [
    {
      provider: 'anthropic',
      status: 429,
      answer:
        '{"type":"error","error":{"type":"rate_limit_error","message":"Number of request tokens has exceeded your per-minute rate limit"}}',
    },
    {
      provider: 'kimi-coding',
      status: 403,
      answer: '{"error":{"type":"access_terminated_error","message":"concurrent request limit"}}',
    },
    { provider: 'mistral', status: 429, answer: '{"message":"Requests rate limit exceeded"}' },
  ],
  overloaded: [
    {
      provider: 'anthropic',
      status: 529,
      answer: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    },
    {
      provider: 'kimi-coding',
      status: 429,
      answer:
        '{"error":{"type":"engine_overloaded_error","message":"The engine is currently overloaded, please try again later"}}',
    },
    { provider: 'groq', status: 498, answer: '{"error":{"message":"capacity_exceeded"}}' },
  ],
  context_too_long: [
    {
      provider: 'anthropic',
      status: 400,
      answer:
        '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}',
    },
    {
      provider: 'openai',
      status: 400,
      answer:
        '{"error":{"code":"context_length_exceeded","message":"Your input exceeds the context window of this model"}}',
    },
    {
      provider: 'kimi-coding',
      status: 400,
      answer:
        '{"error":{"type":"invalid_request_error","message":"Your request exceeded model token limit: 262144 (requested: 300000)"}}',
    },
    {
      provider: 'groq',
      status: 413,
      answer: '{"error":{"message":"Please reduce the length of the messages or completion"}}',
    },
  ],
  content_refused: [
    {
      provider: 'kimi-coding',
      status: 400,
      answer: '{"error":{"message":"The request was rejected because it was considered high risk"}}',
    },
    {
      provider: 'azure-openai',
      status: 400,
      answer: '{"error":{"code":"content_filter","message":"The response was filtered"}}',
    },
  ],
  upstream_bad_request: [
    {
      provider: 'moonshot',
      status: 400,
      answer:
        '{"error":{"type":"invalid_request_error","message":"invalid temperature: only 1 is allowed for this model"}}',
    },
    {
      provider: 'openai',
      status: 400,
      answer:
        '{"error":{"code":"unsupported_parameter","message":"Unsupported parameter: \'max_tokens\' is not supported with this model."}}',
    },
  ],
  upstream_error: [
    {
      provider: 'anthropic',
      status: 500,
      answer: '{"type":"error","error":{"type":"api_error","message":"Internal server error"}}',
    },
    { provider: 'openrouter', status: 502, answer: '{"error":{"message":"Provider returned error"}}' },
  ],
  timeout: [
    {
      provider: 'anthropic',
      status: 504,
      answer: '{"type":"error","error":{"type":"timeout_error","message":"Request timed out"}}',
    },
  ],
}
