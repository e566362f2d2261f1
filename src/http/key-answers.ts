import {
  changeKey,
  createKey,
  findKeyView,
  type KeyObstacle,
  type KeyRefusal,
  keyViews,
  revokeKey,
  rotateKey,
} from '../admin/keys.ts'
import { isProblem, problem } from '../canon/problem.ts'
import type { Answerer } from './answers.ts'
import { plainProblem } from './plain-problem.ts'
import type { KeyQuestion } from './routes.ts'

/** The questions about the gateway's own keys. */
export const KEY_ANSWERS: Readonly<Record<KeyQuestion, Answerer>> = {
  keys: async know => reply({ object: 'list', data: await keyViews(know) }),
  key: async (know, { rest }) => reply(await findKeyView(know, rest)),
  createKey: async (know, { body }) => reply(await createKey(know, body), 201),
  changeKey: async (know, { rest, body }) => reply(await changeKey(know, rest, body)),
  rotateKey: async (know, { rest }) => reply(await rotateKey(know, rest)),
  revokeKey: async (know, { rest }) => reply(await revokeKey(know, rest)),
}

function reply(answer: object | KeyRefusal, status = 200): Response {
  if (isProblem(answer)) return plainProblem(answer)
  if ('fault' in answer) return obstacle(answer)
  return Response.json(answer, { status })
}

/** HTTP status and advice for each obstacle. */
const OBSTACLES: Readonly<Record<KeyObstacle['fault'], { readonly status: number; readonly fix: readonly string[] }>> =
  {
    'unknown-key': { status: 404, fix: ['See all keys: candor keys list, or GET /candor/keys.'] },
    'name-taken': { status: 409, fix: ['Choose another name, or revoke the key that has it.'] },
    'too-many': { status: 409, fix: ['Change and rotate keys rather than making new ones.'] },
    revoked: { status: 409, fix: ['A revoked key stays revoked: make a new one.'] },
    configured: { status: 409, fix: ['Change gateway.keys in the configuration.'] },
    'not-written': {
      status: 503,
      fix: ['Make the ledger writable (GET /candor/status says what is wrong), then try again.'],
    },
  }

function obstacle({ fault, what }: KeyObstacle): Response {
  const { status, fix } = OBSTACLES[fault]
  return plainProblem(problem(fault === 'not-written' ? 'internal' : 'bad_request', what, { fix }), status)
}
