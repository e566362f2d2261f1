import { type ObjectScan, scanObject, spanText, spliceBytes } from '../../base/json-splice.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import type { Quirks } from '../quirks.ts'
import type { Retargeted } from '../wire-protocol.ts'

/** Puts the model's name into a request's bytes and leaves all others as they came. A body without a model gets one. */
export function retarget(body: Uint8Array, model: string, _quirks: Quirks, known?: ObjectScan): Retargeted | Problem {
  const scan = known ?? scanObject(body, ['model'])
  if ('fault' in scan) return refused(`The request body is not a valid JSON object: ${scan.fault} (byte ${scan.at}).`)
  const name = JSON.stringify(model)
  const field = scan.fields.get('model')
  if (field === undefined) {
    const insert = `"model":${name}${scan.empty ? '' : ','}`
    return { body: spliceBytes(body, [{ start: scan.open, end: scan.open, insert }]), losses: [] }
  }
  const isText = body[field.valueStart] === 0x22
  if (!isText && spanText(body, field.valueStart, field.valueEnd) !== 'null') return refused('"model" is not a text.')
  return { body: spliceBytes(body, [{ start: field.valueStart, end: field.valueEnd, insert: name }]), losses: [] }
}

function refused(what: string): Problem {
  return problem('bad_request', what, { fix: ['Send one JSON object with one "model".'], paths: ['model'] })
}
