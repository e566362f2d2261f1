import type { Event } from './event.ts'

/** Checks one reply's events as they come. */
export interface Grammar {
  /** Undefined while the order holds; else what is wrong with this event, in words. */
  take(event: Event): string | undefined
  /** True once a terminal event was taken. */
  ended(): boolean
}

/**
 * The order every decoder promises and every encoder may rely on:
 *
 * ```
 * reply  = [reply-start] (block | usage | ping | unknown)* choice-stop* … terminal
 * block  = block-start block-delta* block-stop        (blocks may overlap in time; indexes are fresh)
 * terminal = reply-end | failure                      (exactly one, and nothing after it)
 * ```
 *
 * `reply-end` only after every started block has stopped, and every choice that had a block has a `choice-stop`. `failure` may come at
 * any point, also first, and leaves blocks open: what was cut stays cut.
 */
export function openGrammar(): Grammar {
  const open = new Map<number, number>()
  const seen = new Set<number>()
  const choices = new Map<number, boolean>()
  let started = false
  let over = false

  function take(event: Event): string | undefined {
    if (over) return `${event.type} after the end`
    if (event.type === 'failure') {
      over = true
      return undefined
    }
    if (event.type === 'ping' || event.type === 'unknown') return undefined
    if (event.type === 'reply-start') {
      if (started) return 'second reply-start'
      started = true
      return undefined
    }
    return started ? inReply(event) : `${event.type} before reply-start`
  }

  function inReply(
    event: Exclude<Event, { type: 'failure' | 'ping' | 'unknown' | 'reply-start' }>,
  ): string | undefined {
    switch (event.type) {
      case 'block-start':
        if (seen.has(event.index)) return `block ${event.index} starts twice`
        if (choices.get(event.choice) === true)
          return `block ${event.index} starts after choice ${event.choice} stopped`
        seen.add(event.index)
        open.set(event.index, event.choice)
        choices.set(event.choice, false)
        return undefined
      case 'block-delta':
        return open.has(event.index) ? undefined : `delta for block ${event.index}, which is not open`
      case 'block-stop':
        return open.delete(event.index) ? undefined : `block ${event.index} stops but is not open`
      case 'choice-stop':
        if (choices.get(event.choice) === true) return `choice ${event.choice} stops twice`
        if ([...open.values()].includes(event.choice)) return `choice ${event.choice} stops with a block open`
        choices.set(event.choice, true)
        return undefined
      case 'usage':
        return undefined
      case 'reply-end': {
        over = true
        if (open.size > 0) return 'reply-end with a block open'
        return [...choices.values()].includes(false) ? 'reply-end with a choice not stopped' : undefined
      }
    }
  }

  return { take, ended: () => over }
}

/** The first fault in a whole series of events, or undefined; a series without a terminal event is faulty. */
export function faultIn(events: readonly Event[]): string | undefined {
  const grammar = openGrammar()
  for (const event of events) {
    const fault = grammar.take(event)
    if (fault !== undefined) return fault
  }
  return grammar.ended() ? undefined : 'no ending'
}
