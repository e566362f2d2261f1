import { parseJson } from '../base/json.ts'
import { isObject, type JsonObject } from '../base/json-value.ts'
import type { Assumption, Loss } from '../canon/loss.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { CanonRequest } from '../canon/request.ts'
import type { Quirks } from '../wire/quirks.ts'
import { lossOf } from '../wire/settings.ts'
import type { EncodedRequest } from '../wire/wire-protocol.ts'
import type { Call, Surface } from './call.ts'
import { encodeEmbeddings } from './embed.ts'
import type { RequestHead } from './read-request.ts'

/** A request in a surface's words. */
export interface Prepared {
  readonly body: Uint8Array
  readonly losses: readonly Loss[]
  readonly assumptions: readonly Assumption[]
  /** True: the client's own bytes. False: translated. */
  readonly passThrough: boolean
  /** Whether the client asked for usage inside the stream; only known, and only needed, when translated. */
  readonly streamUsage: boolean
  /** The client's own body as it was read, for replies that repeat what was asked. Absent where it passed through. */
  readonly asked?: JsonObject
}

/** A client's request, read. */
export interface ReadRequest {
  readonly body: JsonObject
  readonly request: CanonRequest
}

/** Gives the client's request, read when it is first asked for. */
export type CanonReader = () => ReadRequest | Problem

/** A limit sent in the client's stead stays below this: some providers bill or reserve what is asked for. Tokens. */
export const OUTPUT_DEFAULT_MAX = 32_768

const NO_QUIRKS: Quirks = {}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Reads the client's body into canonical form, once, however many surfaces are tried. */
export function canonReader(call: Call): CanonReader {
  let read: ReadRequest | Problem | undefined
  return () => {
    read ??= readRequest(call)
    return read
  }
}

/** Makes the upstream body: the client's own bytes with the model spliced where the protocols agree, else a translation. */
export function prepare(
  call: Call,
  surface: Surface,
  head: RequestHead,
  canon: CanonReader,
  allowLoss: readonly string[],
): Prepared | Problem {
  const { protocol, endpoint, target } = surface
  if (protocol.id === call.protocol.id) {
    // A quirk is about generating: a call for embeddings has none of its fields.
    const quirks = call.operation === 'embed' ? NO_QUIRKS : endpoint.quirks
    const edited = protocol.retarget(call.body, target.model, quirks, head.scan)
    if (isProblem(edited)) return edited
    const { body, losses } = edited
    return (
      refusal(losses, allowLoss, surface) ?? { body, losses, assumptions: [], passThrough: true, streamUsage: true }
    )
  }
  const said = call.operation === 'embed' ? sayEmbeddings(call, surface) : say(surface, canon)
  if (isProblem(said)) return said
  const losses = [...said.losses, ...headerLosses(call)]
  const refused = refusal(losses, allowLoss, surface)
  if (refused !== undefined) return refused
  const { assumptions, streamUsage, asked } = said
  return {
    body: encoder.encode(JSON.stringify(said.body)),
    losses,
    assumptions,
    passThrough: false,
    streamUsage,
    asked,
  }
}

/** A request in another protocol's words, with what its reply will need. */
interface Said extends EncodedRequest {
  readonly streamUsage: boolean
  readonly asked: JsonObject
}

function say(surface: Surface, canon: CanonReader): Said | Problem {
  const read = canon()
  if (isProblem(read)) return read
  const { body, request } = read
  const encoded = surface.protocol.encodeRequest({ ...request, model: surface.target.model }, quirksFor(surface))
  return { ...encoded, streamUsage: request.streamUsage, asked: body }
}

function sayEmbeddings(call: Call, surface: Surface): Said | Problem {
  const asked = parseBody(call)
  if (isProblem(asked)) return asked
  const encoded = encodeEmbeddings(asked, surface)
  return isProblem(encoded) ? encoded : { ...encoded, streamUsage: false, asked }
}

function parseBody(call: Call): JsonObject | Problem {
  const read = parseJson(decoder.decode(call.body))
  if (read.ok && isObject(read.value)) return read.value
  const why = read.ok ? 'not an object' : read.reason
  return problem('bad_request', `The request body is not a JSON object: ${why}.`, { fix: ['Check the JSON.'] })
}

function readRequest(call: Call): ReadRequest | Problem {
  const body = parseBody(call)
  if (isProblem(body)) return body
  const { protocol, operation, names } = call
  const whole = operation === 'count-tokens' ? (protocol.counting?.completeRequest?.(body) ?? body) : body
  const request = protocol.decodeRequest(whole, names)
  return isProblem(request) ? request : { body, request }
}

function quirksFor(surface: Surface): Quirks {
  const limit = surface.target.row?.maxOutputTokens
  const { quirks } = surface.endpoint
  return limit === undefined || quirks.maxTokensDefault !== undefined
    ? quirks
    : { ...quirks, maxTokensDefault: Math.min(limit, OUTPUT_DEFAULT_MAX) }
}

/** Beta opt-ins belong to the client's own protocol; where another is spoken upstream they have no meaning. */
function headerLosses(call: Call): Loss[] {
  const betas = call.headers.get('anthropic-beta')
  return betas === null
    ? []
    : [lossOf('betas', 'headers.anthropic-beta', 'beta opt-ins have no meaning in another protocol')]
}

/** Losses that would change the answer end the call, unless the caller allows them. */
function refusal(losses: readonly Loss[], allowLoss: readonly string[], surface: Surface): Problem | undefined {
  if (losses.length === 0) return undefined
  const refused = losses.filter(loss => loss.kind === 'semantic' && !isAllowed(loss, allowLoss))
  return refused.length > 0 ? untranslatable(refused, surface) : undefined
}

/** What the configuration allows to be lost, and what this call's `candor-allow-loss` header adds. */
export function allowedLosses(call: Call, configured: readonly string[]): readonly string[] {
  const header = call.headers.get('candor-allow-loss')
  if (header === null) return configured
  return [
    ...configured,
    ...header
      .split(',')
      .map(name => name.trim())
      .filter(name => name !== ''),
  ]
}

/** True if the loss, though it changes the answer, is allowed by its name or path. */
export function isAllowed(loss: Loss, allowLoss: readonly string[]): boolean {
  return allowLoss.some(name => name === '*' || name === loss.parameter || name === loss.path)
}

function untranslatable(refused: readonly Loss[], surface: Surface): Problem {
  const paths = refused.map(loss => loss.path)
  const names = [...new Set(refused.map(loss => loss.parameter))]
  const reasons = refused.map(loss => `${loss.path}: ${loss.reason}`)
  const what = `${surface.target.ref} cannot be told ${paths.length === 1 ? paths[0] : `${paths.length} things the request asks for`}.`
  return problem('untranslatable', what, {
    provider: surface.target.provider.id,
    model: surface.target.model,
    why: `It is reached over ${surface.protocol.id}, and leaving it out would change the answer. ${reasons.join('; ')}.`,
    fix: [
      'Leave it out of the request.',
      `Or allow the loss: send the header "candor-allow-loss: ${names.join(',')}", or add ${names.map(n => `"${n}"`).join(', ')} to translate.allowLoss.`,
    ],
    paths,
  })
}
