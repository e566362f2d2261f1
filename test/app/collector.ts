import type { JsonObject } from '../../src/base/json-value.ts'

/** One request as a collector got it. */
export interface Received {
  readonly path: string
  readonly headers: Headers
  readonly body: JsonObject
}

/** A receiver of OTLP/HTTP on a socket of its own. */
export interface TestCollector {
  readonly url: string
  readonly received: readonly Received[]
  /** How the next requests are answered, from now on. */
  answerWith(answer: (request: Received) => Response | Promise<Response>): void
  /** Resolves once that many requests have come. */
  count(requests: number): Promise<void>
  stop(): void
}

/** A request without a JSON object is a failure of the test itself: the collector answers 500 and keeps nothing. */
export function startCollector(): TestCollector {
  const received: Received[] = []
  const waiting: { readonly requests: number; readonly resolve: () => void }[] = []
  let answer: (request: Received) => Response | Promise<Response> = () => Response.json({})
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const body: JsonObject = JSON.parse(await request.text())
      const one = { path: new URL(request.url).pathname, headers: request.headers, body }
      received.push(one)
      for (const each of waiting) if (received.length >= each.requests) each.resolve()
      return await answer(one)
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    received,
    answerWith(next) {
      answer = next
    },
    async count(requests) {
      if (received.length >= requests) return
      await new Promise<void>(resolve => waiting.push({ requests, resolve }))
    },
    stop: () => void server.stop(true),
  }
}
