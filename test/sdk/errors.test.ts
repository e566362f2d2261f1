import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { ProblemCode } from '../../src/canon/problem.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { FORMS, failureOf } from './client.ts'
import { CLIENTS, openScene, PROTOCOLS, type Scene, targetOf } from './lanes.ts'

interface Failure {
  /** What the provider answers; where it has words of its own for it, by protocol. */
  readonly fault: string
  readonly own?: Partial<Record<ProtocolId, string>>
  /** What reaches the client. */
  readonly status: number
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
  { fault: 'status=503', own: { 'anthropic-messages': 'status=529' }, status: 503, code: 'overloaded' },
]

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterEach(() => {
  for (const { sim } of scene.targets) sim.setFault(undefined)
})
afterAll(() => scene.stop())

describe.each([...CLIENTS])('$name throws its own error', client => {
  describe.each([...PROTOCOLS])('from %s', protocol => {
    for (const form of FORMS) {
      test.each([...FAILURES])(`$fault, ${form}`, async failure => {
        const target = targetOf(scene, protocol)
        target.sim.setFault(failure.own?.[protocol] ?? failure.fault)
        target.sim.clear()
        const talk = client.open({ origin: scene.gateway.url, model: target.ref, form })
        const failed = await failureOf(client, talk.turn({ text: 'hello' }))
        expect(failed).toEqual({
          type: client.errorFor(failure.status),
          status: failure.status,
          code: failure.ownCode?.[protocol] ?? failure.code,
          retryAfterSeconds: failure.retryAfterSeconds,
        })
        expect(target.sim.requests()).toHaveLength(1)
      })
    }
  })
})
