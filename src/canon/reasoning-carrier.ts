import { asArray, asString, isObject, type JsonValue } from '../base/json-value.ts'
import { PROTOCOL_IDS, type ProtocolId } from './protocol.ts'

const PREFIX = 'candor1.'

/** What a carrier signature holds: who wrote the reasoning, and what its protocol needs back beside the text. */
export interface CarriedReasoning {
  readonly origin: ProtocolId
  /** The reasoning's text, where the field that carries it stands for all of it. */
  readonly text?: string
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
    const text = asString(value.text)
    const own = asString(value.signature)
    const redacted = asString(value.redacted)
    return {
      origin,
      ...(text === undefined ? {} : { text }),
      ...(own === undefined ? {} : { signature: own }),
      ...(redacted === undefined ? {} : { redacted }),
      ...(Array.isArray(value.details) ? { details: asArray(value.details) } : {}),
    }
  } catch {
    return undefined
  }
}

/** Between a tool call's id and what it carries. All its characters may stand in an id of every protocol. */
const ID_MARK = '_candor1_'

/**
 * Puts a signed call's carrier into its id. The id is the one field every client of every protocol gives back with the call and with its
 * result, so the signature returns even where the protocol has no field for one. `carrier` is what {@link packReasoning} made.
 */
export function packCallId(id: string, carrier: string | undefined): string {
  return carrier?.startsWith(PREFIX) === true ? `${id}${ID_MARK}${carrier.slice(PREFIX.length)}` : id
}

/** The reverse: the provider's own id, and the carrier if there is one. */
export function unpackCallId(id: string): { readonly id: string; readonly carried?: CarriedReasoning } {
  const mark = id.lastIndexOf(ID_MARK)
  if (mark < 0) return { id }
  const carried = unpackReasoning(PREFIX + id.slice(mark + ID_MARK.length))
  return carried === undefined ? { id } : { id: id.slice(0, mark), carried }
}
