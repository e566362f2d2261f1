import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { isProblem, type Problem, problem } from '../../canon/problem.ts'
import type { Usage } from '../../canon/usage.ts'
import { unknownFields } from '../settings.ts'
import type { EmbeddingReply, EmbeddingRequest } from './embedding-codec.ts'

// developers.openai.com/api/reference/resources/embeddings

/** Path of OpenAI's call below a base URL that ends with the version. */
export const EMBEDDINGS_PATH = '/embeddings'

/** The form of the vectors: an array of numbers, or the base64 of 32-bit floats with the low byte first. */
export type EmbeddingEncoding = 'float' | 'base64'

const KNOWN: ReadonlySet<string> = new Set(['model', 'input', 'dimensions', 'encoding_format', 'user'])

/** Reads a client's request. `bad_request`, with the JSON path, for what OpenAI's API does not allow. */
export function decodeEmbeddingRequest(body: JsonObject): EmbeddingRequest | Problem {
  const inputs = readInputs(body.input)
  if (inputs === undefined) return wrong('input', 'must be a text, a row of token numbers, or an array of either')
  const { dimensions } = body
  const count = asNumber(dimensions)
  if (isSaid(dimensions) && (count === undefined || !Number.isInteger(count) || count < 1))
    return wrong('dimensions', 'must be a whole number above 0')
  const encoding = readEncoding(body.encoding_format)
  if (isProblem(encoding)) return encoding
  return {
    inputs,
    ...(count === undefined ? {} : { dimensions: count }),
    user: isSaid(body.user),
    unknown: unknownFields(body, KNOWN, ''),
  }
}

/** The form the client wants its vectors in. */
export function readEncoding(value: JsonValue | undefined): EmbeddingEncoding | Problem {
  if (!isSaid(value) || value === 'float') return 'float'
  return value === 'base64' ? 'base64' : wrong('encoding_format', 'must be "float" or "base64"')
}

/** Writes a reply. `usage` is left out where the provider told none. */
export function encodeEmbeddingReply(
  { vectors, usage }: EmbeddingReply,
  model: string,
  encoding: EmbeddingEncoding,
): JsonObject {
  const tokens = usage?.input
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding === 'base64' ? toBase64(vector) : vector,
    })),
    model,
    ...(tokens === undefined ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  }
}

/**
 * The same reply with its vectors in base64, for a client that asked for it and a provider that gave numbers all the same. Everything else
 * stays. Undefined if a vector is neither.
 */
export function inBase64(reply: JsonObject): JsonObject | undefined {
  const data: JsonValue[] = []
  for (const item of asArray(reply.data)) {
    const one = asObject(item)
    const vector = one?.embedding
    if (one === undefined || (!isNumbers(vector) && typeof vector !== 'string')) return undefined
    data.push({ ...one, embedding: typeof vector === 'string' ? vector : toBase64(vector) })
  }
  return { ...reply, data }
}

/** Reads OpenAI's `{ prompt_tokens, total_tokens }`. Undefined if it holds no count. Vectors are no output tokens: there are none. */
export function readEmbeddingUsage(value: JsonValue | undefined): Usage | undefined {
  const raw = asObject(value)
  const input = asNumber(raw?.prompt_tokens) ?? asNumber(raw?.total_tokens)
  return raw === undefined || input === undefined ? undefined : { input, output: 0, raw }
}

/** True for an array of numbers. */
export function isNumbers(value: JsonValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every(each => typeof each === 'number')
}

function readInputs(value: JsonValue | undefined): EmbeddingRequest['inputs'] | undefined {
  const text = asString(value)
  if (text !== undefined) return [text]
  const rows = asArray(value)
  if (rows.length === 0) return undefined
  if (isNumbers(value)) return [value]
  const inputs: (string | readonly number[])[] = []
  for (const row of rows) {
    if (typeof row !== 'string' && !isNumbers(row)) return undefined
    inputs.push(row)
  }
  return inputs
}

function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT)
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * Float32Array.BYTES_PER_ELEMENT)
  return bytes.toString('base64')
}

function isSaid(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null
}

function wrong(path: string, rule: string): Problem {
  return problem('bad_request', `The field "${path}" ${rule}.`, { fix: [`Correct "${path}".`], paths: [path] })
}
