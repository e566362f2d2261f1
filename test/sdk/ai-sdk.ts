import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  APICallError,
  generateText,
  jsonSchema,
  type LanguageModel,
  type LanguageModelUsage,
  type ModelMessage,
  Output,
  streamText,
  type ToolSet,
  tool,
} from 'ai'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Failed, Say, SdkClient, Talk, TalkOptions, Turn } from './client.ts'
import { codeIn, openResults, pathsIn, readJson, secondsIn, TOOLS } from './client.ts'

/** `ai` with one of its official providers. */
interface Flavour {
  readonly name: string
  readonly protocol: ProtocolId
  model(origin: string, id: string): LanguageModel
  /** Options of every call, and of one that thinks, under the provider's own name. */
  readonly options: Readonly<Record<string, JsonObject>>
  readonly thinking: Readonly<Record<string, JsonObject>>
  /** How the provider words the result of a tool; absent: as it is. */
  resultAs?(name: string, text: string): string
}

const apiKey = 'anything'
/** The provider knows OpenAI's own model names only, and takes all others for models that do not reason. */
const forced = { forceReasoning: true, reasoningEffort: 'high' }

const FLAVOURS: readonly Flavour[] = [
  {
    name: 'ai, openai chat',
    protocol: 'openai-completions',
    model: (origin, id) => createOpenAI({ apiKey, baseURL: `${origin}/v1` }).chat(id),
    options: {},
    thinking: { openai: forced },
  },
  {
    name: 'ai, openai responses',
    protocol: 'openai-responses',
    model: (origin, id) => createOpenAI({ apiKey, baseURL: `${origin}/v1` }).responses(id),
    options: { openai: { store: false } },
    thinking: {
      openai: { ...forced, store: false, reasoningSummary: 'auto', include: ['reasoning.encrypted_content'] },
    },
  },
  {
    name: 'ai, anthropic',
    protocol: 'anthropic-messages',
    model: (origin, id) => createAnthropic({ apiKey, baseURL: `${origin}/v1` })(id),
    options: { anthropic: { structuredOutputMode: 'outputFormat' } },
    thinking: { anthropic: { thinking: { type: 'adaptive', display: 'summarized' } } },
  },
  {
    name: 'ai, google',
    protocol: 'google-generative-ai',
    model: (origin, id) => createGoogle({ apiKey, baseURL: `${origin}/v1beta` })(id),
    options: {},
    thinking: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 4000 } } },
    resultAs: (name, content) => JSON.stringify({ name, content }),
  },
  {
    name: 'ai, openai-compatible',
    protocol: 'openai-completions',
    model: (origin, id) =>
      createOpenAICompatible({
        name: 'candor',
        apiKey,
        baseURL: `${origin}/v1`,
        includeUsage: true,
        supportsStructuredOutputs: true,
      })(id),
    options: {},
    thinking: { candor: { reasoningEffort: 'high' } },
  },
]

/** `ai` with each of its official providers. */
export const aiSdks: readonly SdkClient[] = FLAVOURS.map(flavour => ({
  name: flavour.name,
  protocol: flavour.protocol,
  open: options => open(flavour, options),
  resultAs: flavour.resultAs ?? ((_name, text) => text),
  failed,
  errorFor: () => APICallError.name,
  abortError: 'AbortError',
}))

function failed(error: unknown): Failed {
  if (!APICallError.isInstance(error)) throw error
  const body = readJson(error.responseBody ?? 'null')
  return {
    type: APICallError.name,
    status: error.statusCode,
    code: codeIn(body),
    paths: pathsIn(body),
    retryAfterSeconds: secondsIn(error.responseHeaders?.['retry-after']),
  }
}

const tools: ToolSet = Object.fromEntries(
  TOOLS.map(({ name, schema }) => [name, tool({ inputSchema: jsonSchema(schema) })]),
)

interface Answered {
  readonly text: string
  readonly reasoningText: string | undefined
  readonly toolCalls: readonly { readonly toolCallId: string; readonly toolName: string; readonly input: unknown }[]
  readonly usage: LanguageModelUsage
  readonly responseMessages: ModelMessage[]
}

function open(flavour: Flavour, options: TalkOptions): Talk {
  const messages: ModelMessage[] = []
  const resultOf = openResults()
  let calls: Answered['toolCalls'] = []
  return {
    async turn(say) {
      const next = say.text === undefined ? results(calls, resultOf) : asked(say, say.text)
      const answer = await send(flavour, say.model ?? options.model, [...messages, next], options)
      if (say.aside !== true) messages.push(next, ...answer.responseMessages)
      calls = answer.toolCalls
      return told(answer)
    },
  }
}

function told({ text, reasoningText, toolCalls, usage }: Answered): Turn {
  const reasoning = usage.outputTokenDetails.reasoningTokens
  return {
    text,
    reasoning: reasoningText ?? '',
    calls: toolCalls.map(({ toolName: name, input }) => ({ name, input })),
    tokens: {
      input: usage.inputTokens ?? -1,
      cached: usage.inputTokenDetails.cacheReadTokens ?? 0,
      output: usage.outputTokens ?? -1,
      ...(reasoning === undefined ? {} : { reasoning }),
    },
  }
}

async function send(
  flavour: Flavour,
  model: string,
  messages: ModelMessage[],
  options: TalkOptions,
): Promise<Answered> {
  const { schema, signal, stop } = options
  const asking = {
    model: flavour.model(options.origin, model),
    messages,
    maxRetries: 0,
    maxOutputTokens: 8000,
    ...(stop === undefined ? {} : { stopSequences: [stop] }),
    providerOptions: options.thinks === true ? flavour.thinking : flavour.options,
    ...(options.tools === true ? { tools } : {}),
    ...(schema === undefined ? {} : { output: Output.object({ schema: jsonSchema(schema) }) }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  }
  if (options.form === 'whole') return generateText(asking)
  const running = streamText({ ...asking, onError: () => undefined })
  for await (const part of running.fullStream) {
    if (part.type === 'error') throw part.error
    if (part.type === 'abort') throw signal?.reason
    if (part.type === 'text-delta') options.onEvent?.()
  }
  return {
    text: await running.text,
    reasoningText: await running.reasoningText,
    toolCalls: await running.toolCalls,
    usage: await running.usage,
    responseMessages: await running.responseMessages,
  }
}

function results(calls: Answered['toolCalls'], resultOf: (name: string) => string): ModelMessage {
  return {
    role: 'tool',
    content: calls.map(({ toolCallId, toolName }) => ({
      type: 'tool-result',
      toolCallId,
      toolName,
      output: { type: 'text', value: resultOf(toolName) },
    })),
  }
}

function asked({ image }: Say, text: string): ModelMessage {
  if (image === undefined) return { role: 'user', content: text }
  return {
    role: 'user',
    content: [
      { type: 'text', text },
      { type: 'file', mediaType: 'image/png', data: image },
    ],
  }
}
