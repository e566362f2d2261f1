import OpenAI from 'openai'
import type { Failed, Say, SdkClient, Talk, TalkOptions, Tokens, Turn } from './client.ts'
import { codeIn, openResults, pathsIn, readJson, secondsIn, TOOLS, UNFINISHED } from './client.ts'

/** The official client of OpenAI, over Chat Completions and over Responses. */

type Message = OpenAI.ChatCompletionMessage & { reasoning_content?: string; reasoning_details?: readonly object[] }
type Chat = OpenAI.ChatCompletionCreateParamsNonStreaming
type Ask = OpenAI.Responses.ResponseCreateParamsNonStreaming
type Item = OpenAI.Responses.ResponseInputItem

interface Completed {
  readonly message: Message
  readonly usage: OpenAI.CompletionUsage | undefined
}

interface Called {
  readonly id: string
  readonly name: string
  readonly input: string
}

const BY_STATUS: Readonly<Record<number, string>> = {
  400: OpenAI.BadRequestError.name,
  401: OpenAI.AuthenticationError.name,
  403: OpenAI.PermissionDeniedError.name,
  404: OpenAI.NotFoundError.name,
  429: OpenAI.RateLimitError.name,
}

const common = {
  resultAs: (_name: string, text: string) => text,
  failed(error: unknown): Failed {
    if (!(error instanceof OpenAI.APIError)) throw error
    return {
      type: error.constructor.name,
      status: error.status,
      code: codeIn(error.error),
      paths: pathsIn(error.error),
      retryAfterSeconds: secondsIn(error.headers?.get('retry-after')),
    }
  },
  errorFor: (status: number) => BY_STATUS[status] ?? OpenAI.InternalServerError.name,
  abortError: OpenAI.APIUserAbortError.name,
}

/** `openai`, Chat Completions. */
export const openAiChat: SdkClient = { name: 'openai chat', protocol: 'openai-completions', open: openChat, ...common }

/** `openai`, Responses. */
export const openAiResponses: SdkClient = {
  name: 'openai responses',
  protocol: 'openai-responses',
  open: openResponses,
  ...common,
}

function clientAt(origin: string): OpenAI {
  return new OpenAI({ apiKey: 'anything', baseURL: `${origin}/v1`, maxRetries: 0 })
}

function openChat(options: TalkOptions): Talk {
  const client = clientAt(options.origin)
  const messages: OpenAI.ChatCompletionMessageParam[] = []
  const resultOf = openResults()
  let open: readonly Called[] = []
  return {
    async turn(say) {
      const next: OpenAI.ChatCompletionMessageParam[] =
        say.text === undefined
          ? open.map(({ id, name }) => ({ role: 'tool', tool_call_id: id, content: resultOf(name) }))
          : [{ role: 'user', content: chatContent(say.text, say.image) }]
      const params: Chat = {
        model: say.model ?? options.model,
        messages: [...messages, ...next],
        ...chatSettings(options),
      }
      const { message, usage } = await complete(client, params, options)
      if (say.aside !== true) messages.push(...next, message)
      open = (message.tool_calls ?? []).flatMap(call =>
        call.type === 'function' ? [{ id: call.id, name: call.function.name, input: call.function.arguments }] : [],
      )
      return {
        text: message.content ?? '',
        reasoning: message.reasoning_content ?? '',
        ...told(open, chatTokens(usage)),
      }
    },
  }
}

function chatSettings({ tools, thinks, schema, stop }: TalkOptions): Partial<Chat> {
  return {
    ...(stop === undefined ? {} : { stop }),
    ...(tools === true
      ? { tools: TOOLS.map(tool => ({ type: 'function', function: { name: tool.name, parameters: tool.schema } })) }
      : {}),
    ...(thinks === true ? { reasoning_effort: 'high' } : {}),
    ...(schema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } }),
  }
}

function chatContent(text: string, image: string | undefined): string | OpenAI.ChatCompletionContentPart[] {
  if (image === undefined) return text
  return [
    { type: 'text', text },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
  ]
}

/** The stream through the client's own accumulator; reasoning, which it does not know, is gathered beside it as agents do. */
async function complete(client: OpenAI, params: Chat, { form, signal, onEvent }: TalkOptions): Promise<Completed> {
  const request = signal === undefined ? {} : { signal }
  if (form === 'whole') {
    const { choices, usage } = await client.chat.completions.create(params, request)
    return { message: firstOf(choices), usage }
  }
  const streamed = { ...params, stream: true as const, stream_options: { include_usage: true } }
  const running = client.chat.completions.stream(streamed, request)
  let reasoning = ''
  const details: object[] = []
  for await (const chunk of running) {
    const delta: Partial<Message> = (chunk.choices[0]?.delta as Partial<Message> | undefined) ?? {}
    reasoning += delta.reasoning_content ?? ''
    details.push(...(delta.reasoning_details ?? []))
    onEvent?.()
  }
  const { choices, usage } = await running.finalChatCompletion()
  const message = firstOf(choices)
  return {
    message: {
      ...message,
      ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
      ...(details.length === 0 ? {} : { reasoning_details: details }),
    },
    usage,
  }
}

function firstOf(choices: readonly { readonly message: OpenAI.ChatCompletionMessage }[]): Message {
  const [choice] = choices
  if (choice === undefined) throw new Error('no choice')
  return choice.message
}

function chatTokens(usage: OpenAI.CompletionUsage | undefined): Tokens {
  const reasoning = usage?.completion_tokens_details?.reasoning_tokens
  return {
    input: usage?.prompt_tokens ?? -1,
    cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    output: usage?.completion_tokens ?? -1,
    ...(reasoning === undefined ? {} : { reasoning }),
  }
}

function openResponses(options: TalkOptions): Talk {
  const client = clientAt(options.origin)
  const input: Item[] = []
  const resultOf = openResults()
  let open: readonly Called[] = []
  return {
    async turn(say) {
      const next: Item[] =
        say.text === undefined
          ? open.map(({ id, name }) => ({ type: 'function_call_output', call_id: id, output: resultOf(name) }))
          : [asked(say, say.text)]
      const params: Ask = {
        model: say.model ?? options.model,
        input: [...input, ...next],
        ...responsesSettings(options),
      }
      const { output, usage } = await respond(client, params, options)
      if (say.aside !== true) input.push(...next, ...(output as Item[]))
      open = output.flatMap(item =>
        item.type === 'function_call' ? [{ id: item.call_id, name: item.name, input: item.arguments }] : [],
      )
      const text = output
        .flatMap(item => (item.type === 'message' ? item.content : []))
        .map(part => (part.type === 'output_text' ? part.text : ''))
        .join('')
      const reasoning = output
        .flatMap(item => (item.type === 'reasoning' ? item.summary.map(part => part.text) : []))
        .join('')
      return { text, reasoning, ...told(open, responsesTokens(usage)) }
    },
  }
}

function asked({ image }: Say, text: string): Item {
  if (image === undefined) return { role: 'user', content: text }
  return {
    role: 'user',
    content: [
      { type: 'input_text', text },
      { type: 'input_image', image_url: `data:image/png;base64,${image}`, detail: 'auto' },
    ],
  }
}

function responsesSettings({ tools, thinks, schema }: TalkOptions): Partial<Ask> {
  return {
    store: false,
    ...(tools === true
      ? {
          tools: TOOLS.map(tool => ({
            type: 'function',
            name: tool.name,
            parameters: { ...tool.schema },
            strict: true,
          })),
        }
      : {}),
    ...(thinks === true
      ? { reasoning: { effort: 'high', summary: 'auto' }, include: ['reasoning.encrypted_content'] }
      : {}),
    ...(schema === undefined
      ? {}
      : { text: { format: { type: 'json_schema', name: 'answer', schema: { ...schema }, strict: true } } }),
  }
}

/** The reply as the last event has it: what the client's accumulator makes of it has fields of its own, `parsed` and `parsed_arguments`, that OpenAI refuses to take back. */
async function respond(
  client: OpenAI,
  params: Ask,
  { form, signal, onEvent }: TalkOptions,
): Promise<OpenAI.Responses.Response> {
  const request = signal === undefined ? {} : { signal }
  if (form === 'whole') return client.responses.create(params, request)
  let last: OpenAI.Responses.Response | undefined
  for await (const event of client.responses.stream({ ...params, stream: true }, request)) {
    onEvent?.()
    if (event.type === 'response.completed' || event.type === 'response.incomplete') last = event.response
  }
  if (last === undefined) throw new Error(UNFINISHED)
  return last
}

function responsesTokens(usage: OpenAI.Responses.ResponseUsage | undefined): Tokens {
  return {
    input: usage?.input_tokens ?? -1,
    cached: usage?.input_tokens_details.cached_tokens ?? 0,
    output: usage?.output_tokens ?? -1,
    reasoning: usage?.output_tokens_details.reasoning_tokens ?? 0,
  }
}

function told(open: readonly Called[], tokens: Tokens): Pick<Turn, 'calls' | 'tokens'> {
  return { calls: open.map(({ name, input }) => ({ name, input: readJson(input) })), tokens }
}
