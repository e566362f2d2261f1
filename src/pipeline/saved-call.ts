import { newId } from '../base/ids.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { Call, House, Operation } from './call.ts'
import { SSE } from './framing.ts'

/** A request that is explained, not made. */
export interface SavedRequest {
  readonly protocol: ProtocolId
  readonly operation: Operation
  readonly body: Uint8Array
  /** What the client would send. */
  readonly headers: Headers
}

/** A saved request as a call that nobody waits for. Throws if the protocol is not spoken. */
export function savedCall({ protocol: id, ...said }: SavedRequest, house: House): Call {
  const protocol = house.protocols.get(id)
  if (protocol === undefined) throw new Error(`no codec for ${id}`)
  const at = house.clock.now()
  return {
    ...said,
    id: newId('req', at),
    at,
    startedMs: house.clock.monotonicMs(),
    protocol,
    framing: SSE,
    key: undefined,
    leaving: new AbortController(),
    ended() {},
  }
}
