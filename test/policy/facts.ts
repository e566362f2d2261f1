import { type Problem, statusOf } from '../../src/canon/problem.ts'
import type { GatewayKey } from '../../src/ledger/gateway-key.ts'
import type { Admission, CallFacts, Estimate, Outcome, Policy, PossibleTarget } from '../../src/policy/policy.ts'

/** 2026-11-23 04:00 UTC, a Monday. */
export const NOW = Date.UTC(2026, 10, 23, 4)

export const METERED: PossibleTarget = { ref: 'moonshot/kimi-k2.7-code', billing: 'metered' }
export const PLAN: PossibleTarget = { ref: 'kimi-coding/kimi-for-coding', billing: 'plan' }

/** Outcomes of calls that cost nothing, and of those nobody knows about. */
export const NONE: Outcome = { ending: 'failed', used: 'none' }
export const UNKNOWN: Outcome = { ending: 'truncated', used: 'unknown' }

/** A key that may do everything, but for what is said. */
export function gatewayKey(rest: Partial<GatewayKey> = {}): GatewayKey {
  return {
    id: 'key_1',
    name: 'ci',
    hint: 'cnd_ab12…',
    createdAt: 0,
    tags: [],
    models: [],
    limits: {},
    budgets: [],
    admin: false,
    ...rest,
  }
}

let made = 0

/** A call of a metered model, as `rest` says otherwise. */
export function facts(rest: Partial<CallFacts> & { readonly estimated?: Partial<Estimate> } = {}): CallFacts {
  made += 1
  const { estimated, ...given } = rest
  return {
    id: `req_${made}`,
    at: NOW,
    keyShown: given.key !== undefined,
    requestedModel: METERED.ref,
    targets: [METERED],
    requestBytes: 100,
    estimate: () => ({ inputTokens: 100, outputTokens: 50, nanoUsd: 1_000, ...estimated }),
    ...given,
  }
}

/** A call whose policies must not ask what it may use. */
export function cheapFacts(rest: Partial<CallFacts> = {}): CallFacts {
  return facts({
    ...rest,
    estimate() {
      throw new Error('nothing is limited by it')
    },
  })
}

/** The problem of a refusal, with its status. Throws if the call was admitted. */
export function refusedWith(admission: Admission): Problem & { readonly status: number } {
  if (admission.admit) throw new Error('the call was admitted')
  return { ...admission.problem, status: statusOf(admission.problem) }
}

/** Admits the call and gives its settling. Throws if it was refused. */
export async function admitted(policy: Policy, call: CallFacts): Promise<(outcome: Outcome) => void> {
  const admission = await policy.admit(call)
  if (!admission.admit) throw new Error(admission.problem.what)
  return outcome => admission.settle(outcome)
}
