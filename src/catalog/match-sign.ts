import type { ProtocolId } from '../canon/protocol.ts'
import { type Envelope, textAt } from './envelope.ts'
import type { Sign } from './provider.ts'
import type { HeadersLike } from './retry-hints.ts'

/** A failure as it was seen on the wire. */
export interface Sighting {
  /** HTTP status; 200 for an error told inside a reply that had begun as a success. */
  readonly status: number
  readonly headers: HeadersLike
  /** The body, or as much of it as was kept. For an error inside a stream: the error event's data. */
  readonly bodyText: string
  readonly protocol: ProtocolId
  /** Whether the key that was sent begins like this. */
  readonly keyStartsWith: (prefix: string) => boolean
  /** The model that was asked for, as it was sent. */
  readonly model: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** True if everything the sign asks for is there. */
export function matches(sign: Sign, seen: Sighting, envelope: Envelope): boolean {
  const { field } = sign
  const told = field === undefined ? undefined : textAt(envelope.body, field.path)
  return (
    statusFits(sign, seen) &&
    isOneOf(envelope.type, sign.type) &&
    isOneOf(envelope.code, sign.errorCode) &&
    isSaid(envelope.message ?? '', sign.message) &&
    (field === undefined || (told !== undefined && field.values.includes(told))) &&
    (sign.keyPrefix === undefined || seen.keyStartsWith(sign.keyPrefix)) &&
    (sign.protocol === undefined || sign.protocol === seen.protocol) &&
    (sign.body === undefined || sign.body.test(envelope.text)) &&
    (sign.empty === undefined || envelope.text.trim() === '')
  )
}

/** An error told under a 200 has no status to compare: there a sign holds by its other conditions, if it has any. */
function statusFits(sign: Sign, seen: Sighting): boolean {
  if (sign.status === undefined) return true
  if (seen.status === 200)
    return [sign.type, sign.errorCode, sign.message, sign.field, sign.body].some(c => c !== undefined)
  return typeof sign.status === 'number' ? sign.status === seen.status : sign.status.includes(seen.status)
}

function isOneOf(told: string | undefined, wanted: string | readonly string[] | undefined): boolean {
  if (wanted === undefined) return true
  const value = told?.toLowerCase()
  return (typeof wanted === 'string' ? [wanted] : wanted).some(one => one.toLowerCase() === value)
}

function isSaid(message: string, wanted: Sign['message']): boolean {
  if (wanted === undefined) return true
  if (wanted instanceof RegExp) return wanted.test(message)
  const text = message.toLowerCase()
  return (typeof wanted === 'string' ? [wanted] : wanted).some(one => text.includes(one.toLowerCase()))
}

/** A sign's conditions in short, for the receipt. */
export function describe(sign: Sign): string {
  const list = (value: string | number | readonly (string | number)[]) => [value].flat().join(' or ')
  const parts: string[] = []
  if (sign.status !== undefined) parts.push(`status ${list(sign.status)}`)
  if (sign.type !== undefined) parts.push(`type ${list(sign.type)}`)
  if (sign.errorCode !== undefined) parts.push(`code ${list(sign.errorCode)}`)
  if (sign.message !== undefined)
    parts.push(`message ${sign.message instanceof RegExp ? sign.message : list(sign.message)}`)
  if (sign.field !== undefined) parts.push(`${sign.field.path} ${list(sign.field.values)}`)
  if (sign.keyPrefix !== undefined) parts.push(`a key that begins ${sign.keyPrefix}`)
  if (sign.body !== undefined) parts.push(`body ${sign.body}`)
  if (sign.empty === true) parts.push('no body')
  return parts.join(', ')
}
