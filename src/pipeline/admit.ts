import { isProblem, type Problem } from '../canon/problem.ts'
import type { Receipt } from '../ledger/receipt.ts'
import type { CallFacts, Outcome } from '../policy/policy.ts'
import type { Call, House, Target } from './call.ts'
import type { RequestHead } from './read-request.ts'

/** Tells every policy that admitted the call how it ended. Exactly once: further calls do nothing. */
export type Settle = (receipt: Receipt) => void

const NOTHING_RESERVED: Settle = () => {}

/** Asks the policies in their order. A later refusal settles what the earlier ones reserved. */
export async function admit(
  call: Call,
  head: RequestHead,
  target: Target | Problem,
  house: House,
): Promise<Settle | Problem> {
  if (house.policies.length === 0) return NOTHING_RESERVED
  const facts: CallFacts = {
    id: call.id,
    requestedModel: head.model,
    requestBytes: call.body.length,
    ...(call.key === undefined ? {} : { key: call.key }),
    ...(isProblem(target) ? {} : { target: target.ref, billing: target.provider.billing }),
  }
  const settles: ((outcome: Outcome) => void)[] = []
  for (const policy of house.policies) {
    const admission = await policy.admit(facts)
    if (!admission.admit) {
      for (const settle of settles) settle({ ending: 'failed' })
      return admission.problem
    }
    settles.push(admission.settle)
  }
  let settled = false
  return receipt => {
    if (settled) return
    settled = true
    const outcome: Outcome = {
      ending: receipt.ending,
      ...(receipt.usage === undefined ? {} : { usage: receipt.usage }),
      ...(receipt.cost.type === 'metered' ? { costNanoUsd: receipt.cost.nanoUsd } : {}),
    }
    for (const settle of settles) settle(outcome)
  }
}
