import type { Receipt } from '../ledger/receipt.ts'
import { keepWhole } from './keep-bodies.ts'
import { candorHeaders } from './reply-headers.ts'
import { cacheKeyOf, type Keeper, keptOf, openKeeper, replay } from './response-cache.ts'
import type { Trip } from './trip.ts'

/** Larger answers are not kept: they would push out many others. Bytes. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024

/** What becomes of an answer that may be kept. */
export interface Keeping {
  /** Collects what the client is given. */
  open(): Keeper
  /** Keeps the answer, if it came whole. Nobody waits for it. */
  keep(receipt: Receipt, bytes: Uint8Array | undefined, contentType: string): void
}

/** Answers from the route's cache, or says how the answer that is now fetched is kept. Neither, where the route keeps none. */
export function askCache(trip: Trip): Promise<Response | Keeping | undefined> | undefined {
  const { route } = trip.course
  return route?.cacheMs === undefined ? undefined : askCacheOf(route.name, route.cacheMs, trip)
}

async function askCacheOf(name: string, cacheMs: number, trip: Trip): Promise<Response | Keeping | undefined> {
  const { call, head, course, house, record } = trip
  const key = cacheKeyOf(call, head, name, record.draft.key?.id ?? 'local')
  if (key === undefined) return undefined
  const kept = await house.cache.get(key)
  // A reload may have taken the target out of the route.
  if (kept !== undefined && course.legs.some(leg => leg.target.ref === kept.servedModel)) return await given(kept, trip)
  record.draft.cache = 'miss'
  return {
    open: () => openKeeper(KEPT_BYTES_MAX, call.framing),
    keep(receipt, bytes, contentType) {
      const found = keptOf(receipt, bytes, contentType)
      if (found !== undefined) void house.cache.put(key, found, cacheMs)
    },
  }
}

/** Gives a kept answer. No provider was asked, so nothing was used and no purse paid. */
async function given(kept: NonNullable<ReturnType<typeof keptOf>>, trip: Trip): Promise<Response> {
  const { call, house, record } = trip
  const { bytes, contentType, at: _at, usage: _usage, ...told } = kept
  Object.assign(record.draft, told, { cache: 'hit' })
  delete record.draft.billing
  const receipt = record.close('complete', { status: 200, replyBytes: bytes.length })
  keepWhole(call, house, contentType, bytes)
  await house.ledger.settle(receipt)
  const headers = Object.assign(candorHeaders(receipt, contentType), record.headers)
  const isStream = contentType === call.framing.contentType && trip.head.stream
  return new Response(isStream ? replay(kept, call.framing) : bytes, { status: 200, headers })
}
