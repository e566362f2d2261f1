import type { Assumption, Loss } from '../../canon/loss.ts'
import type { ParameterName } from '../../canon/parameters.ts'
import type { CanonRequest } from '../../canon/request.ts'
import { type CallIds, openCallIds } from '../call-ids.ts'
import type { Quirks } from '../quirks.ts'
import { lossOf } from '../settings.ts'
import { CALL_ID_CHARS_MAX } from './item-types.ts'
import { PROTOCOL } from './protocol.ts'

/** What is at hand, and what is gathered, while a request is written. */
export interface Writing {
  readonly request: CanonRequest
  readonly quirks: Quirks
  /** The request was read from this protocol: its files, annotations and opaque parts are understood. */
  readonly own: boolean
  readonly losses: Loss[]
  readonly assumptions: Assumption[]
  readonly ids: CallIds
  /** Notes something that cannot be said; the parameter table decides how grave that is. */
  lose(parameter: ParameterName, at: string, reason: string): void
  /** Notes something filled in that the client did not say. */
  assume(path: string, value: string, reason: string): void
}

/** Begins to write a request. */
export function openWriting(request: CanonRequest, quirks: Quirks): Writing {
  const losses: Loss[] = []
  const assumptions: Assumption[] = []
  const own = request.from === PROTOCOL
  return {
    request,
    quirks,
    own,
    losses,
    assumptions,
    ids: openCallIds({
      fits: id => id.length <= CALL_ID_CHARS_MAX,
      prefix: 'call_',
      pattern: quirks.toolIdPattern,
      // A list of items has nothing but the id to tell whose result is whose; the protocol's own ids are left to the provider.
      repeats: own,
    }),
    lose: (parameter, at, reason) => losses.push(lossOf(parameter, at, reason)),
    assume: (path, value, reason) => assumptions.push({ path, value, reason }),
  }
}
