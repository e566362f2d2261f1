import { describe, expect, test } from 'bun:test'
import { apiKeyPolicy } from '../../src/policy/api-key.ts'
import { ADMITTED } from '../../src/policy/policy.ts'
import { facts, gatewayKey, NOW, refusedWith } from './facts.ts'

const guarded = apiKeyPolicy({ keysRequired: () => true })
const open = apiKeyPolicy({ keysRequired: () => false })

const revoked = gatewayKey({ revokedAt: NOW - 60_000 })
const expired = gatewayKey({ expiresAt: NOW })

describe('where keys are required', () => {
  test.each([
    { name: 'no key', call: facts(), what: 'No gateway key was sent.' },
    { name: 'an unknown key', call: facts({ keyShown: true }), what: 'does not know the key' },
    { name: 'a revoked key', call: facts({ key: revoked }), what: '"ci" was revoked on 2026-11-23 03:59 UTC' },
    { name: 'an expired key', call: facts({ key: expired }), what: '"ci" expired on 2026-11-23 04:00 UTC' },
  ])('$name is refused with the reason and what to do', async ({ call, what }) => {
    const found = refusedWith(await guarded.admit(call))
    expect(found).toMatchObject({ code: 'unauthorized', status: 401, what: expect.stringContaining(what) })
    expect(found.why?.length).toBeGreaterThan(10)
    expect(found.fix.length).toBeGreaterThan(0)
  })

  test('a key in force is admitted', async () => {
    expect(await guarded.admit(facts({ key: gatewayKey({ expiresAt: NOW + 1 }) }))).toBe(ADMITTED)
  })
})

describe('where no keys are required', () => {
  test.each([
    { name: 'no key', call: facts() },
    { name: 'any key', call: facts({ keyShown: true }) },
    { name: 'a known key', call: facts({ key: gatewayKey() }) },
  ])('$name is admitted', async ({ call }) => {
    expect(await open.admit(call)).toBe(ADMITTED)
  })

  test.each([
    { name: 'revoked', key: revoked },
    { name: 'expired', key: expired },
  ])('a key known to be $name is refused all the same', async ({ key }) => {
    expect(refusedWith(await open.admit(facts({ key })))).toMatchObject({ code: 'unauthorized' })
  })
})

test('the first key that is made closes the door for the next call', async () => {
  let keys = 0
  const policy = apiKeyPolicy({ keysRequired: () => keys > 0 })
  expect((await policy.admit(facts())).admit).toBe(true)
  keys = 1
  expect((await policy.admit(facts())).admit).toBe(false)
})
