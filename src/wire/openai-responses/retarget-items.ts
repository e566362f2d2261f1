import { parseJson } from '../../base/json.ts'
import {
  type Edit,
  type FieldSpan,
  type ObjectScan,
  type ScanFault,
  scanArray,
  scanObject,
  spanString,
  spanText,
} from '../../base/json-splice.ts'
import { isObject } from '../../base/json-value.ts'
import type { Loss } from '../../canon/loss.ts'
import { unpackCallId, unpackReasoning } from '../../canon/reasoning-carrier.ts'
import { cutSpans, type Span } from '../cut-json.ts'
import type { Quirks } from '../quirks.ts'
import { lossOf } from '../settings.ts'
import { readReasoningItem, writeReasoningItem } from './item-reasoning.ts'
import { PROTOCOL } from './protocol.ts'

const OPEN_BRACKET = 0x5b

/** Stands in every carrier (canon/reasoning-carrier.ts). Bytes without it hold nothing of another protocol's provider. */
const CARRIER_MARK = Buffer.from('candor1')

/** Fields of an item by which it is known whether it must be edited. */
const ITEM_FIELDS = ['type', 'role', 'call_id', 'encrypted_content']

type Reason = 'carriers' | 'roles'

/** Why the items of this body must be looked at; mostly they need not be. */
export function itemsToEdit(body: Uint8Array, quirks: Quirks): readonly Reason[] {
  const carriers = Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(CARRIER_MARK)
  return [
    ...(carriers ? (['carriers'] as const) : []),
    ...(quirks.noDeveloperRole === true ? (['roles'] as const) : []),
  ]
}

/**
 * The edits that make a conversation's items fit for this provider: reasoning of another protocol's provider goes, reasoning of this
 * protocol's own is unpacked, and ids of calls become what they were before another provider's signature was put into them.
 */
export function editItems(
  body: Uint8Array,
  input: FieldSpan | undefined,
  reasons: readonly Reason[],
  losses: Loss[],
): { readonly edits: readonly Edit[] } | ScanFault {
  if (input === undefined || reasons.length === 0 || body[input.valueStart] !== OPEN_BRACKET) return { edits: [] }
  const items = scanArray(body, { start: input.valueStart, end: input.valueEnd })
  if ('fault' in items) return items
  const edits: Edit[] = []
  const gone: Span[] = []
  for (const [i, item] of items.entries()) {
    const scan = scanObject(body, ITEM_FIELDS, item)
    // An item that is no object, or says a thing twice, is the provider's to refuse.
    if ('fault' in scan) continue
    const mended = reasons.includes('carriers') ? mendReasoning(body, item, scan) : undefined
    if (mended === 'foreign') {
      gone.push(item)
      losses.push(leftOut(`input[${i}]`, "another protocol's provider wrote it"))
    } else if (mended !== undefined) edits.push({ ...item, insert: mended })
    else edits.push(...fieldEdits(body, scan, `input[${i}]`, reasons, losses))
  }
  return { edits: [...edits, ...cutSpans(body, input.valueStart + 1, gone).edits] }
}

function fieldEdits(
  body: Uint8Array,
  scan: ObjectScan,
  at: string,
  reasons: readonly Reason[],
  losses: Loss[],
): Edit[] {
  return [
    ...(reasons.includes('roles') ? roleEdits(body, scan) : []),
    ...(reasons.includes('carriers') ? callIdEdits(body, scan, at, losses) : []),
  ]
}

function leftOut(at: string, reason: string): Loss {
  return lossOf('reasoning_history', at, `earlier thinking is left out: ${reason}`)
}

function textAt(body: Uint8Array, scan: ObjectScan, name: string): string | undefined {
  const field = scan.fields.get(name)
  return field === undefined ? undefined : spanString(body, field.valueStart, field.valueEnd)
}

function roleEdits(body: Uint8Array, scan: ObjectScan): Edit[] {
  const role = scan.fields.get('role')
  if (role === undefined || textAt(body, scan, 'role') !== 'developer') return []
  return [{ start: role.valueStart, end: role.valueEnd, insert: '"system"' }]
}

/** What was signed is lost once for each call, not again for its result. */
function callIdEdits(body: Uint8Array, scan: ObjectScan, at: string, losses: Loss[]): Edit[] {
  const field = scan.fields.get('call_id')
  const packed = textAt(body, scan, 'call_id')
  if (field === undefined || packed === undefined) return []
  const { id, carried } = unpackCallId(packed)
  if (carried === undefined) return []
  if (!(textAt(body, scan, 'type') ?? '').endsWith('_output'))
    losses.push(leftOut(`${at}.call_id`, "the call carries another provider's signature"))
  return [{ start: field.valueStart, end: field.valueEnd, insert: JSON.stringify(id) }]
}

/** `foreign`: it must go. A text: the item as this protocol's provider wrote it. Undefined: nothing is carried here. */
function mendReasoning(body: Uint8Array, item: Span, scan: ObjectScan): 'foreign' | string | undefined {
  const carried = unpackReasoning(textAt(body, scan, 'encrypted_content') ?? '')
  if (carried === undefined) return undefined
  if (carried.origin !== PROTOCOL) return 'foreign'
  const read = parseJson(spanText(body, item.start, item.end))
  if (!read.ok || !isObject(read.value)) return undefined
  const { signature, details = [], text = readReasoningItem(read.value).text } = carried
  return JSON.stringify(writeReasoningItem({ text, details, ...(signature === undefined ? {} : { signature }) }))
}
