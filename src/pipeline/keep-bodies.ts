import type { BodyRoom, KeptBody } from '../ledger/kept-bodies.ts'
import type { Call, House } from './call.ts'
import { type Framing, JSON_ARRAY } from './framing.ts'
import { type Keeper, TELLING_HEADERS } from './response-cache.ts'

const JSON_TYPE = 'application/json'

/** Keeps what was asked, and what was answered if there is anything, where bodies are kept. Nobody waits for it. */
export function keepBodies(call: Call, { bodies }: House, reply: KeptBody | undefined): void {
  if (bodies === undefined || call.body.length === 0) return
  const { id, at, protocol, operation, names, framing, headers, body } = call
  bodies.store.keep({
    id,
    at,
    protocol: protocol.id,
    operation,
    ...(names === undefined ? {} : { names }),
    jsonArray: framing === JSON_ARRAY,
    headers: Object.fromEntries(
      TELLING_HEADERS.flatMap(name => {
        const value = headers.get(name)
        return value === null ? [] : [[name, value]]
      }),
    ),
    request: cutTo(bodies.bytesMax, JSON_TYPE, body),
    ...(reply === undefined ? {} : { reply }),
  })
}

/** The same with a reply that is there as a whole. */
export function keepWhole(call: Call, house: House, contentType: string, reply: Uint8Array): void {
  if (house.bodies !== undefined) keepBodies(call, house, cutTo(house.bodies.bytesMax, contentType, reply))
}

function cutTo(bytesMax: number, contentType: string, bytes: Uint8Array): KeptBody {
  return { contentType, bytes: bytes.length, data: alone(bytes.subarray(0, bytesMax)) }
}

/** Copied, if it is a small part of larger memory: it may wait long for the disk, and would hold all of that. */
function alone(data: Uint8Array): Uint8Array {
  return data.buffer.byteLength > 2 * data.length ? new Uint8Array(data) : data
}

/** Collects the beginning of a stream. */
export interface StreamKeeper extends Pick<Keeper, 'push'> {
  /** What was collected. It is taken out once, at the end. */
  body(): KeptBody
}

const ROOM_AT_FIRST = 4_096

/** What a keeper is opened with. */
export interface StreamKeeping {
  /** Most that is kept, in bytes. */
  readonly bytesMax: number
  /** Shared with all streams under way; where it is used up, what comes from then on is not kept. */
  readonly room: BodyRoom
}

/** Opens a keeper for one stream. What it is given is copied: a small piece may be a view of much larger memory. Signs of life are passed over. */
export function openStreamKeeper({ bytesMax, room }: StreamKeeping, { heartbeat, contentType }: Framing): StreamKeeper {
  let data = new Uint8Array(0)
  let bytes = 0
  let used = 0
  let most = bytesMax

  /** Grows to hold so much, as far as there is room. */
  function hold(atLeast: number): void {
    const wanted = Math.min(most, Math.max(atLeast, data.length * 2, ROOM_AT_FIRST))
    if (!room.take(wanted - data.length)) {
      most = data.length
      return
    }
    const larger = new Uint8Array(wanted)
    larger.set(data)
    data = larger
  }

  return {
    push(piece) {
      if (piece === heartbeat) return
      bytes += piece.length
      const end = Math.min(used + piece.length, most)
      if (end > data.length) hold(end)
      const part = piece.subarray(0, Math.min(end, data.length) - used)
      data.set(part, used)
      used += part.length
    },
    body() {
      room.give(data.length)
      return { contentType, bytes, data: data.slice(0, used) }
    },
  }
}
