import { isProblem, type Problem } from '../canon/problem.ts'
import type { Passed } from '../ledger/receipt.ts'
import type { Call, Surface } from './call.ts'
import { type CanonReader, type Prepared, prepare } from './prepare.ts'
import type { RequestHead } from './read-request.ts'

/** A surface, and the request in its words. */
export interface Way {
  readonly surface: Surface
  readonly prepared: Prepared
}

/**
 * The surfaces that can be told all the request asks for, in their order, each prepared when it is its turn. One that cannot is passed over if another
 * can, and `passed` says so: model, provider, key and purse stay what the user chose. Ends with why there are no more: the refusal of the
 * surface that came first.
 */
export function* waysTo(
  call: Call,
  surfaces: readonly Surface[],
  head: RequestHead,
  canon: CanonReader,
  allowLoss: readonly string[],
  passed: Passed[],
): Generator<Way, Problem | undefined> {
  let refused: Problem | undefined
  const skipped: Passed[] = []
  for (const surface of surfaces) {
    const prepared = prepare(call, surface, head, canon, allowLoss)
    if (!isProblem(prepared)) {
      if (skipped.length > 0) passed.push(...skipped.splice(0))
      yield { surface, prepared }
      continue
    }
    if (prepared.code !== 'untranslatable') return prepared
    refused ??= prepared
    skipped.push({
      protocol: surface.endpoint.protocol,
      reason: `it cannot be told ${(prepared.paths ?? []).join(', ')}`,
    })
  }
  return refused
}
