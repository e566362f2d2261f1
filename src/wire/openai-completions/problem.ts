import type { JsonObject } from '../../base/json-value.ts'
import type { Problem } from '../../canon/problem.ts'
import { OPENAI_ERROR_WORDS, readOpenaiError, writeOpenaiError } from '../openai-errors.ts'

/** Reads an error body in any envelope seen on this protocol, or the error told inside a stream or a whole reply (status 200). */
export function decodeProblem(status: number, body: unknown): Problem {
  return readOpenaiError(status, body, OPENAI_ERROR_WORDS)
}

/** Writes OpenAI's envelope with Candor's note inside. */
export function encodeProblem(found: Problem, requestId: string): JsonObject {
  return writeOpenaiError(found, requestId)
}
