import { type CarriedReasoning, unpackReasoning } from '../../canon/reasoning-carrier.ts'
import type { Part, ReasoningPart } from '../../canon/request.ts'
import { PROTOCOL } from './protocol.ts'

/** How the base64 of a carrier begins: Candor writes foreign signatures so, because the field is `bytes`. */
export const CARRIER_START = 'Y2FuZG9yMS'

/**
 * What Google documents for calls whose signature nobody has: turns that another model wrote, or the client itself
 * (ai.google.dev/gemini-api/docs/thought-signatures).
 */
export const NO_SIGNATURE = 'skip_thought_signature_validator'

/** What a `thoughtSignature` holds: Gemini's own words, or the reasoning of other providers that Candor put there. */
export interface SignatureRead {
  readonly own?: string
  readonly carried: readonly CarriedReasoning[]
}

/** Reads a `thoughtSignature`. Several carriers stand with a space between them; Gemini's own come out as they were. */
export function readSignature(wire: string | undefined): SignatureRead {
  if (wire === undefined || wire === '' || wire === NO_SIGNATURE) return { carried: [] }
  if (!wire.startsWith(CARRIER_START)) return { own: wire, carried: [] }
  const carriers = Buffer.from(wire, 'base64').toString('utf8').split(' ')
  const carried = carriers.map(unpackReasoning).filter(one => one !== undefined)
  const own = carried.find(one => one.origin === PROTOCOL)?.signature
  return {
    ...(own === undefined ? {} : { own }),
    carried: carried.filter(one => one.origin !== PROTOCOL),
  }
}

/** Reasoning of this text with what its signature tells. A text inside a carrier stands for all of it. */
export function signedReasoning(text: string, { own, carried }: SignatureRead, at: string): ReasoningPart {
  const [first] = carried
  if (first === undefined) return { type: 'reasoning', text, ...(own === undefined ? {} : { signature: own }), at }
  return { type: 'reasoning', ...first, text: text === '' ? (first.text ?? '') : text, at }
}

/**
 * Puts the reasoning that a call's signature carried in front of the call. Clients often drop thoughts and keep the signatures of calls; where the
 * thought is still there it is not said twice, and where only its text is left it becomes whole again.
 */
export function restoreReasoning(parts: Part[], carried: readonly CarriedReasoning[], at: string): void {
  for (const one of carried) {
    const part = signedReasoning('', { carried: [one] }, at)
    if (parts.some(other => other.type === 'reasoning' && isSame(other, part))) continue
    const bare = parts.findIndex(other => other.type === 'reasoning' && isBare(other) && other.text === part.text)
    const found = parts[bare]
    if (found === undefined) parts.push(part)
    else parts[bare] = { ...part, at: found.at }
  }
}

function isSame(a: ReasoningPart, b: ReasoningPart): boolean {
  if (a.origin !== b.origin) return false
  const sealed = b.signature ?? b.redacted
  return sealed === undefined ? a.text === b.text : sealed === (a.signature ?? a.redacted)
}

function isBare({ text, signature, redacted, origin }: ReasoningPart): boolean {
  return text !== '' && signature === undefined && redacted === undefined && origin === undefined
}
