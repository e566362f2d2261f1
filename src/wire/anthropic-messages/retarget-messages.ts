import type { Edit, FieldSpan } from '../../base/json-splice.ts'
import type { Loss } from '../../canon/loss.ts'
import { unpackReasoning } from '../../canon/reasoning-carrier.ts'
import { cutSpans, type Span } from '../cut-json.ts'
import type { Quirks } from '../quirks.ts'
import { callIdEdits, FOREIGN, type ItemScan, leftOut, scanItems, textAt, valueEdit } from '../retarget-conversation.ts'
import { PROTOCOL } from './protocol.ts'
import { openAnthropicIds } from './writing.ts'

const BLOCK_FIELDS = ['type', 'thinking', 'signature', 'data', 'id', 'tool_use_id']

/**
 * The edits that make a conversation fit for this provider: thinking of another protocol's provider goes (where unsigned thinking is taken, only
 * its signature), thinking of this protocol's own is unpacked, and ids of calls become what they were before another provider's signature was
 * put into them. A message of which nothing is left goes.
 */
export function editMessages(
  body: Uint8Array,
  messages: FieldSpan | undefined,
  quirks: Quirks,
  losses: Loss[],
): readonly Edit[] {
  if (messages === undefined) return []
  const ids = openAnthropicIds(quirks.toolIdPattern)
  const edits: Edit[] = []
  const gone: Span[] = []
  for (const message of scanItems(body, messages, ['content'])) {
    const content = message.scan.fields.get('content')
    const cut: Span[] = []
    const within: Edit[] = []
    for (const block of scanItems(body, content, BLOCK_FIELDS)) {
      const at = `messages[${message.place}].content[${block.place}]`
      const mended = mendThinking(body, block, quirks)
      if (mended === 'foreign') {
        cut.push(block)
        losses.push(leftOut(at, FOREIGN))
        continue
      }
      if (mended !== undefined) within.push(mended)
      within.push(...callIdEdits(body, block, 'id', { at, result: false, ids }, losses))
      within.push(...callIdEdits(body, block, 'tool_use_id', { at, result: true, ids }, losses))
    }
    const left = cutSpans(body, (content?.valueStart ?? 0) + 1, cut)
    if (left.emptied) gone.push(message)
    else edits.push(...within, ...left.edits)
  }
  return [...edits, ...cutSpans(body, messages.valueStart + 1, gone).edits]
}

/** `foreign`: it must go. An edit: what makes it fit. Undefined: nothing is carried here. */
function mendThinking(body: Uint8Array, { scan }: ItemScan, quirks: Quirks): 'foreign' | Edit | undefined {
  const redacted = textAt(body, scan, 'type') === 'redacted_thinking'
  const name = redacted ? 'data' : 'signature'
  const field = scan.fields.get(name)
  const carried = unpackReasoning(textAt(body, scan, name) ?? '')
  if (field === undefined || carried === undefined) return undefined
  const own = carried.origin === PROTOCOL ? (redacted ? carried.redacted : carried.signature) : undefined
  if (own !== undefined) return valueEdit(field, own)
  const readable = quirks.unsignedThinking === true && (textAt(body, scan, 'thinking') ?? '') !== ''
  return readable ? valueEdit(field, '') : 'foreign'
}
