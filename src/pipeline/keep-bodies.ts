import type { KeptBody } from '../ledger/kept-bodies.ts'
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
  return { contentType, bytes: bytes.length, data: bytes.length > bytesMax ? bytes.subarray(0, bytesMax) : bytes }
}

/** Collects the beginning of a stream. */
export interface StreamKeeper extends Pick<Keeper, 'push'> {
  body(): KeptBody
}

const ROOM_AT_FIRST = 4_096

/** Opens a keeper for one stream. What it is given is copied: a small piece may be a view of much larger memory. Signs of life are passed over. */
export function openStreamKeeper(bytesMax: number, { heartbeat, contentType }: Framing): StreamKeeper {
  let room = new Uint8Array(Math.min(ROOM_AT_FIRST, bytesMax))
  let bytes = 0
  let used = 0
  return {
    push(piece) {
      if (piece === heartbeat) return
      bytes += piece.length
      const part = piece.subarray(0, bytesMax - used)
      if (used + part.length > room.length) room = grown(room, used + part.length, bytesMax)
      room.set(part, used)
      used += part.length
    },
    body: () => ({ contentType, bytes, data: room.subarray(0, used) }),
  }
}

function grown(room: Uint8Array<ArrayBuffer>, atLeast: number, atMost: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(atMost, Math.max(atLeast, room.length * 2)))
  larger.set(room)
  return larger
}
