import { type ObjectScan, scanObject, spliceBytes } from '../../base/json-splice.ts'
import type { Loss } from '../../canon/loss.ts'
import { isProblem, type Problem } from '../../canon/problem.ts'
import { type Quirks, quirksOfModel } from '../quirks.ts'
import { modelEdit, notOneObject, renamed } from '../retarget-body.ts'
import { mayHoldCarriers } from '../retarget-conversation.ts'
import type { Retargeted } from '../wire-protocol.ts'
import { editMessages } from './retarget-messages.ts'

/**
 * Puts the model's name into a request's bytes, and takes out what other protocols' providers left in the conversation. All other bytes stay
 * as they came.
 */
export function retarget(
  body: Uint8Array,
  model: string,
  ofProvider: Quirks,
  known?: ObjectScan,
): Retargeted | Problem {
  const carriers = mayHoldCarriers(body)
  if (known !== undefined && !carriers) return renamed(body, known, model)
  const scan = scanObject(body, ['model', ...(carriers ? ['messages'] : [])])
  if ('fault' in scan) return notOneObject(scan)
  const losses: Loss[] = []
  const quirks = quirksOfModel(ofProvider, model)
  const edits = carriers ? editMessages(body, scan.fields.get('messages'), quirks, losses) : []
  const named = modelEdit(body, scan, model, false)
  return isProblem(named) ? named : { body: spliceBytes(body, [named, ...edits]), losses }
}
