import { asArray, isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import type { Event } from '../canon/event.ts'
import type { Loss } from '../canon/loss.ts'
import { type CarriedReasoning, unpackCallId, unpackReasoning } from '../canon/reasoning-carrier.ts'
import { leftOut } from './retarget-conversation.ts'
import type { KeepsSeal } from './wire-protocol.ts'

/** A seal's last characters tell it from all others. No more is kept of it: some are megabytes long. */
const SEAL_CHARS_MAX = 64

const NONE: readonly string[] = Object.freeze([])

/**
 * What a provider signed or encrypted its reasoning with, out of any field that holds such words: the provider's own, or a carrier
 * (canon/reasoning-carrier.ts) in which they are packed. A reply's events and the request in which a client of any protocol gives them back have
 * the same seals. Empty for a carrier that only names the writer: nobody signed that.
 */
export function sealsIn(words: string): readonly string[] {
  const carried = unpackReasoning(words)
  if (carried !== undefined) return sealsOfCarried(carried)
  const seal = sealOf(words)
  return seal === '' ? NONE : [seal]
}

/** The seals in what a carrier holds. */
export function sealsOfCarried({ signature = '', redacted = '', details = [] }: CarriedReasoning): readonly string[] {
  return [...sealsIn(signature), ...sealsIn(redacted), ...details.flatMap(sealsOfDetail)]
}

/** The seals in an entry of OpenRouter's form (`reasoning_details`), where they stand in `signature` or `data`. */
export function sealsOfDetail(entry: JsonValue): readonly string[] {
  if (!isObject(entry)) return NONE
  return [...sealsAt(entry, 'signature'), ...sealsAt(entry, 'data')]
}

/** The seals in a field, if it is there and a text. */
export function sealsAt(object: JsonObject, name: string): readonly string[] {
  const words = object[name]
  return typeof words === 'string' ? sealsIn(words) : NONE
}

/** Base64 in its plain alphabet and without its padding: clients that decode the field may write it in another way than they read it. */
function sealOf(words: string): string {
  let end = words.length
  while (words[end - 1] === '=') end -= 1
  return words
    .slice(Math.max(0, end - SEAL_CHARS_MAX), end)
    .replaceAll('-', '+')
    .replaceAll('_', '/')
}

/** The seals a reply's event brings. */
export function sealsOfEvent(event: Event): readonly string[] {
  if (event.type === 'block-delta') return event.delta.type === 'signature' ? sealsIn(event.delta.signature) : NONE
  if (event.type !== 'block-start') return NONE
  const { block } = event
  if (block.type === 'reasoning') return block.redacted === undefined ? NONE : sealsIn(block.redacted)
  if (block.type === 'tool-call') return block.signature === undefined ? NONE : sealsIn(block.signature)
  // Gemini signs parts of any kind, and those no other protocol knows keep the field they came with.
  return block.type === 'opaque' ? sealsAt(block.value, 'thoughtSignature') : NONE
}

/** A call's id without what other protocols' encoders packed into it. */
interface PlainId {
  readonly id: string
  readonly seals: readonly string[]
}

/** Unpacks an id, however often it was packed. */
function plainId(given: string): PlainId {
  const seals: string[] = []
  let { id, carried } = unpackCallId(given)
  while (carried !== undefined) {
    seals.push(...sealsOfCarried(carried))
    const inner = unpackCallId(id)
    id = inner.id
    carried = inner.carried
  }
  return { id, seals }
}

/** The seals in a call's id, if the field is there and a text. A result has the id of its call, and so the same. */
export function sealsOfId(object: JsonObject, name: string): readonly string[] {
  const id = object[name]
  return typeof id === 'string' ? plainId(id).seals : NONE
}

/** The id of a call or a result without what is packed in it; undefined if nothing is, or all of it stays. */
export function openedId(given: JsonValue | undefined, keeps: KeepsSeal): string | undefined {
  if (typeof given !== 'string') return undefined
  const { id, seals } = plainId(given)
  return id === given || (seals.length > 0 && seals.every(keeps)) ? undefined : id
}

/** No seal may stay. */
export const keepsNone: KeepsSeal = () => false

/** True if not all of the seals may stay. */
export function breaks(seals: readonly string[], keeps: KeepsSeal): boolean {
  return !seals.every(keeps)
}

/** Each seal once, in the order they were found. */
export function eachOnce(seals: Iterable<string>): readonly string[] {
  return [...new Set(seals)]
}

/** The list with each of its objects changed into any number of them; what is no object stays. */
export function mapObjects(
  list: JsonValue | undefined,
  change: (object: JsonObject, place: number) => readonly JsonObject[],
): JsonValue[] {
  return asArray(list).flatMap((item, place): readonly JsonValue[] => (isObject(item) ? change(item, place) : [item]))
}

/** A copy without these fields. */
export function withoutFields(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

/** Earlier reasoning that does not go to another model. */
export function unsealed(at: string): Loss {
  return leftOut(at, 'another model signed it')
}
