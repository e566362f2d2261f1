/** Whose doing a failure is: decides the advice, and later whether another target may be tried. */
export type Blame = 'client' | 'credential' | 'plan' | 'provider' | 'network' | 'gateway'

interface ProblemRow {
  /** HTTP status the client sees. */
  readonly status: number
  readonly blame: Blame
  /**
   * May a route name it in `fallbackOn`? `usual`: what fallbacks are for. `named`: another model would hide something the user should mend, so only where
   * it is named knowingly. `never`: no provider was to blame.
   */
  readonly fallback: 'usual' | 'named' | 'never'
  /** Does asking again later, unchanged, have a chance? Told to SDKs as `x-should-retry`. */
  readonly retryable: boolean
  /** One line for people: what the code means. docs/problems.md has the long form. */
  readonly meaning: string
}

/** The closed table of everything that can go wrong. docs/problems.md is made from it, one section a row. */
export const PROBLEMS = {
  bad_request: row(400, 'client', 'named', false, 'The request itself is not valid.'),
  body_too_large: row(413, 'client', 'never', false, 'The request body is larger than the gateway takes.'),
  unauthorized: row(401, 'client', 'never', false, 'The gateway wants one of its own keys and did not get it.'),
  forbidden: row(
    403,
    'client',
    'never',
    false,
    'The gateway does not serve this caller: foreign Host or Origin, or a key without the right.',
  ),
  model_not_found: row(
    404,
    'client',
    'never',
    false,
    'No provider, alias or model of that name is known to the gateway.',
  ),
  ambiguous_model: row(400, 'client', 'never', false, 'More than one provider lists that bare model name.'),
  provider_unavailable: row(
    503,
    'credential',
    'usual',
    false,
    'The provider is known but cannot be used now: no key, or switched off.',
  ),
  untranslatable: row(
    400,
    'client',
    'named',
    false,
    'The target cannot express something the request asks for, and dropping it would change the answer.',
  ),
  invalid_key: row(401, 'credential', 'named', false, 'The provider does not know this key, or it has expired.'),
  wrong_service_key: row(401, 'credential', 'named', false, 'The key belongs to a sibling service of the provider.'),
  client_not_admitted: row(403, 'credential', 'named', false, 'The provider admits only clients on its own list.'),
  account_blocked: row(
    403,
    'credential',
    'named',
    false,
    'The provider has blocked this account, or the key lacks the right.',
  ),
  region_blocked: row(403, 'credential', 'named', false, 'The provider does not serve the country the call came from.'),
  upstream_refused: row(403, 'provider', 'named', false, 'The provider refused the call and did not say why.'),
  plan_expired: row(402, 'plan', 'named', false, 'The subscription has lapsed or could not be verified.'),
  plan_exhausted: row(429, 'plan', 'usual', false, 'A usage window of the subscription is used up.'),
  balance_exhausted: row(402, 'plan', 'usual', false, 'The pay-per-use balance or spending limit is used up.'),
  model_not_in_plan: row(403, 'plan', 'named', false, 'The subscription does not include this model.'),
  upstream_model_not_found: row(404, 'client', 'named', false, 'The provider does not know this model.'),
  rate_limited: row(429, 'provider', 'usual', true, 'The provider asks to slow down.'),
  overloaded: row(503, 'provider', 'usual', true, 'The provider has no capacity at this moment.'),
  context_too_long: row(400, 'client', 'usual', false, 'The conversation does not fit the model.'),
  content_refused: row(
    400,
    'client',
    'named',
    false,
    "The provider's content filter refused the request or the answer.",
  ),
  upstream_bad_request: row(400, 'client', 'named', false, 'The provider calls the request invalid.'),
  upstream_error: row(502, 'provider', 'usual', true, 'The provider failed.'),
  unreachable: row(502, 'network', 'usual', true, 'No connection to the provider, or it was lost before any answer.'),
  timeout: row(504, 'network', 'usual', true, 'The provider was silent for longer than allowed.'),
  stream_truncated: row(502, 'network', 'usual', true, 'The answer was cut off before its end.'),
  upstream_protocol: row(
    502,
    'provider',
    'usual',
    true,
    'The provider answered something its protocol does not allow.',
  ),
  budget_exceeded: row(402, 'client', 'never', false, 'A spending limit set in the gateway is reached.'),
  key_rate_limited: row(429, 'client', 'never', true, 'A rate limit set in the gateway is reached.'),
  draining: row(503, 'gateway', 'never', true, 'The gateway is shutting down or has too many calls in flight.'),
  internal: row(500, 'gateway', 'never', true, 'A bug in Candor.'),
} as const satisfies Record<string, ProblemRow>

/** One of the closed table's codes. */
export type ProblemCode = keyof typeof PROBLEMS

/** All codes, in the table's order. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[]

/** What the provider said, quoted: bounded, control characters escaped, keys masked. */
export interface UpstreamWords {
  /** HTTP status, or 200 for an error told inside a stream. */
  readonly status?: number
  readonly message?: string
  /** The envelope's own `type` and `code`, as text. */
  readonly type?: string
  readonly code?: string
}

/** A failure as everything above the wire sees it. Messages are ours and safe to show. */
export interface Problem {
  readonly code: ProblemCode
  /** What happened, one sentence. */
  readonly what: string
  /** Why, as far as known. */
  readonly why?: string
  /** What to do, most useful first. */
  readonly fix: readonly string[]
  readonly provider?: string
  readonly model?: string
  readonly upstream?: UpstreamWords
  /** When asking again has a chance, milliseconds from now. */
  readonly retryAfterMs?: number
  /** When a used-up window opens again, milliseconds since 1970. */
  readonly resetsAtMs?: number
  /** The request, or part of it, had gone out and no answer told what became of it: it may have been carried out, and may be billed. */
  readonly sent?: true
  /** Which timer ran out, for `timeout`. */
  readonly timer?: 'connect' | 'first byte' | 'idle' | 'total'
  /** JSON paths the problem is about: the parameters of `untranslatable`, the field of `bad_request`. */
  readonly paths?: readonly string[]
  /** Names offered instead, for `model_not_found` and `ambiguous_model`. */
  readonly candidates?: readonly string[]
}

/** Builds a problem; the code decides status and blame. */
export function problem(code: ProblemCode, what: string, rest: Partial<Omit<Problem, 'code' | 'what'>> = {}): Problem {
  return { ...rest, code, what, fix: rest.fix ?? [] }
}

/** The HTTP status a client sees for the problem. */
export function statusOf(found: Problem): number {
  return PROBLEMS[found.code].status
}

/** Tells a problem from any other value. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'what' in value && 'fix' in value
}

function row(
  status: number,
  blame: Blame,
  fallback: ProblemRow['fallback'],
  retryable: boolean,
  meaning: string,
): ProblemRow {
  return { status, blame, fallback, retryable, meaning }
}
