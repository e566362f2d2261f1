import { createHash } from 'node:crypto'
import type { ProtocolId } from '../canon/protocol.ts'
import { unpackCallId } from '../canon/reasoning-carrier.ts'

/** A call's id as its provider gave it, with what that provider signed the call with. */
export interface SignedCallId {
  readonly id: string
  readonly signature?: string
  readonly origin?: ProtocolId
}

/** Reads the id of a call in a client's request, which may hold a signature (canon/reasoning-carrier.ts). */
export function readCallId(given: string): SignedCallId {
  const { id, carried } = unpackCallId(given)
  return carried?.signature === undefined ? { id } : { id, signature: carried.signature, origin: carried.origin }
}

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

/** What a target takes as an id. */
export interface CallIdRules {
  /** True for ids the protocol allows. */
  readonly fits: (id: string) => boolean
  /** What ids look like there: a substitute begins so. */
  readonly prefix: string
  /** The provider's own pattern (`toolIdPattern`), where it has one. */
  readonly pattern: string | undefined
  /** Two calls may have the same id. */
  readonly repeats: boolean
}

/**
 * Ids that fit stay as they are, if no earlier call has them or ids may repeat: some providers count anew in every turn (Kimi's
 * `functions.name:0`). Others are replaced by one made of their own text, so that the same conversation gives the same ids again, which
 * prompt caches need.
 */
export function openCallIds(rules: CallIdRules): CallIds {
  const own = rules.pattern === undefined ? undefined : new RegExp(rules.pattern)
  const unanswered = new Map<string, CallId[]>()
  const latest = new Map<string, CallId>()
  const used = new Set<string>()

  function fitted(id: string, repeat: number): string {
    const fits = rules.fits(id) && (own === undefined || own.test(id))
    return fits && repeat === 0 ? id : substitute(`${id}#${repeat}`, own === undefined ? rules.prefix : undefined)
  }

  function fresh(id: string): string {
    for (let repeat = 0; ; repeat += 1) {
      const given = fitted(id, repeat)
      if (rules.repeats || !used.has(given)) return given
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

/** Without a prefix: nine letters and digits, the strictest form a provider is known to want. */
function substitute(text: string, prefix: string | undefined): string {
  const digest = createHash('sha256').update(text).digest('hex')
  return prefix === undefined ? digest.slice(0, 9) : `${prefix}${digest.slice(0, 24)}`
}
