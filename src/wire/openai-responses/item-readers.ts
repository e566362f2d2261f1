import { asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { type ItemReader, typeOf } from './item-reader.ts'
import { openCallReader } from './item-reader-call.ts'
import { openMessageReader } from './item-reader-message.ts'
import { openOpaqueReader } from './item-reader-opaque.ts'
import { openReasoningReader } from './item-reader-reasoning.ts'
import type { Outlet } from './stream-outlet.ts'

/**
 * The output items of one reply. An item is known by its `output_index`, since some providers tell another id in each of its events, and by
 * its id where there is no index.
 */
export interface Items {
  /** `response.output_item.added`. */
  added(data: JsonObject): void
  /** `response.output_item.done`, with or without a beginning. */
  finished(data: JsonObject): void
  /** Any other event about an item. False if it is about none. */
  take(type: string, data: JsonObject): boolean
  /** The response is over with this output: gives out what no event told, and ends what is open. */
  settle(output: readonly JsonValue[]): void
  any(): boolean
}

const READERS: ReadonlyMap<string, (item: JsonObject, outlet: Outlet) => ItemReader> = new Map([
  ['message', openMessageReader],
  ['reasoning', openReasoningReader],
  ['function_call', openCallReader],
  ['custom_tool_call', openCallReader],
])

/** Opens the list for one reply. */
export function openItems(outlet: Outlet): Items {
  return new OutputItems(outlet)
}

class OutputItems implements Items {
  readonly #outlet: Outlet
  /** The newest item of each place, and of each id. */
  readonly #places = new Map<number, ItemReader>()
  readonly #ids = new Map<string, ItemReader>()
  readonly #all: ItemReader[] = []
  /** Those that are not over, oldest first. */
  readonly #live = new Set<ItemReader>()
  #next = 0

  constructor(outlet: Outlet) {
    this.#outlet = outlet
  }

  any(): boolean {
    return this.#all.length > 0
  }

  added(data: JsonObject): void {
    const item = asObject(data.item)
    if (item === undefined) {
      this.#outlet.unknown('response.output_item.added without an item')
      return
    }
    const at = asNumber(data.output_index)
    const known = at === undefined ? undefined : this.#places.get(at)
    if (known !== undefined && !known.done()) {
      if (known.type === typeOf(item) && known.id() === asString(item.id)) return
      this.#finish(known, {})
    }
    this.#open(at, item)
  }

  finished(data: JsonObject): void {
    const item = asObject(data.item)
    if (item === undefined) {
      this.#outlet.unknown('response.output_item.done without an item')
      return
    }
    const at = asNumber(data.output_index)
    const known = at === undefined ? this.#unplaced(item) : this.#places.get(at)
    const same = known?.type === typeOf(item)
    if (known !== undefined && same && !known.done()) this.#finish(known, item)
    else if (known === undefined || !same || known.id() !== asString(item.id)) {
      if (known !== undefined) this.#finish(known, {})
      this.#finish(this.#open(at, item), item)
    }
  }

  take(type: string, data: JsonObject): boolean {
    const known = this.#about(data)
    if (known === undefined) {
      const implied = impliedBy(type, data)
      return implied !== undefined && this.#open(asNumber(data.output_index), implied).take(type, data)
    }
    if (!known.done()) return known.take(type, data)
    this.#outlet.unknown(`${type} after its item`)
    return true
  }

  settle(output: readonly JsonValue[]): void {
    const left = new Set(this.#all)
    const alike = Map.groupBy(this.#all.toReversed(), reader => reader.type)
    for (const [place, value] of output.entries()) {
      const item = asObject(value)
      if (item === undefined) continue
      const known = this.#match(item, place, left, alike.get(typeOf(item)) ?? [])
      if (known !== undefined) left.delete(known)
      this.#finish(known ?? this.#open(undefined, item), item)
    }
    for (const reader of this.#live) this.#finish(reader, {})
  }

  #open(at: number | undefined, item: JsonObject): ItemReader {
    const reader = (READERS.get(typeOf(item)) ?? openOpaqueReader)(item, this.#outlet)
    const place = at ?? this.#next
    this.#next = Math.max(this.#next, place + 1)
    this.#places.set(place, reader)
    this.#all.push(reader)
    this.#live.add(reader)
    this.#name(reader)
    return reader
  }

  #finish(reader: ItemReader, item: JsonObject): void {
    reader.finish(item)
    this.#live.delete(reader)
    this.#name(reader)
  }

  #name(reader: ItemReader): void {
    const id = reader.id()
    if (id !== undefined) this.#ids.set(id, reader)
  }

  /** The item an event is about; one that names none is about the newest, or one that is not over. */
  #about(data: JsonObject): ItemReader | undefined {
    const at = asNumber(data.output_index)
    if (at !== undefined) return this.#places.get(at)
    const named = this.#ids.get(asString(data.item_id) ?? '')
    if (named !== undefined) return named
    const newest = this.#all.at(-1)
    if (newest?.done() === false) return newest
    for (const reader of this.#live) return reader
    return undefined
  }

  /** The item that a finished one without a place is the end of. */
  #unplaced(item: JsonObject): ItemReader | undefined {
    const named = this.#ids.get(asString(item.id) ?? '')
    if (named !== undefined) return named
    for (const reader of this.#live) if (reader.type === typeOf(item)) return reader
    return undefined
  }

  /** Which of the items that came is this one of the final output: by place, else by id, else the first of its kind (last in `alike`). */
  #match(item: JsonObject, place: number, left: ReadonlySet<ItemReader>, alike: ItemReader[]): ItemReader | undefined {
    for (const known of [this.#places.get(place), this.#ids.get(asString(item.id) ?? '')]) {
      if (known !== undefined && known.type === typeOf(item) && left.has(known)) return known
    }
    for (let next = alike.pop(); next !== undefined; next = alike.pop()) if (left.has(next)) return next
    return undefined
  }
}

/** The item whose beginning a server left out, by an event that only such an item has. */
function impliedBy(type: string, data: JsonObject): JsonObject | undefined {
  const id = asString(data.item_id)
  const named = id === undefined ? {} : { id }
  if (type.startsWith('response.reasoning_')) return { type: 'reasoning', ...named }
  if (type.startsWith('response.content_part.')) {
    const part = asObject(data.part)?.type
    return { type: part === 'reasoning_text' ? 'reasoning' : 'message', ...named }
  }
  const ofMessage = type.startsWith('response.output_text.') || type.startsWith('response.refusal.')
  return ofMessage ? { type: 'message', ...named } : undefined
}
