import { expect, test } from 'bun:test'
import { makePolicies } from '../../src/policy/index.ts'
import { ADMITTED } from '../../src/policy/policy.ts'
import { memoryCounters } from '../../src/shared/memory-counters.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { cheapFacts, gatewayKey } from './facts.ts'

const clock = manualClock()
const policies = makePolicies({ keysRequired: () => true, counters: memoryCounters(clock), clock })

test('who may call comes before what, how often and for how much', () => {
  expect(policies.map(({ name }) => name)).toEqual(['api-key', 'model-allowlist', 'rate-limit', 'budget'])
})

test('a key without limits passes all of them and leaves nothing to settle', async () => {
  const call = cheapFacts({ key: gatewayKey() })
  for (const policy of policies) expect(await policy.admit(call)).toBe(ADMITTED)
})
