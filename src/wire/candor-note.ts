import type { JsonObject, JsonValue } from '../base/json-value.ts'
import { PROBLEMS, type Problem } from '../canon/problem.ts'

/** Served by the gateway itself, so that the link works wherever it runs. */
const DOCS = '/candor/problems'

/** The object added inside every error body: what, why, fix, and what the provider said. The same in all protocols. */
export function candorNote(found: Problem, requestId: string): JsonObject {
  const note: Record<string, JsonValue> = {
    code: found.code,
    what: found.what,
    why: found.why ?? PROBLEMS[found.code].meaning,
    fix: found.fix,
    request_id: requestId,
    docs: `${DOCS}#${found.code}`,
  }
  if (found.provider !== undefined) note.provider = found.provider
  if (found.model !== undefined) note.model = found.model
  if (found.upstream !== undefined) note.upstream = { ...found.upstream }
  if (found.paths !== undefined) note.paths = found.paths
  if (found.candidates !== undefined) note.candidates = found.candidates
  if (found.timer !== undefined) note.timer = found.timer
  if (found.retryAfterMs !== undefined) note.retry_after_ms = found.retryAfterMs
  if (found.resetsAtMs !== undefined) note.resets_at = new Date(found.resetsAtMs).toISOString()
  return note
}

/** The one line most clients show: what happened, what the provider said, and the first thing to do. */
export function problemLine(found: Problem): string {
  const said = found.upstream?.message
  const quoted = said === undefined || found.what.includes(said) ? '' : ` The provider said: "${said}".`
  const first = found.fix[0]
  return `${found.what}${quoted}${first === undefined ? '' : ` Fix: ${first}`}`
}
