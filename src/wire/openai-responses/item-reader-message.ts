import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { tellUnknown } from '../reply-outlet.ts'
import { type ItemReader, type SpokenBlock, startSpoken } from './item-reader.ts'
import type { Outlet } from './stream-outlet.ts'

type PartKind = 'text' | 'refusal'

const KINDS: ReadonlyMap<string, PartKind> = new Map([
  ['output_text', 'text'],
  ['refusal', 'refusal'],
])

const ITEM_KNOWN = new Set(['type', 'id', 'status', 'role', 'content'])
const PART_KNOWN = new Set(['type', 'text', 'refusal', 'annotations', 'logprobs'])

/** Opens the reader of a `message`: each of its parts is a block. */
export function openMessageReader(item: JsonObject, outlet: Outlet): ItemReader {
  return new MessageReader(item, outlet)
}

class MessageReader implements ItemReader {
  readonly type = 'message'
  readonly #outlet: Outlet
  /** The newest part of each `content_index`: servers that do not count begin anew at the same place. */
  readonly #parts = new Map<number, SpokenBlock>()
  readonly #inOrder: SpokenBlock[] = []
  #id: string | undefined
  #done = false

  constructor(item: JsonObject, outlet: Outlet) {
    this.#outlet = outlet
    this.#id = asString(item.id)
  }

  id(): string | undefined {
    return this.#id
  }

  done(): boolean {
    return this.#done
  }

  take(event: string, data: JsonObject): boolean {
    switch (event) {
      case 'response.output_text.delta':
        this.#delta(this.#part(data, 'text', true), data)
        return true
      case 'response.refusal.delta':
        this.#delta(this.#part(data, 'refusal', true), data)
        return true
      case 'response.output_text.done':
        this.#complete(this.#part(data, 'text', false), data)
        return true
      case 'response.refusal.done':
        this.#complete(this.#part(data, 'refusal', false), data)
        return true
      case 'response.output_text.annotation.added':
        this.#annotate(this.#part(data, 'text', false), data.annotation)
        return true
      case 'response.content_part.added':
      case 'response.content_part.done':
        return this.#wholePart(event, data, asObject(data.part) ?? {})
      default:
        return false
    }
  }

  finish(item: JsonObject): void {
    if (this.#done) return
    this.#id = asString(item.id) ?? this.#id
    for (const [place, value] of contentOf(item).entries()) this.#finishPart(place, value)
    for (const part of this.#inOrder) part.close()
    tellUnknown(item, ITEM_KNOWN, this.type, this.#outlet)
    this.#done = true
  }

  #delta(part: SpokenBlock, data: JsonObject): void {
    part.say(asString(data.delta) ?? '')
    const logprobs = asArray(data.logprobs)
    if (logprobs.length > 0) part.logprobs(logprobs, false)
  }

  #annotate(part: SpokenBlock, value: JsonValue | undefined): void {
    if (value === undefined || value === null) return
    if (part.open()) part.citations([value], false)
    else this.#outlet.unknown('an annotation after its text')
  }

  #wholePart(event: string, data: JsonObject, wire: JsonObject): boolean {
    const kind = KINDS.get(asString(wire.type) ?? '')
    if (kind === undefined) {
      this.#outlet.unknown(nameOf(wire))
      return true
    }
    const begins = event === 'response.content_part.added'
    const at = this.#placeOf(data)
    const known = this.#parts.get(at)
    const part = known === undefined || (begins && !known.open()) ? this.#open(at, kind) : this.#part(data, kind, false)
    this.#complete(part, wire)
    tellUnknown(wire, PART_KNOWN, nameOf(wire), this.#outlet)
    if (!begins) part.close()
    return true
  }

  /** A part of the whole item: compared with the one that began in the same order. */
  #finishPart(place: number, value: JsonValue): void {
    const wire = asObject(value) ?? {}
    const kind = KINDS.get(asString(wire.type) ?? '')
    const begun = this.#inOrder[place]
    if (begun !== undefined) this.#complete(begun, wire)
    else if (kind !== undefined) this.#complete(this.#open(place, kind), wire)
    else this.#outlet.unknown(nameOf(wire))
    if (kind !== undefined) tellUnknown(wire, PART_KNOWN, nameOf(wire), this.#outlet)
  }

  /** What a whole part, or the event that repeats it, has beyond what was given out. */
  #complete(part: SpokenBlock, whole: JsonObject): void {
    part.complete(asString(part.kind === 'refusal' ? whole.refusal : whole.text))
    part.logprobs(asArray(whole.logprobs), true)
    part.citations(asArray(whole.annotations), true)
  }

  #placeOf(data: JsonObject): number {
    return asNumber(data.content_index) ?? Math.max(0, this.#parts.size - 1)
  }

  /** `more`: new text comes, which a part that is over cannot take. */
  #part(data: JsonObject, kind: PartKind, more: boolean): SpokenBlock {
    const at = this.#placeOf(data)
    const known = this.#parts.get(at)
    return known?.kind === kind && (known.open() || !more) ? known : this.#open(at, kind)
  }

  #open(at: number, kind: PartKind): SpokenBlock {
    this.#parts.get(at)?.close()
    const part = startSpoken({ type: kind }, this.#outlet)
    this.#parts.set(at, part)
    this.#inOrder.push(part)
    return part
  }
}

function nameOf(part: JsonObject): string {
  return `message.content[${asString(part.type) ?? 'part without a type'}]`
}

/** Few servers give a message as its text alone. */
function contentOf({ content }: JsonObject): readonly JsonValue[] {
  return typeof content === 'string' ? [{ type: 'output_text', text: content }] : asArray(content)
}
