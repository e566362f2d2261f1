import { Secret } from '../base/secret.ts'
import { type Problem, problem } from '../canon/problem.ts'

/**
 * The gateway key a client shows: `Authorization: Bearer`, `x-api-key`, `x-goog-api-key` or `?key=`. The same rules whatever carries it. Two
 * carriers with different keys are refused.
 */
export function clientKey(headers: Headers, query: string): Secret | undefined | Problem {
  const shown = new Set<string>()
  const bearer = /^bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  for (const text of [bearer, headers.get('x-api-key'), headers.get('x-goog-api-key'), queryKey(query)]) {
    const key = text?.trim()
    if (key !== undefined && key !== '') shown.add(key)
  }
  if (shown.size > 1) {
    return problem('bad_request', 'The request carries two different keys.', {
      why: 'It would not be clear whose call it is.',
      fix: ['Send one: in Authorization, x-api-key, x-goog-api-key or ?key=.'],
    })
  }
  const [only] = shown
  return only === undefined ? undefined : new Secret(only)
}

function queryKey(query: string): string | undefined {
  if (!query.includes('key=')) return undefined
  return new URLSearchParams(query).get('key') ?? undefined
}
