import { asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { packReasoning, unpackReasoning } from '../../canon/reasoning-carrier.ts'
import { PROTOCOL } from './protocol.ts'

/**
 * OpenRouter's form for reasoning that must come back unchanged (openrouter.ai/docs, "Preserving reasoning", 2026): a list of
 * `reasoning.text {text, signature}`, `reasoning.summary {summary}` and `reasoning.encrypted {data}`, each with the `format` of whoever wrote
 * it. Candor gives it to its own clients too, so that an echoed message carries a signature back.
 */
export type DetailKind = 'text' | 'summary' | 'encrypted'

/** The `format` of entries whose signature or data is Anthropic's. */
export const ANTHROPIC_FORMAT = 'anthropic-claude-v1'

/** The `format` of entries that say nothing about their writer. */
const UNKNOWN_FORMAT = 'unknown'

const KINDS: ReadonlyMap<string, { readonly kind: DetailKind; readonly field: string }> = new Map([
  ['reasoning.text', { kind: 'text', field: 'text' }],
  ['reasoning.summary', { kind: 'summary', field: 'summary' }],
  ['reasoning.encrypted', { kind: 'encrypted', field: 'data' }],
])

/** One entry, read. */
export interface ReasoningDetail {
  readonly kind: DetailKind
  /** Text, summary or encrypted data. */
  readonly content: string
  /** As it goes into a canonical reasoning part or block: Anthropic's own, or a carrier (canon/reasoning-carrier.ts). */
  readonly signature?: string
  /** For encrypted entries: the data in the same sense. */
  readonly redacted?: string
  /** Tells whether two pieces of a stream belong to the same entry. */
  readonly key: string
}

/** Reads an entry; undefined for a kind no table knows. */
export function readDetail(entry: JsonValue): ReasoningDetail | undefined {
  if (!isObject(entry)) return undefined
  const type = asString(entry.type) ?? ''
  const row = KINDS.get(type)
  if (row === undefined) return undefined
  const content = asString(entry[row.field]) ?? ''
  const base = { kind: row.kind, content, key: `${type} ${String(entry.index ?? entry.id ?? '')}` }
  if (row.kind === 'encrypted') return { ...base, redacted: carried(entry, content, []) }
  const signature = asString(entry.signature)
  if (row.kind === 'summary') return { ...base, signature: carried(entry, undefined, ['summary']) }
  return signature ? { ...base, signature: carried(entry, signature, ['text']) } : base
}

/** Anthropic's own words stay bare; all others are packed with the rest of their entry. */
function carried(entry: JsonObject, bare: string | undefined, without: readonly string[]): string {
  if (bare !== undefined && (entry.format === ANTHROPIC_FORMAT || unpackReasoning(bare) !== undefined)) return bare
  const rest = Object.fromEntries(Object.entries(entry).filter(([key]) => !without.includes(key)))
  return packReasoning({ origin: PROTOCOL, details: [rest as JsonObject] })
}

/** The entries that bring reasoning with its signature, or encrypted reasoning, back into this form. */
export function writeDetails(text: string, signature: string | undefined, redacted: string | undefined): JsonObject[] {
  const packed = redacted ?? signature
  const own = packed === undefined ? undefined : unpackReasoning(packed)
  if (own?.origin === PROTOCOL && own.details !== undefined) return restoreDetails(own.details, text)
  const format = packed !== undefined && own === undefined ? ANTHROPIC_FORMAT : UNKNOWN_FORMAT
  if (redacted !== undefined) return [{ type: 'reasoning.encrypted', data: redacted, format }]
  return [{ type: 'reasoning.text', text, ...(signature === undefined ? {} : { signature }), format }]
}

/** Entries as their writer made them, with the text put back that was not packed with them. */
export function restoreDetails(details: readonly JsonValue[], text: string): JsonObject[] {
  return details.filter(isObject).map(detail => {
    const row = KINDS.get(asString(detail.type) ?? '')
    return row === undefined || row.kind === 'encrypted' ? detail : { ...detail, [row.field]: text }
  })
}

/** The text or summary of an entry. */
export function textOf(entry: JsonObject): string {
  return asString(entry.text ?? entry.summary) ?? ''
}
