import { type DoctorView, type ProbeQuestion, type ProbeView, readProbeQuestion } from '../admin/doctor.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { Asked } from './answers.ts'
import { plainProblem } from './plain-problem.ts'
import type { DoctorQuestion } from './routes.ts'

/** What the questions to the doctor are answered from. */
export interface DoctorKnowledge {
  readonly doctor: {
    look(): Promise<DoctorView>
    /** `busy`: providers are being asked already. */
    ask(question: ProbeQuestion): Promise<ProbeView | Problem | 'busy'>
  }
}

/** The questions to the doctor. */
export const DOCTOR_ANSWERS: Readonly<
  Record<DoctorQuestion, (know: DoctorKnowledge, asked: Asked) => Promise<Response>>
> = {
  doctor: async ({ doctor }) => Response.json(await doctor.look()),
  async probe({ doctor }, { body }) {
    const question = readProbeQuestion(body)
    const found = isProblem(question) ? question : await doctor.ask(question)
    if (found === 'busy') return plainProblem(busy(), 409)
    return isProblem(found) ? plainProblem(found) : Response.json(found)
  },
}

function busy(): Problem {
  return problem('bad_request', 'Providers are being asked already, and one after the other.', {
    why: 'Two at once could meet a limit that no single call would, and would cost twice.',
    fix: ['See what came of it so far: GET /candor/doctor.', 'Ask again when it is done.'],
  })
}
