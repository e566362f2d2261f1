import Anthropic from '@anthropic-ai/sdk'
import type { Failed, Say, SdkClient, Talk, TalkOptions } from './client.ts'
import { codeIn, openResults, pathsIn, secondsIn, TOOLS } from './client.ts'

type Params = Anthropic.MessageCreateParamsNonStreaming

/** Enough for a thinking budget and an answer. */
const MAX_TOKENS = 8000
const BUDGET_TOKENS = 4000

const BY_STATUS: Readonly<Record<number, string>> = {
  400: Anthropic.BadRequestError.name,
  401: Anthropic.AuthenticationError.name,
  403: Anthropic.PermissionDeniedError.name,
  404: Anthropic.NotFoundError.name,
  429: Anthropic.RateLimitError.name,
  503: Anthropic.ServiceUnavailableError.name,
  529: Anthropic.OverloadedError.name,
}

/** `@anthropic-ai/sdk`. */
export const anthropicSdk: SdkClient = {
  name: 'anthropic',
  protocol: 'anthropic-messages',
  open,
  resultAs: (_name, text) => text,
  failed(error): Failed {
    if (!(error instanceof Anthropic.APIError)) throw error
    return {
      type: error.constructor.name,
      status: error.status,
      code: codeIn(error.error),
      paths: pathsIn(error.error),
      retryAfterSeconds: secondsIn(error.headers?.get('retry-after')),
    }
  },
  errorFor: status => BY_STATUS[status] ?? Anthropic.InternalServerError.name,
  abortError: Anthropic.APIUserAbortError.name,
}

function open(options: TalkOptions): Talk {
  const client = new Anthropic({ apiKey: 'anything', baseURL: options.origin, maxRetries: 0 })
  const messages: Anthropic.MessageParam[] = []
  const resultOf = openResults()
  let calls: readonly Anthropic.ToolUseBlock[] = []
  return {
    async turn(say) {
      const next: Anthropic.MessageParam = {
        role: 'user',
        content:
          say.text === undefined
            ? calls.map(({ id, name }) => ({ type: 'tool_result', tool_use_id: id, content: resultOf(name) }))
            : asked(say, say.text),
      }
      const params = { model: say.model ?? options.model, messages: [...messages, next], ...settings(options) }
      const { content, usage } = await send(client, params, options)
      if (say.aside !== true) messages.push(next, { role: 'assistant', content })
      calls = content.filter(block => block.type === 'tool_use')
      const cached = usage.cache_read_input_tokens ?? 0
      return {
        text: content.map(block => (block.type === 'text' ? block.text : '')).join(''),
        reasoning: content.map(block => (block.type === 'thinking' ? block.thinking : '')).join(''),
        calls: calls.map(({ name, input }) => ({ name, input })),
        tokens: {
          input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
          cached,
          output: usage.output_tokens,
        },
      }
    },
  }
}

function settings({ tools, thinks, schema, stop }: TalkOptions): Pick<Params, 'max_tokens'> & Partial<Params> {
  return {
    max_tokens: MAX_TOKENS,
    ...(stop === undefined ? {} : { stop_sequences: [stop] }),
    ...(tools === true
      ? { tools: TOOLS.map(tool => ({ name: tool.name, input_schema: { ...tool.schema, type: 'object' } })) }
      : {}),
    ...(thinks === true ? { thinking: { type: 'enabled', budget_tokens: BUDGET_TOKENS, display: 'summarized' } } : {}),
    ...(schema === undefined ? {} : { output_config: { format: { type: 'json_schema', schema: { ...schema } } } }),
  }
}

function asked({ image }: Say, text: string): string | Anthropic.ContentBlockParam[] {
  if (image === undefined) return text
  return [
    { type: 'text', text },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } },
  ]
}

async function send(
  client: Anthropic,
  params: Params,
  { form, signal, onEvent }: TalkOptions,
): Promise<Anthropic.Message> {
  const request = signal === undefined ? {} : { signal }
  if (form === 'whole') return client.messages.create(params, request)
  const running = client.messages.stream(params, request)
  for await (const _event of running) onEvent?.()
  return running.finalMessage()
}
