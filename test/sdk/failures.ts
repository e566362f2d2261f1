import { expect } from 'bun:test'
import type { ProblemCode } from '../../src/canon/problem.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { type Failed, failureOf, UNFINISHED } from './client.ts'
import { type Feature, type Lane, openTalk, watchReceipt } from './lanes.ts'

interface Failure {
  /** What the provider answers; where it has words of its own for it, by protocol. */
  readonly fault: string
  readonly own?: Partial<Record<ProtocolId, string>>
  /** What reaches the client. */
  readonly status: number
  /** Where a client's protocol has a status of its own for it. */
  readonly statusFor?: Partial<Record<ProtocolId, number>>
  readonly code: ProblemCode
  /** Where the provider's own words for the status say more than the status. */
  readonly ownCode?: Partial<Record<ProtocolId, ProblemCode>>
  readonly retryAfterSeconds?: number
}

const FAILURES: readonly Failure[] = [
  { fault: 'status=400', status: 400, code: 'upstream_bad_request' },
  { fault: 'status=401', status: 401, code: 'invalid_key' },
  {
    fault: 'status=403',
    status: 403,
    code: 'upstream_refused',
    ownCode: { 'anthropic-messages': 'account_blocked', 'google-generative-ai': 'account_blocked' },
  },
  { fault: 'status=404', status: 404, code: 'upstream_model_not_found' },
  { fault: 'status=429;retry-after=7', status: 429, code: 'rate_limited', retryAfterSeconds: 7 },
  { fault: 'status=500', status: 502, code: 'upstream_error' },
  {
    fault: 'status=503',
    own: { 'anthropic-messages': 'status=529' },
    status: 503,
    statusFor: { 'anthropic-messages': 529 },
    code: 'overloaded',
  },
]

/** Ways in which a stream that has begun does not reach its end. */
const BROKEN = ['error=3', 'end-early=3', 'cut=300']

/** Failures of the provider, as the client's own exceptions. */
export const FAILURE_FEATURES: readonly Feature[] = [
  ...FAILURES.map(failure => ({ name: `typed error, ${failure.fault}`, run: (lane: Lane) => refused(lane, failure) })),
  ...BROKEN.map(fault => ({
    name: `a broken stream throws, ${fault}`,
    forms: ['stream' as const],
    run: (lane: Lane) => broken(lane, fault),
  })),
]

async function refused(lane: Lane, failure: Failure): Promise<void> {
  const { client, target } = lane
  const talk = openTalk(lane)
  const status = failure.statusFor?.[client.protocol] ?? failure.status
  target.sim.setFault(failure.own?.[target.protocol] ?? failure.fault)
  const expected: Failed = {
    type: client.errorFor(status),
    status,
    code: failure.ownCode?.[target.protocol] ?? failure.code,
    paths: undefined,
    retryAfterSeconds: failure.retryAfterSeconds,
  }
  expect(await failureOf(client, talk.turn({ text: 'hello' }))).toEqual(expected)
  expect(target.sim.requests()).toHaveLength(1)
}

/** Half an answer is never taken for a whole one. */
async function broken(lane: Lane, fault: string): Promise<void> {
  const talk = openTalk(lane)
  const receipt = await watchReceipt(lane.scene)
  lane.target.sim.setFault(fault)
  const ended = await talk.turn({ text: '[[long 40]]' }).then(
    turn => turn.text,
    (error: unknown) => error,
  )
  expect(ended).toBeInstanceOf(Error)
  expect(String(ended)).not.toContain(UNFINISHED)
  expect((await receipt()).ending).toBeOneOf(['truncated', 'failed'])
}
