import { redactText } from '../base/redact.ts'
import { type Problem, problem } from '../canon/problem.ts'

/** A bug of ours. Its text may hold anything, so only its kind is told; where it happened goes to the log, without keys. */
export function internal(error: unknown): Problem {
  console.error(
    redactText(error instanceof Error ? (error.stack ?? error.message) : 'something that is no error was thrown'),
  )
  return problem('internal', 'Candor has a bug, and this call met it.', {
    fix: ['Please report it with the request id and the gateway log.'],
  })
}
