import { asArray, asString, isObject, type JsonValue } from '../base/json-value.ts'
import { PROTOCOL_IDS, type ProtocolId } from './protocol.ts'

const PREFIX = 'candor1.'

/** What a carrier signature holds: who wrote the reasoning, and what its protocol needs back beside the text. */
export interface CarriedReasoning {
  readonly origin: ProtocolId
  readonly signature?: string
  readonly redacted?: string
  readonly details?: readonly JsonValue[]
}

/**
 * Packs foreign reasoning into a text that fits a `signature` field. A client returns the field untouched with its next turn, so the
 * provider that wrote the reasoning can be given back all it needs, and any other is not sent a signature it would refuse.
 */
export function packReasoning(carried: CarriedReasoning): string {
  return PREFIX + Buffer.from(JSON.stringify(carried)).toString('base64url')
}

/** The reverse; undefined if the signature is not one of ours (then it is the protocol's own). */
export function unpackReasoning(signature: string): CarriedReasoning | undefined {
  if (!signature.startsWith(PREFIX)) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(signature.slice(PREFIX.length), 'base64url').toString('utf8'))
    if (!isObject(value)) return undefined
    const origin = PROTOCOL_IDS.find(id => id === value.origin)
    if (origin === undefined) return undefined
    const own = asString(value.signature)
    const redacted = asString(value.redacted)
    return {
      origin,
      ...(own === undefined ? {} : { signature: own }),
      ...(redacted === undefined ? {} : { redacted }),
      ...(Array.isArray(value.details) ? { details: asArray(value.details) } : {}),
    }
  } catch {
    return undefined
  }
}
