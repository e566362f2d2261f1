import { bodiesView } from '../admin/bodies.ts'
import type { StatusView } from '../admin/contract.ts'
import { isProblem, type Problem } from '../canon/problem.ts'
import type { KeptBodies } from '../ledger/kept-bodies.ts'
import type { Asked } from './answers.ts'
import { plainProblem } from './plain-problem.ts'
import type { BodyQuestion } from './routes.ts'

/** What the questions about kept bodies are answered from. */
export interface BodyKnowledge {
  /** The bodies of a call, by its id or `last`, or why there are none. */
  keptBodies(id: string): Promise<KeptBodies | Problem>
  status(): Pick<StatusView, 'bodies'>
}

/** The questions about kept bodies. */
export const BODY_ANSWERS: Readonly<Record<BodyQuestion, (know: BodyKnowledge, asked: Asked) => Promise<Response>>> = {
  async bodies(know, { rest }) {
    const found = await know.keptBodies(rest)
    return isProblem(found) ? plainProblem(found, 404) : Response.json(bodiesView(found, know.status().bodies.keepDays))
  },
}
