import { inputTotal, outputTotal } from '../canon/usage.ts'
import type { Estimate, Outcome } from './policy.ts'

/** What a call counts against budgets. The receipt keeps it, so that the ledger's sums and the counters agree. */
export interface Charge {
  readonly nanoUsd: number
  /** Input, read from and written to caches included, and output, reasoning included. */
  readonly tokens: number
  /** Something of it was not told, so what was reserved for it stands instead. */
  readonly estimated: boolean
}

const NOTHING: Charge = { nanoUsd: 0, tokens: 0, estimated: false }

/**
 * The charge of a call that ended so: what was used; where that is not known, what was reserved; nothing, where no provider took it. A price that is not
 * known counts as nothing in dollars, and as estimated. `estimate` is only asked where it is needed, and must say what it said at admission.
 */
export function chargeOf(outcome: Outcome, estimate: () => Estimate): Charge {
  if (outcome.used === 'none') return NOTHING
  const cost = outcome.used === 'known' ? amount(outcome.costNanoUsd) : undefined
  const { input, output } = usedTokens(outcome)
  if (cost !== undefined && input !== undefined && output !== undefined)
    return { nanoUsd: cost, tokens: input + output, estimated: false }
  const reserved = estimate()
  return {
    nanoUsd: cost ?? reserved.nanoUsd ?? 0,
    tokens: (input ?? reserved.inputTokens) + (output ?? reserved.outputTokens),
    // Where nothing was reserved nothing is estimated: no dollars on a plan, no output of an embedding.
    estimated:
      (cost === undefined && reserved.nanoUsd !== 0) ||
      (input === undefined && reserved.inputTokens > 0) ||
      (output === undefined && reserved.outputTokens > 0),
  }
}

/** All input and all output tokens of a call, each undefined where it is not known. */
export function usedTokens({ used, usage = {} }: Outcome): { readonly input?: number; readonly output?: number } {
  if (used === 'none') return { input: 0, output: 0 }
  if (used === 'unknown') return {}
  const [input, output] = [amount(inputTotal(usage)), amount(outputTotal(usage))]
  return { ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) }
}

/** More than any call can use, in nano-dollars or tokens. A provider that claims more is not believed: it would spoil the sums. */
const AMOUNT_MAX = 1e13

function amount(told: number | undefined): number | undefined {
  return told !== undefined && Number.isInteger(told) && told >= 0 && told <= AMOUNT_MAX ? told : undefined
}
