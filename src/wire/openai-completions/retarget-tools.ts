import { type Edit, type FieldSpan, type ObjectScan, scanObject, spanText } from '../../base/json-splice.ts'
import type { Loss } from '../../canon/loss.ts'
import { cutSpans } from '../cut-json.ts'
import { scanItems, textAt } from '../retarget-conversation.ts'
import { lossOf } from '../settings.ts'
import { NO_CUSTOM_TOOLS } from './encode-tools.ts'

/** What goes out of a body: parts of fields, and whole fields, which share their commas with others that go. */
export interface Removal {
  readonly edits: readonly Edit[]
  readonly fields: readonly FieldSpan[]
}

/** Nothing goes. */
export const NO_SPANS: Removal = { edits: [], fields: [] }

/**
 * Takes out the tools of type `custom`, each told, and the choice of one. A list of which nothing is left goes with its field, and the choice
 * among its tools with it.
 */
export function customToolSpans(body: Uint8Array, scan: ObjectScan, losses: Loss[]): Removal {
  const tools = scan.fields.get('tools')
  const choice = scan.fields.get('tool_choice')
  const items = scanItems(body, tools, ['type'])
  const gone = items.filter(item => textAt(body, item.scan, 'type') === 'custom')
  for (const { place } of gone) losses.push(lossOf('custom_tools', `tools[${place}]`, NO_CUSTOM_TOOLS))
  const cut = tools === undefined ? { edits: [], emptied: false } : cutSpans(body, tools.valueStart + 1, gone)
  const idle = gone.length > 0 && cut.emptied
  const chosen = choice !== undefined && (idle || namesCustom(body, choice))
  if (chosen && !asksNothing(body, choice))
    losses.push(lossOf('tool_choice', 'tool_choice', `it names what is left out: ${NO_CUSTOM_TOOLS}`))
  return {
    edits: idle ? [] : cut.edits,
    fields: [...(idle && tools !== undefined ? [tools] : []), ...(chosen ? [choice] : [])],
  }
}

/** Without tools these ask for nothing. */
function asksNothing(body: Uint8Array, { valueStart, valueEnd }: FieldSpan): boolean {
  return ['"auto"', '"none"', 'null'].includes(spanText(body, valueStart, valueEnd))
}

/** True for a choice of one custom tool, or of several tools with one among them. */
function namesCustom(body: Uint8Array, choice: FieldSpan): boolean {
  const scan = scanObject(body, ['type', 'allowed_tools'], { start: choice.valueStart, end: choice.valueEnd })
  if ('fault' in scan) return false
  if (textAt(body, scan, 'type') === 'custom') return true
  const allowed = scan.fields.get('allowed_tools')
  if (allowed === undefined) return false
  const inner = scanObject(body, ['tools'], { start: allowed.valueStart, end: allowed.valueEnd })
  if ('fault' in inner) return false
  return scanItems(body, inner.fields.get('tools'), ['type']).some(item => textAt(body, item.scan, 'type') === 'custom')
}
