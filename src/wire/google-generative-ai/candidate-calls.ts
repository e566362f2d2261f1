import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { brokenProtocol, type Outlet, tellUnknown } from '../reply-outlet.ts'
import { type ArgsWriter, openArgsWriter } from './candidate-args.ts'

/** Reads one candidate's function calls, which come whole, or in pieces where Vertex streams the arguments. */
export interface CallReader {
  /** One `functionCall`, with the signature that stood beside it as events have it. */
  take(call: JsonObject, signature: string | undefined): void
  /** No piece of a streamed call will come any more: something else has begun, or the candidate is over. */
  finish(): void
  /** True if the candidate called a function. */
  called(): boolean
}

const KNOWN = new Set(['id', 'name', 'args', 'partialArgs', 'willContinue'])

/** A call whose arguments are coming in pieces. */
interface OpenCall {
  readonly index: number
  readonly id: string | undefined
  readonly args: ArgsWriter
}

/**
 * Opens the reader of one candidate. `before` runs when a call begins, so that the candidate can close its open text. A streamed call begins
 * with its name and `willContinue`, goes on without a name, and is over with an empty `functionCall`, which may be missing: then it is over when
 * anything else comes.
 */
export function openCallReader(choice: number, outlet: Outlet, before: () => void): CallReader {
  return new Calls(choice, outlet, before)
}

class Calls implements CallReader {
  readonly #choice: number
  readonly #outlet: Outlet
  readonly #before: () => void
  #open: OpenCall | undefined
  #called = false

  constructor(choice: number, outlet: Outlet, before: () => void) {
    this.#choice = choice
    this.#outlet = outlet
    this.#before = before
  }

  called(): boolean {
    return this.#called
  }

  take(call: JsonObject, signature: string | undefined): void {
    tellUnknown(call, KNOWN, 'functionCall', this.#outlet)
    const name = asString(call.name) ?? ''
    const id = filled(call.id)
    const pieces = asArray(call.partialArgs)
    const goesOn = name === '' || (id !== undefined && this.#open?.id === id)
    if (this.#open === undefined || !goesOn) {
      this.finish()
      if (name === '') this.#nameless(call)
      else this.#begin(call, name, id, signature, pieces)
    } else {
      if (signature !== undefined) this.#outlet.unknown('functionCall signature in a later piece')
      this.#goOn(this.#open, call, pieces)
    }
  }

  finish(): void {
    const open = this.#open
    if (open === undefined) return
    this.#open = undefined
    this.#input(open.index, open.args.finish())
    this.#outlet.emit({ type: 'block-stop', index: open.index })
  }

  #begin(
    call: JsonObject,
    name: string,
    id: string | undefined,
    signature: string | undefined,
    pieces: readonly JsonValue[],
  ): void {
    this.#before()
    this.#called = true
    const index = this.#outlet.nextIndex()
    const head = { type: 'tool-call', id: id ?? this.#outlet.nextCallId(), name, custom: false } as const
    const block = signature === undefined ? head : { ...head, signature }
    this.#outlet.emit({ type: 'block-start', index, choice: this.#choice, block })
    if (call.willContinue !== true && pieces.length === 0) {
      this.#input(index, wholeArgs(call.args))
      this.#outlet.emit({ type: 'block-stop', index })
      return
    }
    this.#open = { index, id, args: openArgsWriter() }
    this.#goOn(this.#open, call, pieces)
  }

  #goOn(open: OpenCall, call: JsonObject, pieces: readonly JsonValue[]): void {
    const args = asObject(call.args)
    if (args !== undefined && Object.keys(args).length > 0) {
      this.#wholeInPieces(open, args)
      return
    }
    const text = open.args.take(pieces)
    if (text === undefined) {
      this.#outlet.fail(
        brokenProtocol('The provider streams arguments of a function call in an order that is no JSON.'),
      )
      return
    }
    this.#input(open.index, text)
    const more = call.willContinue === true || pieces.some(piece => asObject(piece)?.willContinue === true)
    if (!more) this.finish()
  }

  /** All arguments at once in a call that was to come in pieces. */
  #wholeInPieces(open: OpenCall, args: JsonObject): void {
    if (open.args.begun()) {
      this.#outlet.fail(brokenProtocol('The provider sent arguments of a function call in pieces and whole.'))
      return
    }
    this.#open = undefined
    this.#input(open.index, JSON.stringify(args))
    this.#outlet.emit({ type: 'block-stop', index: open.index })
  }

  /** A piece of a call that is over may be the empty end mark; any other means that its beginning is missing. */
  #nameless(call: JsonObject): void {
    if (asArray(call.partialArgs).length === 0 && Object.keys(asObject(call.args) ?? {}).length === 0) return
    this.#outlet.fail(brokenProtocol('The provider called a function without naming it.'))
  }

  #input(index: number, text: string): void {
    if (text !== '') this.#outlet.emit({ type: 'block-delta', index, delta: { type: 'input', text } })
  }
}

/** Some servers give the arguments as a text. A call without any has an empty object. */
function wholeArgs(args: JsonValue | undefined): string {
  if (typeof args === 'string') return args
  return JSON.stringify(args ?? {})
}

function filled(value: JsonValue | undefined): string | undefined {
  const text = asString(value)
  return text === '' ? undefined : text
}
