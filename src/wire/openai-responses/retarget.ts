import {
  type Edit,
  type FieldSpan,
  type ObjectScan,
  type ScanFault,
  scanObject,
  spanString,
  spanText,
  spliceBytes,
} from '../../base/json-splice.ts'
import type { Loss } from '../../canon/loss.ts'
import type { ParameterName } from '../../canon/parameters.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import { cutSpans, skipSpace } from '../cut-json.ts'
import { type Quirks, quirksOfModel } from '../quirks.ts'
import { lossOf } from '../settings.ts'
import type { Retargeted } from '../wire-protocol.ts'
import { editItems, itemsToEdit } from './retarget-items.ts'

const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

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
  const reasons = itemsToEdit(body, quirks)
  const wanted = wantedFields(quirks, reasons.length > 0)
  const scan = known !== undefined && wanted.length === 1 ? known : scanObject(body, wanted)
  if ('fault' in scan) return refused(scan)
  const losses: Loss[] = []
  const items = editItems(body, scan.fields.get('input'), reasons, losses)
  if ('fault' in items) return refused(items)
  const cut = cutSpans(body, scan.open, unwanted(body, scan, quirks, losses))
  const named = modelEdit(body, scan, model, cut.emptied)
  if (named === undefined)
    return problem('bad_request', 'The field "model" is not text.', {
      fix: ['Name one model, such as "model": "provider/model".'],
      paths: ['model'],
    })
  return { body: spliceBytes(body, [named, ...items.edits, ...cut.edits]), losses }
}

function wantedFields(quirks: Quirks, items: boolean): string[] {
  const wanted = ['model']
  if (items) wanted.push('input')
  if (quirks.noStreamOptions === true) wanted.push('stream_options')
  if (quirks.noStore === true) wanted.push('store')
  if (quirks.noEmptyTools === true) wanted.push('tools')
  return wanted
}

function refused(fault: ScanFault): Problem {
  return problem('bad_request', `The request body is not one JSON object: ${fault.fault} (byte ${fault.at}).`, {
    fix: ['Send one JSON object in which every field stands once.'],
    paths: fault.fault.startsWith('"model"') ? ['model'] : [],
  })
}

/** Undefined if the model is there but is not text. `null` is no model. */
function modelEdit(body: Uint8Array, scan: ObjectScan, model: string, emptied: boolean): Edit | undefined {
  const insert = JSON.stringify(model)
  const field = scan.fields.get('model')
  if (field === undefined)
    return { start: scan.open, end: scan.open, insert: `"model":${insert}${scan.empty || emptied ? '' : ','}` }
  const { valueStart: start, valueEnd: end } = field
  const isText = spanString(body, start, end) !== undefined
  return isText || spanText(body, start, end) === 'null' ? { start, end, insert } : undefined
}

/** The fields the provider does not take. An empty list of tools says nothing, so leaving it out loses nothing. */
function unwanted(
  body: Uint8Array,
  scan: ObjectScan,
  quirks: Quirks,
  losses: Loss[],
): { start: number; end: number }[] {
  const found: FieldSpan[] = []
  const lose = (name: 'stream_options' | 'store', parameter: ParameterName) => {
    const field = scan.fields.get(name)
    if (field === undefined) return
    found.push(field)
    losses.push(lossOf(parameter, name, 'this provider refuses the field'))
  }
  if (quirks.noStreamOptions === true) lose('stream_options', 'stream_obfuscation')
  if (quirks.noStore === true) lose('store', 'store')
  const tools = quirks.noEmptyTools === true ? scan.fields.get('tools') : undefined
  if (tools !== undefined && isEmptyArray(body, tools)) found.push(tools)
  return found.map(field => ({ start: field.keyStart, end: field.valueEnd }))
}

function isEmptyArray(body: Uint8Array, field: FieldSpan): boolean {
  if (body[field.valueStart] !== OPEN_BRACKET) return false
  return body[skipSpace(body, field.valueStart + 1)] === CLOSE_BRACKET
}
