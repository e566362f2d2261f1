// The provider of the benchmark: fixed answers, as cheap as they can be made. Prints its port; ends with its parent's standard input.
const JSON_HEADERS = { 'content-type': 'application/json' }
const STREAM_HEADERS = { 'content-type': 'text/event-stream' }
const EVENTS = 100

const whole = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'bench',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'A reply of ordinary length, as small as most are.' },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 },
})

const encoder = new TextEncoder()

function completionsChunks(): Uint8Array[] {
  const event = (delta: object, reason: string | null) =>
    encoder.encode(
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'bench', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`,
    )
  const words = Array.from({ length: EVENTS - 2 }, (_, i) => event({ content: `word${i} ` }, null))
  return [
    event({ role: 'assistant', content: '' }, null),
    ...words,
    event({}, 'stop'),
    encoder.encode('data: [DONE]\n\n'),
  ]
}

function messagesChunks(): Uint8Array[] {
  const event = (data: { type: string }) => encoder.encode(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`)
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
  const words = Array.from({ length: EVENTS - 5 }, (_, i) =>
    event({ type: 'content_block_delta', ...{ index: 0, delta: { type: 'text_delta', text: `word${i} ` } } }),
  )
  return [
    event({ type: 'message_start', ...{ message } }),
    event({ type: 'content_block_start', ...{ index: 0, content_block: { type: 'text', text: '' } } }),
    ...words,
    event({ type: 'content_block_stop', ...{ index: 0 } }),
    event({
      type: 'message_delta',
      ...{ delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 100 } },
    }),
    event({ type: 'message_stop' }),
  ]
}

const completions = completionsChunks()
const messages = messagesChunks()

/** One event a turn of the loop, so that each travels by itself as a model's words do. */
function stream(chunks: readonly Uint8Array[], pauseMs: number): Response {
  let next = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (pauseMs > 0 && next > 0) await Bun.sleep(pauseMs)
      else await new Promise<void>(resolve => setImmediate(resolve))
      const chunk = chunks[next]
      next += 1
      if (chunk !== undefined) controller.enqueue(chunk)
      if (next >= chunks.length) controller.close()
    },
  })
  return new Response(body, { headers: STREAM_HEADERS })
}

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  idleTimeout: 0,
  async fetch(request) {
    const body = await request.text()
    if (!body.includes('"stream":true')) return new Response(whole, { headers: JSON_HEADERS })
    const pause = /"pause_ms":(\d+)/.exec(body)?.[1]
    return stream(request.url.endsWith('/messages') ? messages : completions, Number(pause ?? 0))
  },
})
console.log(server.port)
process.stdin.on('end', () => process.exit(0)).resume()
