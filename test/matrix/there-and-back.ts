import { isProblem } from '../../src/canon/problem.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'
import { NAMES } from './fixtures.ts'

/** A request that went through another protocol and back. */
export interface Returned {
  readonly request: CanonRequest
  /** The paths of what was filled in on the way. */
  readonly assumed: readonly string[]
}

/** Writes a request in another protocol, reads it there, and brings it back; undefined where something was lost on the way there or back. */
export function thereAndBack(request: CanonRequest, from: WireProtocol, to: WireProtocol): Returned | undefined {
  const there = over(request, to)
  if (there === undefined) return undefined
  const back = over(there.request, from)
  if (back === undefined) return undefined
  return { request: back.request, assumed: [...there.assumed, ...back.assumed] }
}

function over(request: CanonRequest, to: WireProtocol): Returned | undefined {
  const { body, losses, assumptions } = to.encodeRequest(request, {})
  if (losses.length > 0) return undefined
  const read = to.decodeRequest(body, { ...NAMES, stream: request.stream })
  if (isProblem(read)) throw new Error(`${to.id} does not read what it wrote: ${read.what}`)
  return { request: read, assumed: assumptions.map(({ path }) => path) }
}
