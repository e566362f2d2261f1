import { type Edit, type FieldSpan, type ObjectScan, scanObject, spliceBytes } from '../../base/json-splice.ts'
import type { Loss } from '../../canon/loss.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import { type Quirks, quirksOfModel } from '../quirks.ts'
import type { Retargeted } from '../wire-protocol.ts'
import { CARRIER_START } from './decode-signatures.ts'
import { modelName } from './path.ts'
import { withoutForeignReasoning } from './retarget-contents.ts'

/** Where a request for counting holds a whole request. */
const WHOLE = ['generateContentRequest', 'generate_content_request']

/**
 * Leaves a request's bytes as they came, for the model stands in the path. Two things cannot be left: the model's name that a request for counting
 * repeats inside, and what Candor put into signatures for another protocol's provider, which this one would refuse.
 */
export function retarget(body: Uint8Array, model: string, quirks: Quirks, known?: ObjectScan): Retargeted | Problem {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const foreign = bytes.includes(CARRIER_START)
  const edited = foreign || WHOLE.some(name => bytes.includes(name))
  if (known !== undefined && !edited) return { body, losses: [] }
  const scan = scanObject(body, ['contents', ...WHOLE])
  if ('fault' in scan)
    return problem('bad_request', `The request body is not one JSON object: ${scan.fault} (byte ${scan.at}).`, {
      fix: ['Send one JSON object in which every field stands once.'],
    })
  const losses: Loss[] = []
  const edits: Edit[] = []
  const unsigned = quirksOfModel(quirks, model).unsignedCalls === true
  const clean = (contents: FieldSpan | undefined, at: string) => {
    const cleaned = contents && foreign ? withoutForeignReasoning(body, contents, at, unsigned) : undefined
    if (cleaned === undefined) return
    edits.push(cleaned.edit)
    losses.push(...cleaned.losses)
  }
  clean(scan.fields.get('contents'), 'contents')
  for (const name of WHOLE) {
    const whole = scan.fields.get(name)
    const inner = whole && scanObject(body, ['model', 'contents'], { start: whole.valueStart, end: whole.valueEnd })
    // What is no object, or names a field twice, is the provider's to refuse.
    if (inner === undefined || 'fault' in inner) continue
    const named = inner.fields.get('model')
    // The name inside must be the one in the path (ai.google.dev/api/tokens).
    if (named !== undefined)
      edits.push({ start: named.valueStart, end: named.valueEnd, insert: JSON.stringify(modelName(model)) })
    clean(inner.fields.get('contents'), `${name}.contents`)
  }
  return { body: spliceBytes(body, edits), losses }
}
