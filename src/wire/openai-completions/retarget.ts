import {
  type Edit,
  type FieldSpan,
  type ObjectScan,
  type ScanFault,
  scanArray,
  scanObject,
  spanString,
  spliceBytes,
} from '../../base/json-splice.ts'
import type { Loss } from '../../canon/loss.ts'
import type { ParameterName } from '../../canon/parameters.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import type { Quirks } from '../quirks.ts'
import { lossOf } from '../settings.ts'
import type { Retargeted } from '../wire-protocol.ts'

const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c

const LIMIT_FIELDS = ['max_tokens', 'max_completion_tokens'] as const

/**
 * Puts the model's name into a request's bytes, and makes the few edits without which the provider would refuse the call: the other name of
 * the output limit, `system` for `developer`, and fields it does not take. All other bytes stay as they came.
 */
export function retarget(body: Uint8Array, model: string, quirks: Quirks, known?: ObjectScan): Retargeted | Problem {
  const wanted = wantedFields(quirks)
  const scan = known !== undefined && wanted.length === 1 ? known : scanObject(body, wanted)
  if ('fault' in scan) return refused(scan)
  const roles = quirks.noDeveloperRole === true ? developerEdits(body, scan.fields.get('messages')) : []
  if (!Array.isArray(roles)) return refused(roles)
  const losses: Loss[] = []
  const dropped = dropEdits(body, scan, unwanted(body, scan, quirks, losses))
  const named = modelEdit(body, scan, model, dropped.emptied)
  if (named === undefined)
    return problem('bad_request', 'The field "model" is not text.', {
      fix: ['Name one model, such as "model": "provider/model".'],
      paths: ['model'],
    })
  return { body: spliceBytes(body, [named, ...limitEdits(scan, quirks), ...roles, ...dropped.edits]), losses }
}

function wantedFields(quirks: Quirks): string[] {
  const wanted = ['model']
  if (quirks.maxTokensField !== undefined) wanted.push(...LIMIT_FIELDS)
  if (quirks.noDeveloperRole === true) wanted.push('messages')
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

/** Undefined if the model is there but is not text. */
function modelEdit(body: Uint8Array, scan: ObjectScan, model: string, emptied: boolean): Edit | undefined {
  const insert = JSON.stringify(model)
  const field = scan.fields.get('model')
  if (field === undefined)
    return { start: scan.open, end: scan.open, insert: `"model":${insert}${scan.empty || emptied ? '' : ','}` }
  if (spanString(body, field.valueStart, field.valueEnd) === undefined) return undefined
  return { start: field.valueStart, end: field.valueEnd, insert }
}

/** Renames the output limit to the name the provider takes, unless the client gave both. */
function limitEdits(scan: ObjectScan, quirks: Quirks): Edit[] {
  const wanted = quirks.maxTokensField
  const other = LIMIT_FIELDS.find(name => name !== wanted)
  const field = wanted === undefined || other === undefined ? undefined : scan.fields.get(other)
  if (wanted === undefined || field === undefined || scan.fields.has(wanted)) return []
  return [{ start: field.keyStart, end: field.keyEnd, insert: JSON.stringify(wanted) }]
}

function developerEdits(body: Uint8Array, messages: FieldSpan | undefined): Edit[] | ScanFault {
  if (messages === undefined || body[messages.valueStart] !== OPEN_BRACKET) return []
  const items = scanArray(body, { start: messages.valueStart, end: messages.valueEnd })
  if ('fault' in items) return items
  const edits: Edit[] = []
  for (const item of items) {
    const scan = scanObject(body, ['role'], item)
    // A message that is no object, or names two roles, is the provider's to refuse.
    const role = 'fault' in scan ? undefined : scan.fields.get('role')
    if (role !== undefined && spanString(body, role.valueStart, role.valueEnd) === 'developer')
      edits.push({ start: role.valueStart, end: role.valueEnd, insert: '"system"' })
  }
  return edits
}

/** The fields the provider does not take. An empty list of tools says nothing, so leaving it out loses nothing. */
function unwanted(body: Uint8Array, scan: ObjectScan, quirks: Quirks, losses: Loss[]): FieldSpan[] {
  const found: FieldSpan[] = []
  const lose = (name: 'stream_options' | 'store', parameter: ParameterName) => {
    const field = scan.fields.get(name)
    if (field === undefined) return
    found.push(field)
    losses.push(lossOf(parameter, name, 'this provider refuses the field'))
  }
  if (quirks.noStreamOptions === true) lose('stream_options', 'stream_usage')
  if (quirks.noStore === true) lose('store', 'store')
  const tools = quirks.noEmptyTools === true ? scan.fields.get('tools') : undefined
  if (tools !== undefined && isEmptyArray(body, tools)) found.push(tools)
  return found.sort((a, b) => a.keyStart - b.keyStart)
}

function isEmptyArray(body: Uint8Array, field: FieldSpan): boolean {
  if (body[field.valueStart] !== OPEN_BRACKET) return false
  return body[skipSpace(body, field.valueStart + 1)] === CLOSE_BRACKET
}

/** Takes fields out, each with one of the commas beside it. Neighbours go together, since they share the comma. */
function dropEdits(
  body: Uint8Array,
  scan: ObjectScan,
  fields: readonly FieldSpan[],
): { readonly edits: Edit[]; readonly emptied: boolean } {
  const runs: { start: number; end: number }[] = []
  for (const field of fields) {
    const last = runs.at(-1)
    if (last !== undefined && nextField(body, last.end) === field.keyStart) last.end = field.valueEnd
    else runs.push({ start: field.keyStart, end: field.valueEnd })
  }
  let emptied = false
  const edits = runs.map(run => {
    const after = skipSpace(body, run.end)
    if (body[after] === COMMA) return { start: run.start, end: skipSpace(body, after + 1), insert: '' }
    const before = skipSpaceBack(body, run.start)
    emptied = before === scan.open
    return { start: body[before - 1] === COMMA ? before - 1 : before, end: run.end, insert: '' }
  })
  return { edits, emptied }
}

/** Where the next field's name begins, behind the comma after this one. */
function nextField(body: Uint8Array, valueEnd: number): number {
  const comma = skipSpace(body, valueEnd)
  return body[comma] === COMMA ? skipSpace(body, comma + 1) : -1
}

function skipSpace(body: Uint8Array, from: number): number {
  let at = from
  while (isSpace(body[at])) at += 1
  return at
}

/** Index just behind the last byte before `from` that is no space. */
function skipSpaceBack(body: Uint8Array, from: number): number {
  let at = from
  while (isSpace(body[at - 1])) at -= 1
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
