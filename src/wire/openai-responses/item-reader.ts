import { asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { BlockHead } from '../../canon/event.ts'
import type { Outlet } from './stream-outlet.ts'

/** Turns the events about one output item into blocks. What an item's last events repeat is compared with what was given out already. */
export interface ItemReader {
  /** The wire's type name. */
  readonly type: string
  /** The provider's id, as it last told it: some tell another one at the end. */
  id(): string | undefined
  /** An event about the item. False if it is none that such an item has. */
  take(event: string, data: JsonObject): boolean
  /** The item is over. Gives out what `item`, the whole one, has and no event told; `{}` where nobody told it whole. */
  finish(item: JsonObject): void
  done(): boolean
}

/** The type name of an item. */
export function typeOf(item: JsonObject): string {
  return asString(item.type) ?? 'item without a type'
}

/** A block that is written bit by bit and may be told whole at the end. */
export interface SpokenBlock {
  readonly index: number
  readonly kind: BlockHead['type']
  say(text: string): void
  /** The rest of the whole text, if what was said is its beginning. If it is not, that is told: what was given out stays. */
  complete(whole: string | undefined): void
  /** Log probabilities: the next ones, or all of the block. */
  logprobs(list: readonly JsonValue[], all: boolean): void
  /** Citations: the next ones, or all of the block. */
  citations(list: readonly JsonValue[], all: boolean): void
  /** What was said so far, as far as it is kept. */
  text(): string
  open(): boolean
  close(): void
}

/** Text kept of one block, in characters. The whole of a longer one is not compared with what was given out. */
const KEPT_CHARS_MAX = 4 * 1024 * 1024

/** Starts a block. */
export function startSpoken(head: BlockHead, outlet: Outlet): SpokenBlock {
  return new Spoken(head, outlet)
}

class Spoken implements SpokenBlock {
  readonly index: number
  readonly kind: BlockHead['type']
  readonly #outlet: Outlet
  #text = ''
  #logprobs = 0
  #citations = 0
  #open = true

  constructor(head: BlockHead, outlet: Outlet) {
    this.kind = head.type
    this.index = outlet.start(head)
    this.#outlet = outlet
  }

  say(text: string): void {
    if (text === '' || !this.#open) return
    if (this.#text.length <= KEPT_CHARS_MAX) this.#text += text
    this.#outlet.delta(this.index, { type: this.kind === 'tool-call' ? 'input' : 'text', text })
  }

  complete(whole: string | undefined): void {
    if (whole === undefined || whole === '' || this.#text.length > KEPT_CHARS_MAX) return
    if (whole.startsWith(this.#text)) this.say(whole.slice(this.#text.length))
    else if (whole.trim() !== this.#text.trim()) this.#outlet.unknown('a whole text other than its deltas')
  }

  logprobs(list: readonly JsonValue[], all: boolean): void {
    const fresh = all ? list.slice(this.#logprobs) : list
    if (fresh.length === 0 || !this.#open) return
    this.#logprobs += fresh.length
    this.#outlet.delta(this.index, { type: 'logprobs', value: { content: fresh, refusal: null } })
  }

  citations(list: readonly JsonValue[], all: boolean): void {
    if (!this.#open) return
    for (const value of all ? list.slice(this.#citations) : list) {
      this.#citations += 1
      this.#outlet.delta(this.index, { type: 'citation', value })
    }
  }

  text(): string {
    return this.#text
  }

  open(): boolean {
    return this.#open
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#outlet.stop(this.index)
  }
}

/** The value if it is text, else the JSON of it: some servers give arguments as an object. Undefined for nothing. */
export function inputText(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  return asString(value) ?? JSON.stringify(value)
}
