import { isProblem, type Problem } from '../canon/problem.ts'
import { asSeenBy } from '../policy/model-allowlist.ts'
import { type Admission, type CallFacts, type Estimate, NOTHING_OWED, type PossibleTarget } from '../policy/policy.ts'
import type { Call, House } from './call.ts'
import type { CallRecord } from './call-record.ts'
import type { RequestHead } from './read-request.ts'
import type { Course } from './route.ts'

/**
 * Asks the policies in their order, or says why the call is not admitted. What each reserved is settled when the receipt is closed, exactly once,
 * however the call ends; so a later refusal settles what earlier policies reserved.
 */
export function admit(
  call: Call,
  head: RequestHead,
  course: Course | Problem,
  estimate: () => Estimate,
  record: CallRecord,
  house: House,
): Promise<Problem | undefined> | undefined {
  if (call.key === undefined && !house.keysRequired()) return undefined
  return askPolicies(call, head, course, estimate, record, house)
}

async function askPolicies(
  call: Call,
  head: RequestHead,
  course: Course | Problem,
  estimate: () => Estimate,
  record: CallRecord,
  house: House,
): Promise<Problem | undefined> {
  const { key: secret } = call
  const key = secret === undefined ? undefined : house.findKey(secret)
  if (key !== undefined) {
    record.caller(key)
    // Also without a budget: one that is set later counts from the ledger.
    record.counted(estimate)
  }
  const route = isProblem(course) ? undefined : course.route?.name
  const facts: CallFacts = {
    id: call.id,
    at: call.at,
    keyShown: secret !== undefined,
    ...(key === undefined ? {} : { key }),
    requestedModel: head.model,
    ...(route === undefined ? {} : { route }),
    targets: isProblem(course) ? NO_TARGETS : targetsOf(course),
    ...unusableIn(course),
    requestBytes: call.body.length,
    estimate,
  }
  for (const policy of house.policies) {
    const admission = await policy.admit(facts)
    note(admission, record)
    if (!admission.admit) return admission.problem
  }
  if (key === undefined) return undefined
  if (isProblem(course)) return asSeenBy(key, course)
  if (key.budgets.length > 0) record.reserved()
  return undefined
}

/** What was meant, where none of it can be used: a key that may not call it is not told why. */
function unusableIn(course: Course | Problem): Pick<CallFacts, 'unusable'> {
  if (!isProblem(course)) return course.legs.length === 0 ? { unusable: course.first.ref } : {}
  const { code, provider, model } = course
  return code === 'provider_unavailable' && provider !== undefined ? { unusable: `${provider}/${model ?? ''}` } : {}
}

const NO_TARGETS: readonly PossibleTarget[] = []

function targetsOf(course: Course): readonly PossibleTarget[] {
  return course.legs.map(({ target, credential }) => ({ ref: target.ref, billing: credential.billing }))
}

function note(admission: Admission, record: CallRecord): void {
  if (admission.headers !== undefined) Object.assign(record.headers, admission.headers)
  if (admission.admit && admission.settle !== NOTHING_OWED) record.owe(admission.settle)
}
