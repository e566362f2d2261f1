import { type ObjectScan, scanObject, spliceBytes } from '../../base/json-splice.ts'
import type { Loss } from '../../canon/loss.ts'
import { isProblem, type Problem } from '../../canon/problem.ts'
import { type Quirks, quirksOfModel } from '../quirks.ts'
import { cutRefused, modelEdit, notOneObject, refusedFields, renamed } from '../retarget-body.ts'
import { mayHoldCarriers } from '../retarget-conversation.ts'
import type { Retargeted } from '../wire-protocol.ts'
import { editItems } from './retarget-items.ts'

/**
 * Puts the model's name into a request's bytes, and makes the few edits without which the provider would refuse the call: fields it does not
 * take, `system` for `developer`, and what other protocols' providers left in the conversation. All other bytes stay as they came.
 */
export function retarget(
  body: Uint8Array,
  model: string,
  ofProvider: Quirks,
  known?: ObjectScan,
): Retargeted | Problem {
  const quirks = quirksOfModel(ofProvider, model)
  const carriers = mayHoldCarriers(body)
  const items = carriers || quirks.noDeveloperRole === true
  const wanted = refusedFields(quirks)
  wanted.push('model')
  if (items) wanted.push('input')
  if (known !== undefined && wanted.length === 1) return renamed(body, known, model)
  const scan = scanObject(body, wanted)
  if ('fault' in scan) return notOneObject(scan)
  const losses: Loss[] = []
  const edits = editItems(body, scan.fields.get('input'), carriers, quirks, losses)
  const cut = cutRefused(body, scan, quirks, 'stream_obfuscation', losses)
  const named = modelEdit(body, scan, model, cut.emptied)
  if (isProblem(named)) return named
  return { body: spliceBytes(body, [named, ...edits, ...cut.edits]), losses }
}
