import type { JsonObject, JsonValue } from '../../base/json-value.ts'
import type { BlockDelta, BlockHead, Event } from '../../canon/event.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import type { Said } from './stop.ts'

/** Where the readers of one reply put their events, with what they share. */
export interface Outlet {
  emit(event: Event): void
  /** Starts a block and gives its index. */
  start(block: BlockHead): number
  delta(index: number, delta: BlockDelta['delta']): void
  stop(index: number): void
  /** Tells, once for each name, that something has no place in the canonical form. */
  unknown(name: string): void
  /** Ends the reply as failed. */
  fail(found: Problem): void
  /** Ends the reply: what the provider sent is not allowed. */
  broken(what: string): void
  /** What the blocks so far say about why the reply ends. */
  said(): Said
  /** True once the reply has ended. */
  over(): boolean
  /** The events since the last call. */
  drain(): readonly Event[]
}

/** Opens an outlet. Nothing comes out of it after a terminal event. */
export function openOutlet(): Outlet {
  return new Events()
}

/** More different unknown names than this in one reply are not told one by one. */
const UNKNOWN_NAMES_MAX = 100
const UNKNOWN_NAME_CHARS_MAX = 100

const NONE: Event[] = []

class Events implements Outlet {
  readonly #told = new Set<string>()
  readonly #said = { called: false, refused: false, spoke: false }
  #events: Event[] = NONE
  #blocks = 0
  #ended = false

  emit(event: Event): void {
    if (this.#ended) return
    if (this.#events === NONE) this.#events = [event]
    else this.#events.push(event)
    this.#ended = event.type === 'reply-end' || event.type === 'failure'
  }

  start(block: BlockHead): number {
    const index = this.#blocks
    this.#blocks += 1
    if (block.type === 'tool-call') this.#said.called = true
    else if (block.type === 'refusal') this.#said.refused = true
    else if (block.type === 'text') this.#said.spoke = true
    this.emit({ type: 'block-start', index, choice: 0, block })
    return index
  }

  delta(index: number, delta: BlockDelta['delta']): void {
    this.emit({ type: 'block-delta', index, delta })
  }

  stop(index: number): void {
    this.emit({ type: 'block-stop', index })
  }

  unknown(name: string): void {
    if (this.#told.has(name) || this.#told.size >= UNKNOWN_NAMES_MAX) return
    this.#told.add(name)
    this.emit({ type: 'unknown', name: name.slice(0, UNKNOWN_NAME_CHARS_MAX) })
  }

  fail(found: Problem): void {
    this.emit({ type: 'failure', problem: found })
  }

  broken(what: string): void {
    this.fail(problem('upstream_protocol', `The provider sent ${what}.`, { fix: ['Ask again.'] }))
  }

  said(): Said {
    return this.#said
  }

  over(): boolean {
    return this.#ended
  }

  drain(): readonly Event[] {
    const drained = this.#events
    this.#events = NONE
    return drained
  }
}

/** The provider answered in the words of Chat Completions, as servers do that know only those. */
export function otherProtocol(): Problem {
  return problem('upstream_protocol', 'The provider answered with Chat Completions where a response was asked for.', {
    fix: ['Reach this provider by `openai-completions`.'],
  })
}

/** Tells every field that is not known and not empty. */
export function tellStrays(object: JsonObject, known: ReadonlySet<string>, at: string, outlet: Outlet): void {
  for (const key in object) if (!known.has(key) && !isEmpty(object[key])) outlet.unknown(`${at}.${key}`)
}

/** True for what carries nothing: null, false, zero, and empty texts, lists and objects. */
function isEmpty(value: JsonValue | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === undefined || value === null || value === '' || value === false || value === 0
}
