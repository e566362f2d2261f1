import { type CarriedReasoning, packReasoning, unpackReasoning } from '../../canon/reasoning-carrier.ts'
import { CARRIER_START } from './decode-signatures.ts'
import { PROTOCOL } from './protocol.ts'

/**
 * A `thoughtSignature` as it stands in events: the provider's own is packed with the name of its protocol. One that holds a carrier was
 * written by another gateway of this kind, and says whose it is.
 */
export function readSignature(wire: string): string {
  if (wire.startsWith(CARRIER_START)) {
    const carrier = Buffer.from(wire, 'base64').toString('utf8')
    if (unpackReasoning(carrier) !== undefined) return carrier
  }
  return packReasoning({ origin: PROTOCOL, signature: wire })
}

/**
 * The reverse. Gemini's own comes out as it was; any other goes as the base64 of its carrier, because the field is `bytes` and clients may
 * decode it. A bare signature is Anthropic's (see `BlockDelta`).
 */
export function writeSignature(signature: string): string {
  const carried = unpackReasoning(signature)
  if (carried?.origin === PROTOCOL && carried.signature !== undefined) return carried.signature
  return encode(carried === undefined ? packReasoning({ origin: 'anthropic-messages', signature }) : signature)
}

/** The field for reasoning that was given only encrypted. */
export function writeRedacted(redacted: string): string {
  return encode(carrierOfRedacted(redacted))
}

/** The field for reasoning that nobody signed: it names the writer, so that no other is given it as its own. */
export function writeOrigin(origin: CarriedReasoning['origin']): string {
  return encode(packReasoning({ origin }))
}

/** One block of reasoning, as far as a function call must carry it. */
export interface SaidReasoning {
  readonly origin: CarriedReasoning['origin']
  readonly text: string
  readonly signature?: string
  readonly redacted?: string
}

/**
 * The field of a function call that brings back all reasoning before it, because clients of this protocol keep the signatures of calls and often
 * drop thoughts. Several blocks stand as several carriers with a space between them.
 */
export function writeReasoningBefore(blocks: readonly SaidReasoning[]): string {
  return encode(blocks.map(carrierOf).join(' '))
}

function carrierOf({ origin, text, signature, redacted }: SaidReasoning): string {
  if (redacted !== undefined) return carrierOfRedacted(redacted)
  if (signature === undefined) return packReasoning({ origin, text })
  const carried = unpackReasoning(signature)
  return packReasoning({ ...(carried ?? { origin: 'anthropic-messages', signature }), text })
}

function carrierOfRedacted(redacted: string): string {
  return unpackReasoning(redacted) === undefined ? packReasoning({ origin: 'anthropic-messages', redacted }) : redacted
}

function encode(carrier: string): string {
  return Buffer.from(carrier).toString('base64')
}
