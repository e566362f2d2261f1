import { OWN_USER_AGENT } from '../base/version.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import { isCut, type KeptBodies } from '../ledger/kept-bodies.ts'
import type { Call, House } from './call.ts'
import { JSON_ARRAY, SSE } from './framing.ts'
import { readRequestHead } from './read-request.ts'

/** What a call is made of that its client decided. */
export type Replayed = Pick<Call, 'replayOf' | 'protocol' | 'operation' | 'names' | 'framing' | 'body' | 'headers'>

/** Why a call is not made again whose request is not there as a whole. */
export const CUT_REQUEST =
  'Its request was longer than what is kept of a body (bodies.bytesMax), so its end is missing.'

const NAME_IT = 'Name one, such as ?model=provider/model, or leave the parameter away to ask the same again.'

/**
 * A kept call, to be made again: the same request in the same protocol, led by its name to wherever that leads now. `model`: asks for this model or
 * route instead. It goes out under Candor's own name: the client that made it is not the one that makes it now.
 */
export function replayCall(kept: KeptBodies, model: string | undefined, house: House): Replayed | Problem {
  const { id, operation, names, request } = kept
  if (model === '') return problem('bad_request', 'The model to ask instead has no name.', { fix: [NAME_IT] })
  if (isCut(request)) {
    const fix = ['Raise bodies.bytesMax, and have the client make the call again.']
    return problem('bad_request', `The call ${id} cannot be made again.`, { why: CUT_REQUEST, fix })
  }
  const protocol = house.protocols.get(kept.protocol)
  if (protocol === undefined) throw new Error(`no codec for ${kept.protocol}`)
  const body = model === undefined || names !== undefined ? request.data : renamed(request.data, model, protocol)
  if (isProblem(body)) return body
  return {
    replayOf: id,
    protocol,
    operation,
    framing: kept.jsonArray ? JSON_ARRAY : SSE,
    body,
    // Whoever makes a call again wants to know what is answered now, not what was answered before.
    headers: new Headers({ ...kept.headers, 'user-agent': OWN_USER_AGENT, 'candor-cache': 'no-store' }),
    ...(names === undefined ? {} : { names: model === undefined ? names : { ...names, model } }),
  }
}

function renamed(body: Uint8Array, model: string, protocol: Call['protocol']): Uint8Array | Problem {
  const head = readRequestHead({ body })
  if (isProblem(head)) return head
  const edited = protocol.retarget(body, model, {}, head.scan)
  return isProblem(edited) ? edited : edited.body
}
