import {
  type Edit,
  type FieldSpan,
  type ObjectScan,
  type ScanFault,
  spanString,
  spanText,
  spliceBytes,
} from '../base/json-splice.ts'
import type { Loss } from '../canon/loss.ts'
import type { ParameterName } from '../canon/parameters.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import { type Cut, cutSpans, skipSpace } from './cut-json.ts'
import type { Quirks } from './quirks.ts'
import { lossOf } from './settings.ts'
import type { Retargeted } from './wire-protocol.ts'

/** Why what needs a provider's memory is not asked for. */
const KEEPS_NOTHING = 'this provider is not known to keep anything'

const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** The problem of a body that is not one JSON object. */
export function notOneObject({ fault, at }: ScanFault): Problem {
  return problem('bad_request', `The request body is not one JSON object: ${fault} (byte ${at}).`, {
    fix: ['Send one JSON object in which every field stands once.'],
    paths: fault.startsWith('"model"') ? ['model'] : [],
  })
}

/**
 * The edit that puts the model's name into a body. `null` counts as not said; anything else that is no text is a problem. `emptied`: other edits
 * leave nothing of the body.
 */
export function modelEdit(body: Uint8Array, scan: ObjectScan, model: string, emptied: boolean): Edit | Problem {
  const insert = JSON.stringify(model)
  const field = scan.fields.get('model')
  if (field === undefined)
    return { start: scan.open, end: scan.open, insert: `"model":${insert}${scan.empty || emptied ? '' : ','}` }
  const { valueStart: start, valueEnd: end } = field
  if (spanString(body, start, end) !== undefined || spanText(body, start, end) === 'null') return { start, end, insert }
  return problem('bad_request', 'The field "model" is not text.', {
    fix: ['Name one model, such as "model": "provider/model".'],
    paths: ['model'],
  })
}

/** The body with nothing but the model's name changed: what most that pass through need. */
export function renamed(body: Uint8Array, scan: ObjectScan, model: string): Retargeted | Problem {
  const named = modelEdit(body, scan, model, false)
  return isProblem(named) ? named : { body: spliceBytes(body, [named]), losses: [] }
}

/** What Responses asks of a provider that keeps things. Each is a parameter by its own name. */
export const STATE_FIELDS = ['previous_response_id', 'conversation', 'background', 'prompt', 'store'] as const

/** The fields of OpenAI's bodies that a quirk may take out. */
export function refusedFields(quirks: Quirks): string[] {
  const names: string[] = []
  if (quirks.noStreamOptions === true) names.push('stream_options')
  if (quirks.noStore === true) names.push('store')
  if (quirks.noEmptyTools === true) names.push('tools')
  if (quirks.stateless === true) names.push(...STATE_FIELDS)
  return names
}

/**
 * Takes out what the provider does not take of those fields. An empty list of tools says nothing, so leaving it out loses nothing.
 * `streamOptions`: what a client asks for by `stream_options` in this protocol. `more`: fields that go too, told already.
 */
export function cutRefused(
  body: Uint8Array,
  scan: ObjectScan,
  quirks: Quirks,
  streamOptions: ParameterName,
  losses: Loss[],
  more: readonly FieldSpan[] = [],
): Cut {
  const found: FieldSpan[] = [...more]
  const lose = (name: 'stream_options' | 'store', parameter: ParameterName) => {
    const field = scan.fields.get(name)
    if (field === undefined) return
    found.push(field)
    losses.push(lossOf(parameter, name, 'this provider refuses the field'))
  }
  if (quirks.noStreamOptions === true) lose('stream_options', streamOptions)
  if (quirks.noStore === true) lose('store', 'store')
  if (quirks.stateless === true) found.push(...stateFields(body, scan, quirks, losses))
  const tools = quirks.noEmptyTools === true ? scan.fields.get('tools') : undefined
  if (tools !== undefined && isEmptyArray(body, tools)) found.push(tools)
  const spans = found.map(field => ({ start: field.keyStart, end: field.valueEnd }))
  return cutSpans(body, scan.open, spans)
}

/** What asks for something kept. `null` says nothing, and `false` asks for what happens anyway: both stay as they came. */
function stateFields(body: Uint8Array, scan: ObjectScan, quirks: Quirks, losses: Loss[]): FieldSpan[] {
  return STATE_FIELDS.flatMap(name => {
    const field = scan.fields.get(name)
    if (field === undefined || (name === 'store' && quirks.noStore === true)) return []
    if (['null', 'false'].includes(spanText(body, field.valueStart, field.valueEnd))) return []
    losses.push(lossOf(name, name, KEEPS_NOTHING))
    return [field]
  })
}

function isEmptyArray(body: Uint8Array, field: FieldSpan): boolean {
  if (body[field.valueStart] !== OPEN_BRACKET) return false
  return body[skipSpace(body, field.valueStart + 1)] === CLOSE_BRACKET
}
