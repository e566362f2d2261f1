import { parseJson } from '../../base/json.ts'
import { type Edit, type FieldSpan, spanText } from '../../base/json-splice.ts'
import { isObject } from '../../base/json-value.ts'
import type { Loss } from '../../canon/loss.ts'
import { unpackReasoning } from '../../canon/reasoning-carrier.ts'
import { openCallIds } from '../call-ids.ts'
import { cutSpans, type Span } from '../cut-json.ts'
import type { Quirks } from '../quirks.ts'
import { callIdEdits, FOREIGN, type ItemScan, leftOut, roleEdits, scanItems, textAt } from '../retarget-conversation.ts'
import { readReasoningItem, writeReasoningItem } from './item-reasoning.ts'
import { PROTOCOL } from './protocol.ts'

/** Fields of an item by which it is known whether it must be edited. */
const ITEM_FIELDS = ['type', 'role', 'call_id', 'encrypted_content']

/**
 * The edits that make a conversation's items fit for this provider: reasoning of another protocol's provider goes, reasoning of this
 * protocol's own is unpacked, and ids of calls become what they were before another provider's signature was put into them. `carriers`: there
 * may be such things.
 */
export function editItems(
  body: Uint8Array,
  input: FieldSpan | undefined,
  carriers: boolean,
  quirks: Quirks,
  losses: Loss[],
): readonly Edit[] {
  if (input === undefined) return []
  const ids = openCallIds({ fits: () => true, prefix: 'call_', pattern: undefined, repeats: true })
  const edits: Edit[] = []
  const gone: Span[] = []
  for (const item of scanItems(body, input, ITEM_FIELDS)) {
    const at = `input[${item.place}]`
    const mended = carriers ? mendReasoning(body, item) : undefined
    if (mended === 'foreign') {
      gone.push(item)
      losses.push(leftOut(at, FOREIGN))
    } else if (mended !== undefined) edits.push({ start: item.start, end: item.end, insert: mended })
    if (mended !== undefined) continue
    if (quirks.noDeveloperRole === true) edits.push(...roleEdits(body, item.scan))
    const result = textAt(body, item.scan, 'type')?.endsWith('_output') === true
    if (carriers) edits.push(...callIdEdits(body, item, 'call_id', { at, result, ids }, losses))
  }
  return [...edits, ...cutSpans(body, input.valueStart + 1, gone).edits]
}

/** `foreign`: it must go. A text: the item as this protocol's provider wrote it. Undefined: nothing is carried here. */
function mendReasoning(body: Uint8Array, item: ItemScan): 'foreign' | string | undefined {
  const carried = unpackReasoning(textAt(body, item.scan, 'encrypted_content') ?? '')
  if (carried === undefined) return undefined
  if (carried.origin !== PROTOCOL) return 'foreign'
  const read = parseJson(spanText(body, item.start, item.end))
  if (!read.ok || !isObject(read.value)) return undefined
  const { signature, details = [], text = readReasoningItem(read.value).text } = carried
  return JSON.stringify(writeReasoningItem({ text, details, ...(signature === undefined ? {} : { signature }) }))
}
