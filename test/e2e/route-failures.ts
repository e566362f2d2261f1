import type { ProblemCode } from '../../src/canon/problem.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { KeyState } from '../../src/sim/keys.ts'

/** How a provider is made to fail, and what that is called. */
export interface Failure {
  /** Tells rows with the same code apart. */
  readonly name: string
  readonly code: ProblemCode
  /** The provider that is asked first. */
  readonly first: ProviderName
  readonly fault?: string
  readonly keyState?: KeyState
  readonly text?: string
  /** Fields that bring it about, which only this client's protocol has. */
  readonly rest?: object
  readonly only?: ProtocolId
  /** Absent: one is made. */
  readonly attempts?: 0
  /** A model the provider does not have. */
  readonly missing?: true
  /** Only in a stream. */
  readonly streamOnly?: true
  /** In words, what the answer tells besides its code. */
  readonly says?: RegExp
}

/** Providers that stand first in a table of failures. */
export type ProviderName =
  | 'kimi-coding'
  | 'openai'
  | 'google'
  | 'anthropic'
  | 'impatient'
  | 'mute'
  | 'gone'
  | 'deepseek'

const told = (status: number, error: object) => `status=${status};body=${JSON.stringify({ error })}`

/** Every problem that an upstream, or the way to it, can be to blame for, with each window of a plan. */
export const FAILURES: readonly Failure[] = [
  { name: 'invalid_key', code: 'invalid_key', first: 'openai', keyState: 'invalid' },
  {
    name: 'wrong_service_key',
    code: 'wrong_service_key',
    first: 'kimi-coding',
    keyState: 'wrong-service',
    says: /"moonshot"/,
  },
  {
    name: 'client_not_admitted',
    code: 'client_not_admitted',
    first: 'kimi-coding',
    fault: told(403, {
      type: 'access_terminated_error',
      message: 'Kimi For Coding is currently only available for Coding Agents',
    }),
  },
  { name: 'account_blocked', code: 'account_blocked', first: 'kimi-coding', keyState: 'banned' },
  {
    name: 'region_blocked',
    code: 'region_blocked',
    first: 'openai',
    fault: told(403, { code: 'unsupported_country_region_territory', message: 'Country not supported' }),
  },
  { name: 'upstream_refused', code: 'upstream_refused', first: 'openai', fault: told(403, { message: 'No.' }) },
  { name: 'plan_expired', code: 'plan_expired', first: 'kimi-coding', keyState: 'lapsed' },
  {
    name: 'plan_exhausted, weekly',
    code: 'plan_exhausted',
    first: 'kimi-coding',
    keyState: 'weekly-used-up',
    says: /weekly usage window/,
  },
  {
    name: 'plan_exhausted, 5 hour',
    code: 'plan_exhausted',
    first: 'kimi-coding',
    keyState: 'five-hour-used-up',
    says: /5 hour usage window/,
  },
  {
    name: 'plan_exhausted, monthly',
    code: 'plan_exhausted',
    first: 'kimi-coding',
    keyState: 'monthly-used-up',
    says: /monthly usage window/,
  },
  { name: 'balance_exhausted', code: 'balance_exhausted', first: 'openai', keyState: 'no-balance' },
  { name: 'model_not_in_plan', code: 'model_not_in_plan', first: 'kimi-coding', keyState: 'low-tier' },
  { name: 'upstream_model_not_found', code: 'upstream_model_not_found', first: 'openai', missing: true },
  { name: 'rate_limited', code: 'rate_limited', first: 'openai', keyState: 'rate-limited' },
  { name: 'plan_exhausted, daily', code: 'plan_exhausted', first: 'google', keyState: 'daily-used-up' },
  { name: 'overloaded', code: 'overloaded', first: 'kimi-coding', keyState: 'overloaded' },
  { name: 'overloaded, told in a stream', code: 'overloaded', first: 'openai', fault: 'error=0', streamOnly: true },
  {
    name: 'context_too_long',
    code: 'context_too_long',
    first: 'openai',
    fault: told(400, { code: 'context_length_exceeded', message: 'maximum context length is 8192 tokens' }),
  },
  { name: 'content_refused', code: 'content_refused', first: 'kimi-coding', text: '[[risk]]' },
  { name: 'upstream_bad_request', code: 'upstream_bad_request', first: 'openai', fault: 'status=400' },
  { name: 'upstream_error', code: 'upstream_error', first: 'openai', fault: 'status=500' },
  { name: 'unreachable, refused', code: 'unreachable', first: 'gone' },
  { name: 'unreachable, reset', code: 'unreachable', first: 'openai', fault: 'reset=before' },
  { name: 'timeout, connect', code: 'timeout', first: 'mute', says: /connect timeout/ },
  {
    name: 'timeout, first byte',
    code: 'timeout',
    first: 'impatient',
    fault: 'delay=never',
    says: /first byte timeout/,
  },
  { name: 'stream_truncated', code: 'stream_truncated', first: 'openai', fault: 'reset=headers' },
  { name: 'upstream_protocol', code: 'upstream_protocol', first: 'openai', fault: 'content-type=text/html' },
  { name: 'provider_unavailable', code: 'provider_unavailable', first: 'deepseek', attempts: 0 },
  {
    name: 'untranslatable',
    code: 'untranslatable',
    first: 'anthropic',
    attempts: 0,
    only: 'openai-completions',
    rest: { logit_bias: { 50256: -100 } },
  },
  {
    name: 'untranslatable',
    code: 'untranslatable',
    first: 'openai',
    attempts: 0,
    only: 'anthropic-messages',
    rest: { mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'x' }] },
  },
]
