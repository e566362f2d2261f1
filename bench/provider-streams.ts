// What the provider of the benchmark says: a text of words, in each protocol, about a hundred events a stream.
const EVENTS = 100

const encoder = new TextEncoder()
const word = (i: number) => `word${i} `
const words = (count: number) => Array.from({ length: count }, (_, i) => word(i))

/** A stream, event by event, as bytes. */
export type Chunks = readonly Uint8Array[]

const data = (value: object) => encoder.encode(`data: ${JSON.stringify(value)}\n\n`)
const named = (type: string, rest: object) =>
  encoder.encode(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`)

/** OpenAI Chat Completions. */
export function completionsStream(): Chunks {
  const event = (delta: object, reason: string | null) =>
    data({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'bench',
      choices: [{ index: 0, delta, finish_reason: reason }],
    })
  return [
    event({ role: 'assistant', content: '' }, null),
    ...words(EVENTS - 2).map(content => event({ content }, null)),
    event({}, 'stop'),
    encoder.encode('data: [DONE]\n\n'),
  ]
}

/** OpenAI Responses. */
export function responsesStream(): Chunks {
  const FRAME_EVENTS = 8
  const texts = words(EVENTS - FRAME_EVENTS)
  let count = 0
  const event = (type: string, rest: object) => named(type, { sequence_number: count++, ...rest })
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 }
  const part = (text: string) => ({ type: 'output_text', annotations: [], logprobs: [], text })
  const item = (status: string, content: readonly object[]) => ({
    id: 'msg_1',
    type: 'message',
    status,
    content,
    role: 'assistant',
  })
  const whole = item('completed', [part(texts.join(''))])
  const open = responseObject('in_progress', [], null)
  const usage = {
    input_tokens: 20,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: texts.length,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 20 + texts.length,
  }
  return [
    event('response.created', { response: open }),
    event('response.in_progress', { response: open }),
    event('response.output_item.added', { output_index: 0, item: item('in_progress', []) }),
    event('response.content_part.added', { ...at, part: part('') }),
    ...texts.map(delta => event('response.output_text.delta', { ...at, delta, logprobs: [] })),
    event('response.output_text.done', { ...at, text: texts.join(''), logprobs: [] }),
    event('response.content_part.done', { ...at, part: part(texts.join('')) }),
    event('response.output_item.done', { output_index: 0, item: whole }),
    event('response.completed', { response: responseObject('completed', [whole], usage) }),
  ]
}

function responseObject(status: string, output: readonly object[], usage: object | null): object {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status,
    error: null,
    incomplete_details: null,
    model: 'bench',
    output,
    usage,
  }
}

/** Anthropic Messages. */
export function messagesStream(): Chunks {
  const FRAME_EVENTS = 5
  const event = (type: string, rest: object = {}) => named(type, rest)
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'bench',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 20, output_tokens: 1 },
  }
  return [
    event('message_start', { message }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...words(EVENTS - FRAME_EVENTS).map(text =>
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    ),
    event('content_block_stop', { index: 0 }),
    event('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: EVENTS },
    }),
    event('message_stop'),
  ]
}

/** Gemini, as server-sent events. */
export function geminiStream(): Chunks {
  return words(EVENTS).map((text, i) =>
    data({
      candidates: [
        {
          content: { parts: [{ text }], role: 'model' },
          ...(i === EVENTS - 1 ? { finishReason: 'STOP' } : {}),
          index: 0,
        },
      ],
      usageMetadata: { promptTokenCount: 20, candidatesTokenCount: i + 1, totalTokenCount: 21 + i },
      modelVersion: 'bench',
      responseId: 'resp1',
    }),
  )
}
