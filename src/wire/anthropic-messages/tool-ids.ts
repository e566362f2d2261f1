import { createHash } from 'node:crypto'

/** What Anthropic takes as the id of a tool call (its API's own error message names this pattern). */
const ANTHROPIC_IDS = /^[a-zA-Z0-9_-]+$/

/** Gives every tool call of a conversation an id the target takes, and its result the same one. */
export interface ToolIds {
  /** The id of the next call in the conversation's order. */
  forCall(id: string): string
  /** The id of the call that a result belongs to: the earliest one of that id without a result. */
  forResult(id: string): string
}

/**
 * Ids that fit stay as they are, if no earlier call has them: some providers count anew in every turn (Kimi's `functions.name:0`), while
 * Anthropic wants each id once. Others are replaced by one made of their own text, so the same conversation gives the same ids again,
 * which prompt caches need.
 */
export function openToolIds(pattern: string | undefined): ToolIds {
  const fits = idTest(pattern)
  const used = new Set<string>()
  const unanswered = new Map<string, string[]>()
  const latest = new Map<string, string>()

  function fresh(id: string): string {
    for (let repeat = 0; ; repeat += 1) {
      const candidate = repeat === 0 && fits(id) ? id : substitute(`${id}#${repeat}`, pattern !== undefined)
      if (!used.has(candidate)) return candidate
    }
  }

  return {
    forCall(id) {
      const given = fresh(id)
      used.add(given)
      latest.set(id, given)
      unanswered.set(id, [...(unanswered.get(id) ?? []), given])
      return given
    },
    forResult(id) {
      const waiting = unanswered.get(id)?.shift()
      return waiting ?? latest.get(id) ?? (fits(id) ? id : substitute(`${id}#0`, pattern !== undefined))
    },
  }
}

function idTest(pattern: string | undefined): (id: string) => boolean {
  const own = pattern === undefined ? undefined : new RegExp(pattern)
  return id => ANTHROPIC_IDS.test(id) && (own === undefined || own.test(id))
}

/** `short`: nine letters and digits, the strictest form a provider is known to want. */
function substitute(text: string, short: boolean): string {
  const digest = createHash('sha256').update(text).digest('hex')
  return short ? digest.slice(0, 9) : `toolu_${digest.slice(0, 24)}`
}
