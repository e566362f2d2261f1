import { describe, expect, test } from 'bun:test'
import { problem } from '../../src/canon/problem.ts'
import { asSeenBy, mayCall, modelAllowlistPolicy } from '../../src/policy/model-allowlist.ts'
import { ADMITTED, type CallFacts } from '../../src/policy/policy.ts'
import { cheapFacts, gatewayKey, METERED, PLAN, refusedWith } from './facts.ts'

const policy = modelAllowlistPolicy()

const byName: Partial<CallFacts> = { requestedModel: METERED.ref }
const byAlias: Partial<CallFacts> = { requestedModel: 'claude-opus' }
const byBareName: Partial<CallFacts> = { requestedModel: 'kimi-k2.7-code' }
const byDefault: Partial<CallFacts> = { requestedModel: '' }
const route: Partial<CallFacts> = { requestedModel: 'coder', route: 'coder', targets: [PLAN, METERED] }
const routeByAlias: Partial<CallFacts> = { ...route, requestedModel: 'claude-opus' }
const nothing: Partial<CallFacts> = { requestedModel: 'kimmi', targets: [] }
const down: Partial<CallFacts> = { requestedModel: 'openai/m', targets: [], unusable: 'openai/m' }
const routeDown: Partial<CallFacts> = { requestedModel: 'coder', route: 'coder', targets: [], unusable: 'openai/m' }

describe('which calls a key may make', () => {
  test.each([
    { models: [], call: byName, admit: true },
    { models: ['moonshot/kimi-k2.7-code'], call: byName, admit: true },
    { models: ['moonshot/*'], call: byName, admit: true },
    { models: ['*'], call: byName, admit: true },
    { models: ['moonshot/kimi'], call: byName, admit: false },
    { models: ['kimi-coding/*'], call: byName, admit: false },
    { models: ['openai/*', 'moonshot/*'], call: byBareName, admit: true },
    { models: ['kimi-k2*'], call: byBareName, admit: true },
    { models: ['claude-*'], call: byAlias, admit: true },
    { models: ['moonshot/*'], call: byAlias, admit: true },
    { models: ['moonshot/*'], call: byDefault, admit: true },
    { models: ['coder'], call: byDefault, admit: false },
    { models: ['coder'], call: route, admit: true },
    { models: ['cod*'], call: route, admit: true },
    { models: ['coder'], call: routeByAlias, admit: true },
    { models: ['claude-*'], call: routeByAlias, admit: true },
    { models: ['coder'], call: byName, admit: false },
    { models: ['moonshot/*', 'kimi-coding/*'], call: route, admit: false },
    { models: ['coder'], call: nothing, admit: true },
    { models: ['coder'], call: down, admit: false },
    { models: ['openai/*'], call: down, admit: true },
    { models: ['coder'], call: routeDown, admit: true },
    { models: ['openai/*'], call: routeDown, admit: false },
  ])('$models, asked for $call.requestedModel: $admit', async ({ models, call, admit }) => {
    expect((await policy.admit(cheapFacts({ ...call, key: gatewayKey({ models }) }))).admit).toBe(admit)
  })

  test('a call without a key is not looked at', async () => {
    expect(await policy.admit(cheapFacts())).toBe(ADMITTED)
  })
})

test('a refusal names the model that was meant and what the key may call', async () => {
  const found = refusedWith(
    await policy.admit(cheapFacts({ ...byAlias, key: gatewayKey({ models: ['coder', 'gpt-*'] }) })),
  )
  expect(found).toMatchObject({
    code: 'forbidden',
    status: 403,
    what: 'The gateway key "ci" may not call moonshot/kimi-k2.7-code.',
    why: 'It may call coder, gpt-*.',
  })
})

describe('names that mean nothing, as a key sees them', () => {
  const found = problem('model_not_found', 'No model is called "m".', {
    fix: ['Did you mean "a/m" or "b/m"?', 'Run "candor models".'],
    candidates: ['a/m', 'b/m'],
  })
  const ask = 'Ask GET /v1/models for what this key may call.'

  test.each([
    { models: [], candidates: ['a/m', 'b/m'], fix: found.fix },
    { models: ['a/*', 'b/m'], candidates: ['a/m', 'b/m'], fix: found.fix },
    { models: ['a/*'], candidates: ['a/m'], fix: ['Did you mean "a/m"?', ask] },
    { models: ['coder'], candidates: undefined, fix: [ask] },
  ])('$models', ({ models, candidates, fix }) => {
    const seen = asSeenBy(gatewayKey({ models }), found)
    expect([seen.code, seen.what, seen.candidates, seen.fix]).toEqual([found.code, found.what, candidates, fix])
  })
})

test('a long list is cut, and says so', async () => {
  const models = Array.from({ length: 30 }, (_, index) => `m${index}`)
  const found = refusedWith(await policy.admit(cheapFacts({ ...byName, key: gatewayKey({ models }) })))
  expect(found.why).toEndWith('m18, m19 and 10 more.')
})

test.each([
  { models: [], name: 'anything', may: true },
  { models: ['coder', 'gpt-*'], name: 'coder', may: true },
  { models: ['coder', 'gpt-*'], name: 'gpt-4.1', may: true },
  { models: ['coder', 'gpt-*'], name: 'coder2', may: false },
])('a key for $models sees $name: $may', ({ models, name, may }) => {
  expect(mayCall(gatewayKey({ models }), name)).toBe(may)
})
