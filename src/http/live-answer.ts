import type { LiveBatch, LiveReader } from '../admin/live.ts'
import type { Overview } from '../admin/overview.ts'
import { formatSse } from '../base/sse.ts'
import { problem } from '../canon/problem.ts'
import { plainProblem } from './plain-problem.ts'
import type { LiveQuestion } from './routes.ts'

/** What the view of the moment is answered from. */
export interface LiveKnowledge {
  overview(): Promise<Overview>
  /** Calls as they happen, after a cursor or from now on. Undefined: too many watch already. */
  live(after: string | undefined): LiveReader | undefined
}

interface LiveAsked {
  readonly query: URLSearchParams
  readonly headers: Headers
  mayStill(): boolean
}

/** The questions of the view of the moment. */
export const LIVE_ANSWERS: Readonly<
  Record<LiveQuestion, (know: LiveKnowledge, asked: LiveAsked) => Promise<Response> | Response>
> = {
  overview: async know => Response.json(await know.overview()),
  liveEvents(know, { query, headers, mayStill }) {
    // A browser that reconnects by itself says where it was.
    const reader = know.live(headers.get('last-event-id') ?? query.get('after') ?? undefined)
    return reader === undefined ? tooManyWatch() : new Response(streamOf(reader, mayStill), { headers: STREAM_HEADERS })
  },
}

/** Proxies are told to pass on what comes, as it comes. */
const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

const encoder = new TextEncoder()
const SIGN_OF_LIFE = encoder.encode(':\n\n')

/** Pulled by the client: a slow one misses events and is told so, and holds nothing here. Ends when `mayStill` says no. */
function streamOf(reader: LiveReader, mayStill: () => boolean): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const batch = await reader.take()
        if (batch === undefined || !mayStill()) {
          reader.close()
          controller.close()
        } else controller.enqueue(batch.events.length === 0 ? SIGN_OF_LIFE : encoder.encode(textOf(batch)))
      },
      cancel: () => reader.close(),
    },
    { highWaterMark: 0 },
  )
}

/** The cursor stands with the last event: whoever got a part of a batch only asks for all of it again. */
function textOf({ events, cursor }: LiveBatch): string {
  return events
    .map((event, i) => {
      const text = formatSse({ event: event.type, data: JSON.stringify(event) })
      return i === events.length - 1 ? `id: ${cursor}\n${text}` : text
    })
    .join('')
}

function tooManyWatch(): Response {
  return plainProblem(
    problem('draining', 'Too many watch the calls already, or the gateway is shutting down.', {
      why: 'Everybody who watches holds a connection open, so their number has a limit; calls are not concerned.',
      fix: ['Close other windows of the dashboard.'],
    }),
  )
}
