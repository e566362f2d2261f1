import { parseJson } from '../base/json.ts'
import { isObject } from '../base/json-value.ts'
import type { Assumption, Loss } from '../canon/loss.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { CanonRequest } from '../canon/request.ts'
import type { Quirks } from '../wire/quirks.ts'
import { lossOf } from '../wire/settings.ts'
import type { Call, Surface } from './call.ts'
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
}

/** A limit sent in the client's stead stays below this: some providers bill or reserve what is asked for. */
const OUTPUT_DEFAULT_MAX = 32_768

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Reads the client's body into canonical form, once, however many surfaces are tried. */
export function canonReader(call: Call): () => CanonRequest | Problem {
  let read: CanonRequest | Problem | undefined
  return () => {
    read ??= decodeBody(call)
    return read
  }
}

/** Makes the upstream body: the client's own bytes with the model spliced where the protocols agree, else a translation. */
export function prepare(
  call: Call,
  surface: Surface,
  head: RequestHead,
  canon: () => CanonRequest | Problem,
  allowLoss: readonly string[],
): Prepared | Problem {
  const { protocol, endpoint, target } = surface
  if (protocol.id === call.protocol.id) {
    const edited = protocol.retarget(call.body, target.model, endpoint.quirks, head.scan)
    if (isProblem(edited)) return edited
    return (
      refusal(edited.losses, allowLoss, surface) ?? { ...edited, assumptions: [], passThrough: true, streamUsage: true }
    )
  }
  const request = canon()
  if (isProblem(request)) return request
  const encoded = protocol.encodeRequest({ ...request, model: target.model }, quirksFor(surface))
  const losses = [...encoded.losses, ...headerLosses(call)]
  const refused = refusal(losses, allowLoss, surface)
  if (refused !== undefined) return refused
  const body = encoder.encode(JSON.stringify(encoded.body))
  return { body, losses, assumptions: encoded.assumptions, passThrough: false, streamUsage: request.streamUsage }
}

function decodeBody(call: Call): CanonRequest | Problem {
  const read = parseJson(decoder.decode(call.body))
  if (!read.ok || !isObject(read.value)) {
    const why = read.ok ? 'not an object' : read.reason
    return problem('bad_request', `The request body is not a JSON object: ${why}.`, { fix: ['Check the JSON.'] })
  }
  const { counting } = call.protocol
  const body = call.operation === 'count-tokens' ? (counting?.completeRequest?.(read.value) ?? read.value) : read.value
  return call.protocol.decodeRequest(body)
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

function isAllowed(loss: Loss, allowLoss: readonly string[]): boolean {
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
