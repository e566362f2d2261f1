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

interface ObstacleWords {
  readonly status: number
  readonly why: string
  readonly fix: readonly string[]
}

/** HTTP status, reason and advice for each obstacle. */
const OBSTACLES: Readonly<Record<KeyObstacle['fault'], ObstacleWords>> = {
  'unknown-key': {
    status: 404,
    why: 'It is neither the id nor the name of a key of this gateway.',
    fix: ['See all keys: candor keys list, or GET /candor/keys.'],
  },
  'name-taken': {
    status: 409,
    why: 'A name belongs to one key at a time, so that receipts and usage can be read by it.',
    fix: ['Choose another name, or revoke the key that has it.'],
  },
  'too-many': {
    status: 409,
    why: 'All keys are held in memory, so their number has a limit.',
    fix: ['Change and rotate keys rather than making new ones.'],
  },
  revoked: {
    status: 409,
    why: 'A revoked key stays revoked, so that nobody who still holds it is ever admitted again.',
    fix: ['Make a new one: candor keys create <name>'],
  },
  configured: {
    status: 409,
    why: 'It stands in the configuration, which Candor does not change by itself.',
    fix: ['Change gateway.keys in the configuration.'],
  },
  'not-written': {
    status: 503,
    why: 'A change of a key counts only once it is on the disk, and the ledger could not be written.',
    fix: ['Make the ledger writable (GET /candor/status says what is wrong), then try again.'],
  },
}

function obstacle({ fault, what }: KeyObstacle): Response {
  const { status, ...words } = OBSTACLES[fault]
  return plainProblem(problem(fault === 'not-written' ? 'internal' : 'bad_request', what, words), status)
}
