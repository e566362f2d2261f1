import type { Clock } from '../base/clock.ts'
import { type Problem, problem } from '../canon/problem.ts'

/** Limits on a request's body. */
export interface BodyLimits {
  readonly bodyBytesMax: number
  /** The whole body must have come within this time, whatever its pace. */
  readonly bodyMs: number
}

/** Reads a request's body within its limits. The size is counted while it comes, so a body without a length is bounded too. */
export async function readBody(request: Request, limits: BodyLimits, clock: Clock): Promise<Uint8Array | Problem> {
  const announced = Number(request.headers.get('content-length') ?? Number.NaN)
  if (announced > limits.bodyBytesMax) return tooLarge(limits)
  const type = request.headers.get('content-type')
  if (type !== null && !/^application\/(?:[\w.+-]*\+)?json\b/i.test(type)) return wrongType(type)
  let cancel = () => {}
  const deadline = new Promise<Problem>(resolve => {
    cancel = clock.after(limits.bodyMs, () => resolve(tooSlow(limits)))
  })
  try {
    const read = Number.isNaN(announced) ? readCounting(request, limits) : request.bytes()
    return await Promise.race([read, deadline])
  } catch {
    return problem('bad_request', 'The request body broke off before its end.', { fix: ['Send it again.'] })
  } finally {
    cancel()
  }
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
    fix: ['Send it again over a faster connection.'],
  })
}

function wrongType(type: string): Problem {
  return problem('bad_request', `The content type "${type.slice(0, 60).replace(/[^\x20-\x7e]/g, '?')}" is not JSON.`, {
    fix: ['Send the header "content-type: application/json".'],
  })
}
