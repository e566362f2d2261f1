import { type ObjectScan, scanObject, spanString, spanText } from '../base/json-splice.ts'
import { type Problem, problem } from '../canon/problem.ts'
import type { Call } from './call.ts'

/** What the pipeline must know of every request, found without parsing it. */
export interface RequestHead {
  /** Empty if the request names none. */
  readonly model: string
  readonly stream: boolean
  /** Where they stand in the bytes. */
  readonly scan: ObjectScan
}

const WANTED = ['model', 'stream']
const NOTHING_WANTED: readonly string[] = []

/** Finds the model's name and whether a stream is wanted, in one scan of the bytes; what the path has said is not looked for. */
export function readRequestHead({ body, names }: Pick<Call, 'body' | 'names'>): RequestHead | Problem {
  if (body.length === 0) return badRequest('The request has no body.', 'send a JSON object')
  const scan = scanObject(body, names === undefined ? WANTED : NOTHING_WANTED)
  if ('fault' in scan)
    return badRequest(`The request body is not a JSON object: ${scan.fault} (byte ${scan.at}).`, 'check the JSON')
  if (names !== undefined) return { ...names, scan }
  const model = scan.fields.get('model')
  const stream = scan.fields.get('stream')
  const name = model === undefined ? '' : readName(body, model.valueStart, model.valueEnd)
  if (name === undefined) return badRequest('"model" is not a text.', 'name a model as "provider/model"', 'model')
  const wanted = stream === undefined ? 'false' : literal(body, stream.valueStart, stream.valueEnd)
  if (wanted !== 'true' && wanted !== 'false' && wanted !== 'null') {
    return badRequest('"stream" is neither true nor false.', 'send true or false', 'stream')
  }
  return { model: name, stream: wanted === 'true', scan }
}

function readName(body: Uint8Array, start: number, end: number): string | undefined {
  return spanString(body, start, end) ?? (literal(body, start, end) === 'null' ? '' : undefined)
}

/** A short value's text; longer ones are none of those that are looked for. */
function literal(body: Uint8Array, start: number, end: number): string {
  return end - start > 5 ? '' : spanText(body, start, end)
}

function badRequest(what: string, fix: string, path?: string): Problem {
  return problem('bad_request', what, {
    fix: [`${fix.charAt(0).toUpperCase()}${fix.slice(1)}.`],
    ...(path === undefined ? {} : { paths: [path] }),
  })
}
