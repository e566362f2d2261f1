import type { ProblemCode } from '../canon/problem.ts'

interface Phrase {
  readonly code: ProblemCode
  /** Holds only under these statuses. Absent: any. */
  readonly statuses?: readonly number[]
  readonly says: RegExp
}

/** Money, in the words of many providers; with a hint to wait beside it, it is a rate limit that only mentions billing. */
const BILLING =
  /insufficient (?:balance|credit|fund|quota)|credit balance|out of credit|no (?:remaining )?credits|run out of funds|recharge|spending limit|(?:credits|quota) (?:have been |has been |are |is )?(?:exhausted|used up|expired)|plan and billing|payment required|past due|overdue|arrearage/i

/** Phrases of the second-last resort, in order. Only what cannot be read otherwise belongs here. */
const PHRASES: readonly Phrase[] = [
  {
    code: 'region_blocked',
    says: /not (?:available|supported) in your (?:country|region|location)|unsupported country/i,
  },
  {
    code: 'upstream_model_not_found',
    statuses: [200, 400, 403, 404],
    says: /\bmodel\b.{0,120}(?:does not exist|not found|not exist|unknown|no longer available|has been retired)|(?:unknown|no such|invalid) model\b/is,
  },
  {
    code: 'invalid_key',
    statuses: [200, 400, 401, 403],
    says: /(?:invalid|incorrect|wrong|expired|revoked|malformed).{0,20}(?:api[ -]?key|access token|credentials)|api[ -]?key.{0,30}(?:invalid|not valid|incorrect|expired|revoked)|missing api key/i,
  },
  {
    code: 'content_refused',
    statuses: [200, 400, 403, 422],
    says: /content (?:policy|filter|management policy|violates)|usage guidelines|flagged by (?:our )?moderation|safety system/i,
  },
  {
    code: 'rate_limited',
    statuses: [200, 400, 402, 403, 413],
    says: /rate.?limit|too many (?:concurrent )?requests|concurrent requests?|(?:requests|tokens) per (?:second|minute|hour|day)|in-flight/i,
  },
  { code: 'overloaded', statuses: [200, 400, 403, 500, 502], says: /overloaded|at capacity|server (?:is )?busy/i },
]

/** What the message's wording tells. `waits`: the provider also said how long to wait. `plan`: the target is a subscription. */
export function meaningOfProse(
  message: string,
  status: number,
  about: { readonly waits: boolean; readonly plan: boolean },
): ProblemCode | undefined {
  if ([200, 400, 402, 403, 429].includes(status) && !about.waits && BILLING.test(message)) return 'balance_exhausted'
  if (status === 429 && about.plan && /usage limit|quota (?:exceeded|exhausted)/i.test(message)) return 'plan_exhausted'
  return PHRASES.find(({ statuses, says }) => (statuses?.includes(status) ?? true) && says.test(message))?.code
}
