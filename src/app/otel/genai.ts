import { PROVIDERS } from '../../catalog/index.ts'
import type { Attempt, Receipt } from '../../ledger/receipt.ts'

/**
 * Names of the OpenTelemetry conventions for generative AI, as of semantic-conventions-genai in 2026 (all "Development":
 * https://github.com/open-telemetry/semantic-conventions-genai/tree/main/docs/gen-ai).
 */
export const GENAI = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  firstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  tokenType: 'gen_ai.token.type',
  inputMessages: 'gen_ai.input.messages',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  httpStatus: 'http.response.status_code',
} as const

/** Bounds the conventions give for `gen_ai.client.token.usage`. */
export const TOKEN_BOUNDS = [
  1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
]

/** Bounds the conventions give for durations of operations and for the time to the first chunk, in seconds. */
export const DURATION_BOUNDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]

/** Bounds the conventions give for `gen_ai.server.time_to_first_token`, in seconds. */
export const FIRST_TOKEN_BOUNDS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** The conventions' names of providers, where they are not Candor's. */
const PROVIDER_NAMES = new Map(PROVIDERS.map(({ id, telemetryName = id }) => [id, telemetryName]))

/** What the conventions call a provider; one they do not know keeps its own name. */
export function providerName(id: string): string {
  return PROVIDER_NAMES.get(id) ?? id
}

/** What the conventions call the operation. They have no word for counting. */
export function operationName({ operation, clientProtocol }: Receipt): string {
  if (operation === 'embed') return 'embeddings'
  if (operation === 'count-tokens') return 'count_tokens'
  return clientProtocol === 'google-generative-ai' ? 'generate_content' : 'chat'
}

/** The provider of the model that answered, or was to answer; else of the last one that was asked. */
export function servedProvider({ servedModel, attempts }: Receipt): string | undefined {
  return servedModel?.slice(0, servedModel.indexOf('/')) ?? attempts.at(-1)?.provider
}

/** Host and port an attempt went to. */
export function serverOf({ url }: Attempt): { readonly address: string; readonly port: number } | undefined {
  if (!URL.canParse(url)) return undefined
  const { hostname, port, protocol } = new URL(url)
  return { address: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) }
}
