import { type Edit, type ObjectScan, scanObject, spliceBytes } from '../../base/json-splice.ts'
import type { Loss } from '../../canon/loss.ts'
import { isProblem, type Problem } from '../../canon/problem.ts'
import { type Quirks, quirksOfModel } from '../quirks.ts'
import { cutRefused, modelEdit, notOneObject, refusedFields, renamed } from '../retarget-body.ts'
import { mayHoldCarriers } from '../retarget-conversation.ts'
import type { Retargeted } from '../wire-protocol.ts'
import { editMessages } from './retarget-messages.ts'
import { customToolSpans, NO_SPANS } from './retarget-tools.ts'

const LIMIT_FIELDS = ['max_tokens', 'max_completion_tokens'] as const

/**
 * Puts the model's name into a request's bytes, and makes the few edits without which the provider would refuse the call: the other name of
 * the output limit, `system` for `developer`, fields it does not take, and what other protocols' providers left in the conversation. All
 * other bytes stay as they came.
 */
export function retarget(
  body: Uint8Array,
  model: string,
  ofProvider: Quirks,
  known?: ObjectScan,
): Retargeted | Problem {
  const quirks = quirksOfModel(ofProvider, model)
  const carriers = mayHoldCarriers(body)
  const wanted = refusedFields(quirks)
  wanted.push('model')
  if (quirks.maxTokensField !== undefined) wanted.push(...LIMIT_FIELDS)
  if (carriers || quirks.noDeveloperRole === true) wanted.push('messages')
  if (quirks.noCustomTools === true) wanted.push('tools', 'tool_choice')
  if (known !== undefined && wanted.length === 1) return renamed(body, known, model)
  const scan = scanObject(body, wanted)
  if ('fault' in scan) return notOneObject(scan)
  const losses: Loss[] = []
  const messages = editMessages(body, scan.fields.get('messages'), carriers, quirks, losses)
  const customTools = quirks.noCustomTools === true ? customToolSpans(body, scan, losses) : NO_SPANS
  const cut = cutRefused(body, scan, quirks, 'stream_usage', losses, customTools.fields)
  const named = modelEdit(body, scan, model, cut.emptied)
  if (isProblem(named)) return named
  return {
    body: spliceBytes(body, [named, ...limitEdits(scan, quirks), ...messages, ...customTools.edits, ...cut.edits]),
    losses,
  }
}

/** Renames the output limit to the name the provider takes, unless the client gave both. */
function limitEdits(scan: ObjectScan, quirks: Quirks): Edit[] {
  const wanted = quirks.maxTokensField
  const other = LIMIT_FIELDS.find(name => name !== wanted)
  const field = wanted === undefined || other === undefined ? undefined : scan.fields.get(other)
  if (wanted === undefined || field === undefined || scan.fields.has(wanted)) return []
  return [{ start: field.keyStart, end: field.keyEnd, insert: JSON.stringify(wanted) }]
}
