import { parseJson } from '../base/json.ts'
import { asArray, asNumber, asObject, asString, type JsonObject } from '../base/json-value.ts'
import { PROBLEMS, type ProblemCode } from '../canon/problem.ts'
import { CliFault, EXIT } from './verb.ts'

/** Why a call failed, as the gateway tells it: the `candor` object of an error. */
export interface Trouble {
  /** One of the table's codes, or `unknown` where no gateway of ours answered. */
  readonly code: ProblemCode | 'unknown'
  readonly what: string
  readonly why?: string
  readonly fix: readonly string[]
  readonly upstream?: { readonly status?: number; readonly message?: string }
  readonly requestId?: string
  readonly candidates?: readonly string[]
}

/** Reads the error of a reply's body. */
export async function troubleOf(response: Response): Promise<Trouble> {
  const text = await response.text().catch(() => '')
  const read = parseJson(text)
  return readTrouble(read.ok ? asObject(read.value) : undefined, response.status)
}

/** Reads an error object, `{error: {message, candor}}`, of a body or of a stream's event. */
export function readTrouble(body: JsonObject | undefined, status: number): Trouble {
  const error = asObject(body?.['error'])
  const note = asObject(error?.['candor'])
  const code = asString(note?.['code']) ?? ''
  if (note === undefined || !isCode(code)) {
    const said = asString(error?.['message'])
    return {
      code: 'unknown',
      what: said ?? `The answer has status ${status} and says nothing more.`,
      fix: ['Check that the address is a Candor gateway.'],
    }
  }
  const upstream = asObject(note['upstream'])
  const why = asString(note['why'])
  const requestId = asString(note['request_id'])
  return {
    code,
    what: asString(note['what']) ?? code,
    ...(why === undefined ? {} : { why }),
    fix: texts(note['fix']),
    ...(upstream === undefined ? {} : { upstream: wordsOf(upstream) }),
    ...(requestId === undefined || requestId === '' ? {} : { requestId }),
    ...(note['candidates'] === undefined ? {} : { candidates: texts(note['candidates']) }),
  }
}

function isCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text)
}

function texts(value: unknown): readonly string[] {
  return asArray(value).filter(item => typeof item === 'string')
}

function wordsOf(upstream: JsonObject): { status?: number; message?: string } {
  const status = asNumber(upstream['status'])
  const message = asString(upstream['message'])
  return { ...(status === undefined ? {} : { status }), ...(message === undefined ? {} : { message }) }
}

/** The exit code that goes with a trouble: wrong usage, something that is not there, or a failed call. */
export function exitOf(trouble: Trouble): number {
  if (['model_not_found', 'ambiguous_model', 'unauthorized', 'forbidden'].includes(trouble.code)) return EXIT.usage
  return ['unreachable', 'provider_unavailable', 'draining'].includes(trouble.code) ? EXIT.absent : EXIT.finding
}

/** The trouble with a question as the end of a command. What a question is made of was typed: one that is not understood is wrong usage. */
export function faultOf(trouble: Trouble): CliFault {
  const { code, what, why, fix } = trouble
  return new CliFault(
    code === 'bad_request' ? EXIT.usage : exitOf(trouble),
    `${what}${code === 'unknown' ? '' : ` (${code})`}`,
    {
      why,
      fix: [...fix, ...ownFix(code)],
    },
  )
}

/** The trouble in words, a line each: what, why, what the provider said, how to mend it. */
export function troubleLines(trouble: Trouble): readonly string[] {
  const { code, what, why, upstream, requestId } = trouble
  const said = upstream?.message
  return [
    `${what}${code === 'unknown' ? '' : ` (${code})`}`,
    ...(why === undefined ? [] : [`why: ${why}`]),
    ...(said === undefined
      ? []
      : [`the provider said: "${said}"${upstream?.status === undefined ? '' : ` (status ${upstream.status})`}`]),
    ...[...trouble.fix, ...ownFix(code)].map(each => `fix: ${each}`),
    ...(requestId === undefined ? [] : [`details: candor trace ${requestId}`]),
  ]
}

/** What only holds for the command line. */
function ownFix(code: Trouble['code']): readonly string[] {
  return code === 'unauthorized' ? ["For these commands: set CANDOR_KEY to one of the gateway's own keys."] : []
}
