import { asArray, asNumber, asObject, type JsonObject } from '../../base/json-value.ts'
import type { Loss } from '../../canon/loss.ts'
import { problem } from '../../canon/problem.ts'
import type { Usage } from '../../canon/usage.ts'
import { lossOf } from '../settings.ts'
import type { EmbeddingCodec } from './embedding-codec.ts'
import { isNumbers } from './openai.ts'

/** Gemini's `models.batchEmbedContents`: ai.google.dev/api/embeddings. */
export const geminiEmbeddings: EmbeddingCodec = {
  id: 'google-generative-ai',
  path: model => `/models/${encodeURIComponent(model)}:batchEmbedContents`,
  encodeRequest({ inputs, dimensions, user, unknown }, model) {
    const requests: JsonObject[] = []
    for (const [at, text] of inputs.entries()) {
      if (typeof text !== 'string') return tokens(inputs.length === 1 ? 'input' : `input[${at}]`)
      requests.push({
        model: `models/${model}`,
        content: { parts: [{ text }] },
        ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
      })
    }
    const losses: Loss[] = unknown.map(({ at }) =>
      lossOf('unknown_fields', at, 'the field is not known, so it cannot be translated'),
    )
    if (user) losses.push(lossOf('user', 'user', 'the target protocol has no such parameter'))
    return { body: { requests }, losses, assumptions: [] }
  },
  decodeReply(body) {
    const vectors: (readonly number[])[] = []
    for (const item of asArray(body.embeddings)) {
      const values = asObject(item)?.values
      if (!isNumbers(values)) return undefined
      vectors.push(values)
    }
    const usage = readUsage(asObject(body.usageMetadata))
    return body.embeddings === undefined ? undefined : { vectors, ...(usage === undefined ? {} : { usage }) }
  },
}

function tokens(path: string) {
  return problem('untranslatable', 'The target takes text only, and the request holds token numbers.', {
    why: 'Token numbers mean something to one tokenizer only; Gemini reads texts with its own.',
    fix: ['Send the texts themselves.'],
    paths: [path],
  })
}

/** The newer models tell it, the older ones do not. */
function readUsage(raw: JsonObject | undefined): Usage | undefined {
  const input = asNumber(raw?.promptTokenCount)
  return raw === undefined || input === undefined ? undefined : { input, output: 0, raw }
}
