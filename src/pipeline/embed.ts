import { parseJson } from '../base/json.ts'
import { type ObjectScan, scanArray, scanObject, spanString } from '../base/json-splice.ts'
import { isObject, type JsonObject } from '../base/json-value.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { Usage } from '../canon/usage.ts'
import type { EmbeddingCodec } from '../wire/embeddings/embedding-codec.ts'
import { EMBEDDING_CODECS } from '../wire/embeddings/index.ts'
import {
  decodeEmbeddingRequest,
  EMBEDDINGS_PATH,
  encodeEmbeddingReply,
  inBase64,
  readEmbeddingUsage,
  readEncoding,
} from '../wire/embeddings/openai.ts'
import type { EncodedRequest } from '../wire/wire-protocol.ts'
import type { Call, Surface } from './call.ts'

/** Vectors as the client gets them. */
export interface Embedded {
  readonly bytes: Uint8Array
  readonly usage?: Usage
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** True if this endpoint's protocol has a call for embeddings that the client's can be said in. */
export function canEmbed(call: Call, protocol: ProtocolId): boolean {
  return protocol === call.protocol.id || codecOf(protocol) !== undefined
}

/** Path of the call below the surface's base URL. */
export function embeddingPath({ protocol, target }: Surface): string {
  return codecOf(protocol.id)?.path(target.model) ?? EMBEDDINGS_PATH
}

/** The request in the words of a surface of another protocol. */
export function encodeEmbeddings(body: JsonObject, { protocol, target }: Surface): EncodedRequest | Problem {
  const asked = decodeEmbeddingRequest(body)
  if (isProblem(asked)) return asked
  const codec = codecOf(protocol.id)
  if (codec === undefined) return problem('untranslatable', `${protocol.id} has no call for embeddings.`)
  return codec.encodeRequest(asked, target.model)
}

/** Reads a provider's reply. Undefined: it holds no vectors, so it may tell an error. */
export function takeEmbeddings(bytes: Uint8Array, call: Call, surface: Surface): Embedded | Problem | undefined {
  const codec = codecOf(surface.protocol.id)
  return surface.protocol.id === call.protocol.id || codec === undefined
    ? passedOn(bytes, call)
    : translated(bytes, call, surface, codec)
}

/** The provider's own bytes; with the vectors in base64 if the client asked for that and the provider does not know it. */
function passedOn(bytes: Uint8Array, call: Call): Embedded | undefined {
  const scan = scanObject(bytes, ['data', 'usage'])
  if ('fault' in scan || !scan.fields.has('data')) return undefined
  const usage = readEmbeddingUsage(fieldOf(bytes, scan, 'usage'))
  const told = usage === undefined ? {} : { usage }
  if (encodingOf(call) !== 'base64' || !holdsNumbers(bytes, scan)) return { bytes, ...told }
  const read = objectIn(bytes)
  const packed = read === undefined ? undefined : inBase64(read)
  return packed === undefined ? undefined : { bytes: encoder.encode(JSON.stringify(packed)), ...told }
}

function translated(
  bytes: Uint8Array,
  call: Call,
  surface: Surface,
  codec: EmbeddingCodec,
): Embedded | Problem | undefined {
  const read = objectIn(bytes)
  const reply = read === undefined ? undefined : codec.decodeReply(read)
  if (reply === undefined) return undefined
  const asked = decodeEmbeddingRequest(objectIn(call.body) ?? {})
  const wanted = isProblem(asked) ? 0 : asked.inputs.length
  if (reply.vectors.length !== wanted) {
    const what = `The provider gave ${reply.vectors.length} vectors for ${wanted} inputs.`
    return problem('upstream_protocol', what, { fix: ['Send fewer inputs in one call.'] })
  }
  const body = encodeEmbeddingReply(reply, surface.target.ref, encodingOf(call))
  return {
    bytes: encoder.encode(JSON.stringify(body)),
    ...(reply.usage === undefined ? {} : { usage: reply.usage }),
  }
}

function codecOf(protocol: ProtocolId): EmbeddingCodec | undefined {
  return EMBEDDING_CODECS.find(codec => codec.id === protocol)
}

function encodingOf(call: Call): 'float' | 'base64' {
  const scan = scanObject(call.body, ['encoding_format'])
  const read = 'fault' in scan ? undefined : readEncoding(fieldOf(call.body, scan, 'encoding_format'))
  return read === 'base64' ? 'base64' : 'float'
}

/** Whether the first vector is an array: looked at in the bytes, since replies are long. */
function holdsNumbers(bytes: Uint8Array, scan: ObjectScan): boolean {
  const data = scan.fields.get('data')
  const items = data === undefined ? [] : scanArray(bytes, { start: data.valueStart, end: data.valueEnd })
  const first = 'fault' in items ? undefined : items[0]
  const item = first === undefined ? undefined : scanObject(bytes, ['embedding'], first)
  const vector = item === undefined || 'fault' in item ? undefined : item.fields.get('embedding')
  return vector !== undefined && spanString(bytes, vector.valueStart, vector.valueEnd) === undefined
}

function fieldOf(bytes: Uint8Array, scan: ObjectScan, name: string) {
  const span = scan.fields.get(name)
  const read =
    span === undefined ? undefined : parseJson(decoder.decode(bytes.subarray(span.valueStart, span.valueEnd)))
  return read?.ok === true ? read.value : undefined
}

function objectIn(bytes: Uint8Array): JsonObject | undefined {
  const read = parseJson(decoder.decode(bytes))
  return read.ok && isObject(read.value) ? read.value : undefined
}
