import { type Problem, statusOf } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import { candorNote, problemLine } from '../wire/candor-note.ts'
import { WIRE_PROTOCOLS } from '../wire/index.ts'

/** A problem outside any protocol: for paths that are nobody's, questions, and requests that may not come in. */
export function plainProblem(found: Problem, status = statusOf(found)): Response {
  return Response.json(
    { error: { message: problemLine(found), type: found.code, candor: candorNote(found, '') } },
    { status },
  )
}

/** The same in the words of the clients a path belongs to, if it is anybody's. */
export function problemAt(family: ProtocolId | undefined, found: Problem, status = statusOf(found)): Response {
  return family === undefined ? plainProblem(found, status) : problemIn(family, found, status)
}

/** A problem in the words of one client family, for questions that family asks in its own way. */
export function problemIn(family: ProtocolId, found: Problem, status = statusOf(found)): Response {
  const protocol = WIRE_PROTOCOLS.find(({ id }) => id === family)
  return protocol === undefined
    ? plainProblem(found, status)
    : Response.json(protocol.encodeProblem(found, ''), { status })
}
