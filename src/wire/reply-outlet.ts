import type { JsonObject, JsonValue } from '../base/json-value.ts'
import type { Event } from '../canon/event.ts'
import { type Problem, problem } from '../canon/problem.ts'

/** Where the readers of one reply put their events, with the numbers they share. */
export interface Outlet {
  emit(event: Event): void
  /** The index of the next block. */
  nextIndex(): number
  /** An id for a tool call that came without one: the same for the same reply, and with the reply's own id in it where it has one. */
  nextCallId(): string
  /** The provider's id of the reply. */
  name(replyId: string): void
  /** Tells, once for each name, that something has no place in the canonical form. */
  unknown(name: string): void
  /** Ends the reply as failed. */
  fail(problem: Problem): void
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

/** What may stand in the id of a tool call in every protocol, and leaves it short. */
const PLAIN_ID = /^[A-Za-z0-9_-]{1,40}$/

const NONE: Event[] = []

/** An outlet, for those that add to it. */
export class Events implements Outlet {
  #told: Set<string> | undefined
  #events: Event[] = NONE
  #blocks = 0
  #calls = 0
  #callPrefix = 'call_'
  #ended = false

  emit(event: Event): void {
    if (this.#ended) return
    if (this.#events === NONE) this.#events = [event]
    else this.#events.push(event)
    this.#ended = event.type === 'reply-end' || event.type === 'failure'
  }

  nextIndex(): number {
    this.#blocks += 1
    return this.#blocks - 1
  }

  /** A conversation has many replies: a number alone would come again with each of them. */
  nextCallId(): string {
    this.#calls += 1
    return `${this.#callPrefix}${this.#calls - 1}`
  }

  name(replyId: string): void {
    if (PLAIN_ID.test(replyId)) this.#callPrefix = `call_${replyId}_`
  }

  unknown(name: string): void {
    this.#told ??= new Set()
    const short = name.slice(0, UNKNOWN_NAME_CHARS_MAX)
    if (this.#told.has(short) || this.#told.size >= UNKNOWN_NAMES_MAX) return
    this.#told.add(short)
    this.emit({ type: 'unknown', name: short })
  }

  fail(found: Problem): void {
    this.emit({ type: 'failure', problem: found })
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

/** The provider's answer does not obey the protocol. `said` is quoted as its words. */
export function brokenProtocol(what: string, said?: string): Problem {
  return problem('upstream_protocol', what, said === undefined ? {} : { upstream: { status: 200, message: said } })
}

/** Tells every field that is not known and not empty. */
export function tellUnknown(object: JsonObject, known: ReadonlySet<string>, at: string, outlet: Outlet): void {
  for (const key in object) {
    if (!known.has(key) && !isEmpty(object[key])) outlet.unknown(at === '' ? key : `${at}.${key}`)
  }
}

/** True for what carries nothing: null, false, zero, and empty texts, lists and objects. */
export function isEmpty(value: JsonValue | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === undefined || value === null || value === '' || value === false || value === 0
}
