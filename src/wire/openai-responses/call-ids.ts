import { createHash } from 'node:crypto'
import { CALL_ID_CHARS_MAX } from './item-types.ts'

/** A call's id as the target takes it. */
export interface CallId {
  readonly id: string
  /** The call of a custom tool: its result must say so too. */
  readonly custom: boolean
}

/** Gives every tool call of a conversation an id the target takes, and its result the same one. */
export interface CallIds {
  /** The id of the next call in the conversation's order. */
  forCall(id: string, custom: boolean): string
  /** The call a result belongs to: the earliest one of that id without a result. `custom` where the conversation does not hold the call. */
  forResult(id: string, custom: boolean): CallId
}

/**
 * Ids that fit stay as they are, if no earlier call has them: some providers count anew in every turn (Kimi's `functions.name:0`), while a
 * list of items has nothing but the id to tell whose result is whose. Others are replaced by one made of their own text, so that the same
 * conversation gives the same ids again, which prompt caches need. `repeats`: the ids are the protocol's own, and may repeat.
 */
export function openCallIds(pattern: string | undefined, repeats: boolean): CallIds {
  const own = pattern === undefined ? undefined : new RegExp(pattern)
  const unanswered = new Map<string, CallId[]>()
  const latest = new Map<string, CallId>()
  const used = new Set<string>()

  function fitted(id: string, repeat: number): string {
    const fits = id.length <= CALL_ID_CHARS_MAX && (own === undefined || own.test(id))
    return fits && repeat === 0 ? id : substitute(`${id}#${repeat}`, own !== undefined)
  }

  function fresh(id: string): string {
    for (let repeat = 0; ; repeat += 1) {
      const given = fitted(id, repeat)
      if (repeats || !used.has(given)) return given
    }
  }

  return {
    forCall(id, custom) {
      const call = { id: fresh(id), custom }
      used.add(call.id)
      latest.set(id, call)
      unanswered.set(id, [...(unanswered.get(id) ?? []), call])
      return call.id
    },
    forResult(id, custom) {
      return unanswered.get(id)?.shift() ?? latest.get(id) ?? { id: fitted(id, 0), custom }
    },
  }
}

/** `short`: nine letters and digits, the strictest form a provider is known to want. */
function substitute(text: string, short: boolean): string {
  const digest = createHash('sha256').update(text).digest('hex')
  return short ? digest.slice(0, 9) : `call_${digest.slice(0, 24)}`
}
