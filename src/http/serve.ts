import type { Clock } from '../base/clock.ts'
import { internal } from '../pipeline/internal.ts'
import { IDLE_SECONDS, type InFlight, openInFlight } from './in-flight.ts'
import { plainProblem } from './plain-problem.ts'

/** A listening gateway. */
export interface Listening {
  readonly host: string
  readonly port: number
  readonly url: string
  readonly inFlight: InFlight
  /** Takes no new connections. Resolves when every answer that had begun is with its client. */
  stopAccepting(): Promise<void>
  /** Closes everything, also what still runs. */
  close(): Promise<void>
}

/** Why the gateway does not listen. */
export interface NotListening {
  readonly what: string
  readonly fix: string
}

/** Bodies are bounded in read-body.ts, with a readable answer; the runtime's own bound only has to lie above any limit a user may set. */
const RUNTIME_BODY_BYTES_MAX = 4 * 1024 * 1024 * 1024

/**
 * Listens on one address. `makeHandler` is given what depends on the bound port. A port that is taken is an error, never a reason for
 * another one: clients would send their keys to whoever has it.
 */
export function listen(
  at: { readonly host: string; readonly port: number },
  clock: Clock,
  makeHandler: (bound: { host: string; port: number; inFlight: InFlight }) => (request: Request) => Promise<Response>,
): Listening | NotListening {
  let handler: ((request: Request) => Promise<Response>) | undefined
  try {
    const server = Bun.serve({
      hostname: at.host,
      port: at.port,
      // Without this Bun lets another process of the same user listen on the same port, and each would get some of the calls.
      reusePort: false,
      idleTimeout: IDLE_SECONDS,
      maxRequestBodySize: RUNTIME_BODY_BYTES_MAX,
      development: false,
      fetch: request => handler?.(request) ?? new Response(null, { status: 503 }),
      error(error) {
        return plainProblem(internal(error))
      },
    })
    const port = server.port ?? at.port
    const inFlight = openInFlight(clock, request => server.timeout(request, 0))
    handler = makeHandler({ host: at.host, port, inFlight })
    const shown = at.host.includes(':') ? `[${at.host}]` : at.host
    return {
      host: at.host,
      port,
      url: `http://${shown}:${port}`,
      inFlight,
      stopAccepting: () => server.stop(false),
      async close() {
        inFlight.stop()
        await server.stop(true)
      },
    }
  } catch (error) {
    return whyNot(error, at)
  }
}

function whyNot(error: unknown, at: { host: string; port: number }): NotListening {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : ''
  const where = `${at.host}:${at.port}`
  if (code === 'EADDRINUSE') {
    return {
      what: `${where} is taken by another program.`,
      fix: `Stop that program, or choose another port: candor serve --port ${at.port + 1}`,
    }
  }
  if (code === 'EACCES') return { what: `This user may not listen on ${where}.`, fix: 'Choose a port above 1023.' }
  return {
    what: `Cannot listen on ${where}${code === '' ? '' : ` (${String(code)})`}.`,
    fix: 'Check gateway.host and gateway.port.',
  }
}
