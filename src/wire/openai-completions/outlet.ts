import type { JsonObject, JsonValue } from '../../base/json-value.ts'
import type { Event } from '../../canon/event.ts'
import { type Problem, problem } from '../../canon/problem.ts'

/** Where the readers of one reply put their events, with the numbers they share. */
export interface Outlet {
  emit(event: Event): void
  /** The index of the next block. */
  nextIndex(): number
  /** An id for a tool call that came without one: the same for the same stream. */
  nextCallId(): string
  /** Tells, once for each name, that something has no place in the canonical form. */
  unknown(name: string): void
  /** Ends the reply as failed. */
  fail(problem: Problem): void
  /** True once the reply has ended. */
  over(): boolean
  /** The events since the last call. */
  drain(): Event[]
}

/** Opens an outlet. Nothing comes out of it after a terminal event. */
export function openOutlet(): Outlet {
  const told = new Set<string>()
  let events: Event[] = []
  let blocks = 0
  let calls = 0
  let ended = false

  function emit(event: Event): void {
    if (ended) return
    events.push(event)
    ended = event.type === 'reply-end' || event.type === 'failure'
  }

  return {
    emit,
    nextIndex() {
      blocks += 1
      return blocks - 1
    },
    nextCallId() {
      calls += 1
      return `call_${calls - 1}`
    },
    unknown(name) {
      if (told.has(name)) return
      told.add(name)
      emit({ type: 'unknown', name })
    },
    fail: found => emit({ type: 'failure', problem: found }),
    over: () => ended,
    drain() {
      const drained = events
      events = []
      return drained
    },
  }
}

/** The provider's answer does not obey the protocol. `said` is quoted as its words. */
export function brokenProtocol(what: string, said?: string): Problem {
  return problem('upstream_protocol', what, said === undefined ? {} : { upstream: { status: 200, message: said } })
}

/** Tells every field that is not known and not empty. */
export function tellUnknown(object: JsonObject, known: ReadonlySet<string>, at: string, outlet: Outlet): void {
  for (const key of Object.keys(object)) {
    if (!known.has(key) && !isEmpty(object[key])) outlet.unknown(at === '' ? key : `${at}.${key}`)
  }
}

/** True for what carries nothing: null, false, zero, and empty texts, lists and objects. */
export function isEmpty(value: JsonValue | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === undefined || value === null || value === '' || value === false || value === 0
}
