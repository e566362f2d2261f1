import { asNumber, asString, type JsonObject, type JsonValue } from '../base/json-value.ts'
import { countTokens } from './answer.ts'
import { invalid } from './check.ts'
import { vectorBase64, vectorOf } from './embeddings.ts'
import { failureReply, jsonReply } from './failure.ts'
import type { ReceivedRequest } from './http-reader.ts'
import { invalidType, invalidValue, missingFieldIn, unknownFieldIn } from './openai-wording.ts'
import type { Envelope, Failure, Reply } from './reply.ts'
import { readBody } from './surface.ts'

/** Models that embed, with the most dimensions they give (developers.openai.com, embeddings). */
export type EmbeddingModels = ReadonlyMap<string, number>

const FIELDS = new Set(['input', 'model', 'dimensions', 'encoding_format', 'user'])
const INPUTS_MAX = 2048
const FORMATS = ['float', 'base64'] as const

/** Answers `POST …/embeddings` with the models of a provider; `unknown` words the refusal of any other. */
export function answerEmbeddings(
  request: ReceivedRequest,
  models: EmbeddingModels,
  unknown: (model: string) => Failure,
  envelope: Envelope,
): Reply {
  const body = readBody(request)
  if ('status' in body) return failureReply(body, envelope)
  const { object } = body
  const model = asString(object.model) ?? ''
  const malformed = unknownFieldIn(object, FIELDS) ?? missingFieldIn(object, ['model', 'input'])
  if (malformed !== undefined) return failureReply(malformed, envelope)
  const most = models.get(model)
  if (most === undefined) return failureReply(unknown(model), envelope)
  const refused = valueFailure(object, most)
  if (refused !== undefined) return failureReply(refused, envelope)
  const texts = inputsOf(object.input ?? '')
  const dimensions = asNumber(object.dimensions) ?? most
  const base64 = object.encoding_format === 'base64'
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0)
  return jsonReply(
    {
      object: 'list',
      data: texts.map((text, index) => {
        const vector = vectorOf(text, dimensions)
        return { object: 'embedding', index, embedding: base64 ? vectorBase64(vector) : vector }
      }),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    },
    envelope,
  )
}

function valueFailure(body: JsonObject, most: number): Failure | undefined {
  const { input, dimensions } = body
  if (typeof input !== 'string' && !Array.isArray(input)) {
    return invalidType('input', input, 'one of a string or array of strings')
  }
  const texts = inputsOf(input)
  if (texts.length === 0) return invalid("'$.input' is invalid. Please check the API reference.")
  if (texts.includes('')) return invalid("Invalid 'input': input cannot be an empty string.", { param: 'input' })
  if (texts.length > INPUTS_MAX) {
    return invalid(
      `Invalid 'input': array too long. Expected an array with maximum length ${INPUTS_MAX}, but got an array with length ${texts.length} instead.`,
      { param: 'input', code: 'array_above_max_length' },
    )
  }
  const format = body.encoding_format ?? 'float'
  if (!FORMATS.some(known => known === format)) return invalidValue('encoding_format', format, FORMATS)
  if (dimensions === undefined || dimensions === null) return undefined
  if (!Number.isInteger(dimensions)) return invalidType('dimensions', dimensions, 'an integer')
  const wanted = asNumber(dimensions) ?? 0
  if (wanted >= 1 && wanted <= most) return undefined
  return invalid(`Invalid value for 'dimensions' = ${wanted}. Must be between 1 and ${most}.`, { param: 'dimensions' })
}

/** Tokens come as numbers; a list of them is one text. */
function inputsOf(input: JsonValue): readonly string[] {
  if (typeof input === 'string') return [input]
  if (!Array.isArray(input)) return []
  if (input.length > 0 && input.every(each => typeof each === 'number')) return [input.join(' ')]
  return input.map(each => (Array.isArray(each) ? each.join(' ') : (asString(each) ?? '')))
}
