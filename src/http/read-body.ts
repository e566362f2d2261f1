import type { CoarseTimers, Timed } from '../base/coarse-timers.ts'
import { type Problem, problem } from '../canon/problem.ts'

/** Limits on a request's body. */
export interface BodyLimits {
  readonly bodyBytesMax: number
  /** The whole body must have come within this time, whatever its pace. */
  readonly bodyMs: number
}

/** Reads a request's body within its limits. The size is counted while it comes, so a body without a length is bounded too. */
export function readBody(request: Request, limits: BodyLimits, timers: CoarseTimers): Promise<Uint8Array | Problem> {
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) > limits.bodyBytesMax) return Promise.resolve(tooLarge(limits))
  const type = request.headers.get('content-type')
  if (type !== null && type !== 'application/json' && !JSON_TYPE.test(type)) return Promise.resolve(wrongType(type))
  return new Promise(resolve => {
    const deadline: Timed = { dueMs: 0, due: () => resolve(tooSlow(limits)) }
    timers.set(deadline, limits.bodyMs)
    const settle = (body: Uint8Array | Problem) => {
      timers.cancel(deadline)
      resolve(body)
    }
    const read = length === null ? readCounting(request, limits) : request.bytes()
    read.then(settle, () => settle(brokenOff()))
  })
}

const JSON_TYPE = /^application\/(?:[\w.+-]*\+)?json\b/i

function brokenOff(): Problem {
  return problem('bad_request', 'The request body broke off before its end.', {
    why: 'The connection to the client closed, or it announced more bytes than it sent.',
    fix: ['Send it again.'],
  })
}

async function readCounting(request: Request, limits: BodyLimits): Promise<Uint8Array | Problem> {
  const parts: Uint8Array[] = []
  let bytes = 0
  const reader = request.body?.getReader()
  for (;;) {
    const piece = await reader?.read()
    if (piece === undefined || piece.done) return new Uint8Array(Buffer.concat(parts))
    bytes += piece.value.length
    if (bytes > limits.bodyBytesMax) {
      void reader?.cancel()
      return tooLarge(limits)
    }
    parts.push(piece.value)
  }
}

function tooLarge(limits: BodyLimits): Problem {
  const mib = Math.round((limits.bodyBytesMax / 1024 / 1024) * 10) / 10
  return problem('body_too_large', `The request body is larger than ${mib} MiB.`, {
    fix: ['Send less: smaller images, fewer files, a shorter conversation.', 'Or raise gateway.limits.bodyBytesMax.'],
  })
}

function tooSlow(limits: BodyLimits): Problem {
  return problem('bad_request', `The request body did not arrive within ${Math.round(limits.bodyMs / 1000)} s.`, {
    why: 'A client has gateway.timeouts.requestMs to send its whole request.',
    fix: ['Send it again over a faster connection.'],
  })
}

function wrongType(type: string): Problem {
  return problem('bad_request', `The content type "${type.slice(0, 60).replace(/[^\x20-\x7e]/g, '?')}" is not JSON.`, {
    why: 'Every call takes a body of JSON, and only what is called so is read as JSON.',
    fix: ['Send the header "content-type: application/json".'],
  })
}
