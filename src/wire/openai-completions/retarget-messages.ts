import { parseJson } from '../../base/json.ts'
import { type Edit, type FieldSpan, spanText } from '../../base/json-splice.ts'
import { isObject } from '../../base/json-value.ts'
import type { Loss } from '../../canon/loss.ts'
import { unpackReasoning } from '../../canon/reasoning-carrier.ts'
import type { CallIds } from '../call-ids.ts'
import { cutSpans, type Span } from '../cut-json.ts'
import type { Quirks } from '../quirks.ts'
import { callIdEdits, FOREIGN, type ItemScan, leftOut, roleEdits, scanItems, textAt } from '../retarget-conversation.ts'
import { openChatIds } from './call-ids.ts'
import { PROTOCOL } from './protocol.ts'
import { restoreDetails, textOf } from './reasoning-details.ts'

const MESSAGE_FIELDS = ['role', 'reasoning_details', 'tool_calls', 'tool_call_id']

/**
 * The edits that make a conversation fit for this provider: reasoning of another protocol's provider goes, reasoning of this protocol's own
 * is unpacked, and ids of calls become what they were before another provider's signature was put into them. `carriers`: there may be such things.
 */
export function editMessages(
  body: Uint8Array,
  messages: FieldSpan | undefined,
  carriers: boolean,
  quirks: Quirks,
  losses: Loss[],
): readonly Edit[] {
  const ids = openChatIds(quirks.toolIdPattern)
  return scanItems(body, messages, MESSAGE_FIELDS).flatMap(message => [
    ...(quirks.noDeveloperRole === true ? roleEdits(body, message.scan) : []),
    ...(carriers ? carrierEdits(body, message, ids, losses) : []),
  ])
}

function carrierEdits(body: Uint8Array, message: ItemScan, ids: CallIds, losses: Loss[]): Edit[] {
  const at = `messages[${message.place}]`
  const calls = scanItems(body, message.scan.fields.get('tool_calls'), ['id'])
  return [
    ...detailEdits(body, message, at, losses),
    ...calls.flatMap(call =>
      callIdEdits(body, call, 'id', { at: `${at}.tool_calls[${call.place}]`, result: false, ids }, losses),
    ),
    ...callIdEdits(body, message, 'tool_call_id', { at, result: true, ids }, losses),
  ]
}

/** A list of which nothing is left goes with its field. */
function detailEdits(body: Uint8Array, { scan }: ItemScan, at: string, losses: Loss[]): readonly Edit[] {
  const field = scan.fields.get('reasoning_details')
  if (field === undefined) return []
  const edits: Edit[] = []
  const gone: Span[] = []
  for (const entry of scanItems(body, field, ['data', 'signature'])) {
    const restored = restoreEntry(body, entry)
    if (restored === 'foreign') {
      gone.push(entry)
      losses.push(leftOut(`${at}.reasoning_details[${entry.place}]`, FOREIGN))
    } else if (restored !== undefined) edits.push({ start: entry.start, end: entry.end, insert: restored })
  }
  const cut = cutSpans(body, field.valueStart + 1, gone)
  if (cut.emptied) return cutSpans(body, scan.open, [{ start: field.keyStart, end: field.valueEnd }]).edits
  return [...edits, ...cut.edits]
}

/** `foreign`: it must go. A text: the entries as this protocol's provider wrote them. Undefined: nothing is carried here. */
function restoreEntry(body: Uint8Array, entry: ItemScan): 'foreign' | string | undefined {
  const carried = unpackReasoning(textAt(body, entry.scan, 'data') ?? textAt(body, entry.scan, 'signature') ?? '')
  if (carried === undefined) return undefined
  const read = parseJson(spanText(body, entry.start, entry.end))
  const text = read.ok && isObject(read.value) ? textOf(read.value) : ''
  const entries = carried.origin === PROTOCOL ? restoreDetails(carried.details ?? [], text) : []
  return entries.length === 0 ? 'foreign' : entries.map(one => JSON.stringify(one)).join(',')
}
