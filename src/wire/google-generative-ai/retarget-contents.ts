import {
  type Edit,
  type FieldSpan,
  scanArray,
  scanObject,
  spanString,
  spanText,
  spliceBytes,
} from '../../base/json-splice.ts'
import type { Loss } from '../../canon/loss.ts'
import { cutSpans, type Span } from '../cut-json.ts'
import { lossOf } from '../settings.ts'
import { CARRIER_START, NO_SIGNATURE, readSignature, type SignatureRead } from './decode-signatures.ts'

/** The contents without what only another protocol's provider can read, as one edit, and what was taken out. */
export interface Cleaned {
  readonly edit: Edit
  readonly losses: readonly Loss[]
}

/** A part of the model's, and what is to become of it. */
interface PartScan extends Span {
  readonly at: string
  readonly thought: boolean
  /** It has no data but an empty text. */
  readonly empty: boolean
  readonly call: boolean
  /** Nobody signed it. */
  readonly bare: boolean
  /** Where a carrier stands, and what it says. */
  readonly field?: FieldSpan
  readonly signature?: SignatureRead
  dropped: boolean
}

interface ContentScan extends Span {
  readonly parts: readonly PartScan[]
  readonly field?: FieldSpan
}

const OPEN_BRACKET = 0x5b
const SIGNATURE_NAMES = ['thoughtSignature', 'thought_signature']
const DATA_NAMES = ['functionCall', 'function_call', 'inlineData', 'inline_data', 'fileData', 'file_data']
const WANTED = [...SIGNATURE_NAMES, ...DATA_NAMES, 'text', 'thought']

const FOREIGN = "another protocol's provider wrote it"

/**
 * Takes foreign reasoning out of a conversation's bytes; undefined if there is none. `unsigned`: calls need no signature, else the one that is taken
 * from a call gives way to the placeholder Google documents.
 */
export function withoutForeignReasoning(
  body: Uint8Array,
  contents: FieldSpan,
  at: string,
  unsigned: boolean,
): Cleaned | undefined {
  const scans = elements(body, { start: contents.valueStart, end: contents.valueEnd }).map((span, i) =>
    scanContent(body, span, `${at}[${i}]`),
  )
  const losses = judge(scans.flatMap(content => content.parts))
  const signed = scans.some(content => content.parts.some(part => part.signature !== undefined))
  if (!signed) return undefined
  const kept = scans.filter(({ parts }) => parts.length === 0 || parts.some(part => !part.dropped))
  const insert = `[${kept.map(content => contentText(body, content, unsigned)).join(',')}]`
  return { edit: { start: contents.valueStart, end: contents.valueEnd, insert }, losses }
}

/** The elements of a list; anything else stands for a list of one. */
function elements(body: Uint8Array, span: Span): readonly Span[] {
  if (body[span.start] !== OPEN_BRACKET) return [span]
  const items = scanArray(body, span)
  return 'fault' in items ? [] : items
}

function scanContent(body: Uint8Array, span: Span, at: string): ContentScan {
  const scan = scanObject(body, ['parts'], span)
  const field = 'fault' in scan ? undefined : scan.fields.get('parts')
  if (field === undefined) return { ...span, parts: [] }
  const parts = elements(body, { start: field.valueStart, end: field.valueEnd })
  return { ...span, field, parts: parts.map((part, i) => scanPart(body, part, `${at}.parts[${i}]`)) }
}

function scanPart(body: Uint8Array, span: Span, at: string): PartScan {
  const scan = scanObject(body, WANTED, span)
  const fields: ReadonlyMap<string, FieldSpan> = 'fault' in scan ? new Map() : scan.fields
  const name = SIGNATURE_NAMES.find(known => fields.has(known))
  const field = fields.get(name ?? '')
  const wire = field && spanString(body, field.valueStart, field.valueEnd)
  const carrier = field !== undefined && wire?.startsWith(CARRIER_START) === true
  const text = fields.get('text')
  const thought = fields.get('thought')
  return {
    ...span,
    at: carrier ? `${at}.${name}` : at,
    thought: thought !== undefined && spanText(body, thought.valueStart, thought.valueEnd) === 'true',
    empty: !DATA_NAMES.some(data => fields.has(data)) && (text === undefined || text.valueEnd - text.valueStart === 2),
    call: fields.has('functionCall') || fields.has('function_call'),
    bare: name === undefined,
    ...(carrier ? { field, signature: readSignature(wire) } : {}),
    dropped: false,
  }
}

/** Drops thoughts of others, with the pieces before a signature that belong to the same thought, and parts that hold nothing else. */
function judge(parts: readonly PartScan[]): Loss[] {
  const losses: Loss[] = []
  for (const [i, part] of parts.entries()) {
    if (part.signature === undefined) continue
    const own = part.signature.own !== undefined
    if (!own || part.signature.carried.length > 0) losses.push(lossOf('reasoning_history', part.at, FOREIGN))
    if (own) continue
    part.dropped = part.thought || part.empty
    for (let j = i - 1; part.thought && isPiece(parts[j]); j -= 1) {
      const piece = parts[j]
      if (piece !== undefined) piece.dropped = true
    }
  }
  return losses
}

function isPiece(part: PartScan | undefined): boolean {
  return part?.thought === true && part.bare
}

function contentText(body: Uint8Array, { start, end, field, parts }: ContentScan, unsigned: boolean): string {
  const touched = parts.some(part => part.dropped || part.signature !== undefined)
  if (field === undefined || !touched) return spanText(body, start, end)
  const kept = parts.filter(part => !part.dropped).map(part => partText(body, part, unsigned))
  return `${spanText(body, start, field.valueStart)}[${kept.join(',')}]${spanText(body, field.valueEnd, end)}`
}

function partText(body: Uint8Array, { start, end, field, signature, call }: PartScan, unsigned: boolean): string {
  if (field === undefined) return spanText(body, start, end)
  const value = signature?.own ?? (call && !unsigned ? NO_SIGNATURE : undefined)
  const edits =
    value === undefined
      ? cutSpans(body, start + 1, [{ start: field.keyStart, end: field.valueEnd }]).edits
      : [{ start: field.valueStart, end: field.valueEnd, insert: JSON.stringify(value) }]
  const moved = edits.map(edit => ({ ...edit, start: edit.start - start, end: edit.end - start }))
  return Buffer.from(spliceBytes(body.subarray(start, end), moved)).toString('utf8')
}
