import { asString, type JsonObject } from '../../base/json-value.ts'
import { tellUnknown } from '../reply-outlet.ts'
import { type ItemReader, inputText, type SpokenBlock, startSpoken, typeOf } from './item-reader.ts'
import type { Outlet } from './stream-outlet.ts'

/** How the two kinds of calls word the same things. */
interface CallWords {
  readonly custom: boolean
  readonly field: 'arguments' | 'input'
  readonly delta: string
  readonly done: string
  readonly known: ReadonlySet<string>
}

const ITEM_KNOWN = ['type', 'id', 'status', 'call_id', 'name']

const FUNCTION: CallWords = {
  custom: false,
  field: 'arguments',
  delta: 'response.function_call_arguments.delta',
  done: 'response.function_call_arguments.done',
  known: new Set([...ITEM_KNOWN, 'arguments']),
}

const CUSTOM: CallWords = {
  custom: true,
  field: 'input',
  delta: 'response.custom_tool_call_input.delta',
  done: 'response.custom_tool_call_input.done',
  known: new Set([...ITEM_KNOWN, 'input']),
}

/** Opens the reader of a `function_call` or `custom_tool_call`. */
export function openCallReader(item: JsonObject, outlet: Outlet): ItemReader {
  return new CallReader(item, outlet)
}

class CallReader implements ItemReader {
  readonly type: string
  readonly #words: CallWords
  readonly #outlet: Outlet
  #item: JsonObject
  #block: SpokenBlock | undefined
  /** Input that came before the call had a name. */
  #early = ''
  #done = false

  constructor(item: JsonObject, outlet: Outlet) {
    this.type = typeOf(item)
    this.#words = this.type === 'custom_tool_call' ? CUSTOM : FUNCTION
    this.#outlet = outlet
    this.#item = item
    this.#begin(asString(item.call_id))
    this.#block?.complete(inputText(item[this.#words.field]))
  }

  id(): string | undefined {
    return asString(this.#item.id)
  }

  done(): boolean {
    return this.#done
  }

  take(event: string, data: JsonObject): boolean {
    if (event === this.#words.delta) {
      const text = asString(data.delta) ?? ''
      if (this.#block === undefined) this.#early += text
      else this.#block.say(text)
      return true
    }
    if (event !== this.#words.done) return false
    this.#block?.complete(inputText(data[this.#words.field]))
    return true
  }

  finish(item: JsonObject): void {
    if (this.#done) return
    this.#done = true
    this.#item = { ...this.#item, ...item }
    if (this.#block === undefined) this.#begin(asString(this.#item.call_id) || asString(this.#item.id))
    if (this.#block === undefined) {
      this.#outlet.broken('a tool call without an id or a name')
      return
    }
    this.#block.complete(inputText(item[this.#words.field]))
    if (!this.#words.custom && this.#block.text() === '') this.#block.say('{}')
    this.#block.close()
    tellUnknown(isDirect(item) ? { ...item, caller: null } : item, this.#words.known, this.type, this.#outlet)
  }

  #begin(id: string | undefined): void {
    const name = asString(this.#item.name)
    if (!id || !name) return
    this.#block = startSpoken({ type: 'tool-call', id, name, custom: this.#words.custom }, this.#outlet)
    this.#block.say(this.#early)
  }
}

/** `caller: { type: 'direct' }` is how the newer API says that nothing special called the tool. */
function isDirect({ caller }: JsonObject): boolean {
  return typeof caller === 'object' && caller !== null && 'type' in caller && caller.type === 'direct'
}
