import { type Problem, statusOf } from '../canon/problem.ts'
import { candorNote, problemLine } from '../wire/candor-note.ts'

/** A problem outside any protocol: for paths that are nobody's, questions, and requests that may not come in. */
export function plainProblem(found: Problem, status = statusOf(found)): Response {
  return Response.json(
    { error: { message: problemLine(found), type: found.code, candor: candorNote(found, '') } },
    { status },
  )
}
