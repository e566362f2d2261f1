// The provider of the benchmark, and its collector: fixed answers, as cheap as they can be made. Prints its port; ends with its parent's standard input.
import { type Chunks, completionsStream, geminiStream, messagesStream, responsesStream } from './provider-streams.ts'

const JSON_HEADERS = { 'content-type': 'application/json' }
const STREAM_HEADERS = { 'content-type': 'text/event-stream' }

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

/** What stands in the path of each protocol's call, and its stream. */
const STREAMS: readonly { readonly path: string; readonly chunks: Chunks }[] = [
  { path: '/chat/completions', chunks: completionsStream() },
  { path: '/responses', chunks: responsesStream() },
  { path: '/messages', chunks: messagesStream() },
  { path: ':streamGenerateContent', chunks: geminiStream() },
]

/** A collector of traces and metrics takes whatever comes. */
const COLLECTED = /\/v1\/(?:traces|metrics)$/

function answer(url: string, body: string): Response {
  if (COLLECTED.test(url)) return new Response('{}', { headers: JSON_HEADERS })
  const found = STREAMS.find(({ path }) => url.includes(path))
  if (found === undefined) return new Response(null, { status: 404 })
  // Gemini says in the path that a stream is wanted.
  const streamed = found.path.startsWith(':') || body.includes('"stream":true')
  if (!streamed) return new Response(whole, { headers: JSON_HEADERS })
  return stream(found.chunks, Number(/"pause_ms":(\d+)/.exec(body)?.[1] ?? 0))
}

/** One event a turn of the loop, so that each travels by itself as a model's words do. */
function stream(chunks: Chunks, pauseMs: number): Response {
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
    return answer(request.url, await request.text())
  },
})
console.log(server.port)
process.stdin.on('end', () => process.exit(0)).resume()
