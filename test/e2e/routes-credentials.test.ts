import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { KeyState } from '../../src/sim/keys.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { call, chatClient, messagesClient, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, headerOf, simulate } from './providers.ts'
import { answeredBy, placeOf, requestsFor } from './route-setup.ts'

const ONE = 'sk-proj-number-one-0123456789'
const TWO = 'sk-proj-number-two-0123456789'
const PLAN = 'sk-kimi-of-the-plan-0123456789'
const PAID = 'sk-kimi-paid-by-use-0123456789'

let openai: Sim
let kimi: Sim
let moonshot: Sim
let spare: Sim
let gateway: Gateway

beforeAll(async () => {
  ;[openai, kimi, moonshot, spare] = await Promise.all([
    simulate('openai'),
    simulate('kimi-coding'),
    simulate('moonshot'),
    simulate('openai'),
  ])
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          openai: {
            ...placeOf(openai),
            balance: 'order',
            apiKeys: [
              { name: 'one', key: ONE, priority: 1 },
              { name: 'two', key: TWO, priority: 2 },
            ],
          },
          'kimi-coding': {
            ...placeOf(kimi),
            apiKeys: [
              { name: 'plan', key: PLAN, priority: 1 },
              { name: 'paid', key: PAID, billing: 'metered', priority: 2 },
            ],
          },
          moonshot: entryOf(moonshot, PLAN),
          spare: { ...entryOf(spare), billing: 'metered' },
        },
      },
      routes: {
        fenced: { targets: ['kimi-coding/k3'], fallbackOn: ['plan_exhausted'] },
        crossing: { targets: ['kimi-coding/k3-256k'], fallbackOn: ['plan_exhausted'], crossBilling: true },
        misplaced: { targets: ['moonshot/kimi-k3', 'spare/gpt-4.1'], fallbackOn: ['overloaded'] },
        'knowingly-misplaced': { targets: ['moonshot/kimi-k3', 'spare/gpt-4.1'], fallbackOn: ['wrong_service_key'] },
      },
      gateway: { quotaPollMs: 0 },
    },
  })
})
afterEach(() => {
  for (const sim of [openai, kimi, moonshot, spare]) {
    sim.clear()
    sim.setFault(undefined)
  }
  for (const key of [ONE, TWO]) openai.setKey(key, 'valid')
  for (const key of [PLAN, PAID]) kimi.setKey(key, 'valid')
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([openai, kimi, moonshot, spare].map(sim => sim.stop()))
})

const keysSeen = (sim: Sim, model: string) =>
  requestsFor(sim, model).map(
    request => headerOf(request, 'x-api-key') ?? headerOf(request, 'authorization')?.replace('Bearer ', ''),
  )

describe('two keys of one provider', () => {
  test.each<{ state: KeyState; code: string }>([
    { state: 'rate-limited', code: 'rate_limited' },
    { state: 'overloaded', code: 'overloaded' },
    { state: 'no-balance', code: 'balance_exhausted' },
  ])('$state: the other one answers, and is asked first while the first cools down', async ({ state, code }) => {
    const model = `gpt-4.1-${state}`
    openai.setKey(ONE, state)
    const got = await call(gateway, chatClient, chatClient.body(`openai/${model}`, 'hello'))
    expect(got.status).toBe(200)
    expect(keysSeen(openai, model)).toEqual([ONE, TWO])
    expect(
      got.receipt.attempts.map(({ credential, because, problem }) => [credential, because, problem?.code]),
    ).toEqual([
      ['one', undefined, code],
      ['two', 'credential', undefined],
    ])
    expect(answeredBy(got.headers)).toEqual({
      model: `openai/${model}`,
      fallback: null,
      attempts: '2',
      billing: 'metered',
    })
    const next = await call(gateway, chatClient, chatClient.body(`openai/${model}`, 'hello'))
    expect(keysSeen(openai, model)).toEqual([ONE, TWO, TWO])
    expect(next.receipt.passed).toContainEqual({
      target: `openai/${model}`,
      credential: 'one',
      reason: `it cools down after ${code}`,
    })
  })

  test('a key that is wrong is told, so that it is mended', async () => {
    openai.setKey(ONE, 'invalid')
    const got = await call(gateway, chatClient, chatClient.body('openai/gpt-4.1-wrong', 'hello'))
    expect([got.status, noteOf(got.json()).code]).toEqual([401, 'invalid_key'])
    expect(keysSeen(openai, 'gpt-4.1-wrong')).toEqual([ONE])
    expect(got.receipt.passed).toContainEqual({
      target: 'openai/gpt-4.1-wrong',
      credential: 'two',
      reason: 'invalid_key is no reason to use another key',
    })
  })

  test('both at an end: the last problem, and what came before it', async () => {
    openai.setKey(ONE, 'no-balance')
    openai.setKey(TWO, 'rate-limited')
    const got = await call(gateway, chatClient, chatClient.body('openai/gpt-4.1-both', 'hello'))
    expect([got.status, noteOf(got.json()).code]).toEqual([429, 'rate_limited'])
    expect(noteOf(got.json()).why).toContain('balance_exhausted')
    expect(keysSeen(openai, 'gpt-4.1-both')).toEqual([ONE, TWO])
  })
})

describe('two keys of two purses', () => {
  test.each(['kimi-coding/kimi-for-coding', 'fenced'])('%s: the one paid by use is never sent', async name => {
    const model = name === 'fenced' ? 'k3' : 'kimi-for-coding'
    kimi.setKey(PLAN, 'five-hour-used-up')
    const got = await call(gateway, messagesClient, messagesClient.body(name, 'hello'))
    expect([got.status, noteOf(got.json()).code]).toEqual([429, 'plan_exhausted'])
    expect(got.headers.get('candor-billing')).toBe('plan')
    expect(keysSeen(kimi, model)).toEqual([PLAN])
    const [passed] = got.receipt.passed.filter(({ credential }) => credential === 'paid')
    expect(passed?.reason).toMatch(/^its lane is "metered", and the (?:call|route) is "plan"/)
  })

  test('but by a route that crosses, and the answer says which purse', async () => {
    kimi.setKey(PLAN, 'five-hour-used-up')
    const got = await call(gateway, messagesClient, messagesClient.body('crossing', 'hello'))
    expect(got.status).toBe(200)
    expect(keysSeen(kimi, 'k3-256k')).toEqual([PLAN, PAID])
    expect(answeredBy(got.headers)).toMatchObject({ model: 'kimi-coding/k3-256k', billing: 'metered', attempts: '2' })
    expect(got.receipt.attempts.map(({ billing, because }) => [billing, because])).toEqual([
      ['plan', undefined],
      ['metered', 'credential'],
    ])
  })
})

describe('a key that begins like a sibling’s', () => {
  test.each([chatClient, messagesClient])('stays here, and the sibling is named: $protocol', async client => {
    for (const name of ['moonshot/kimi-k3', 'misplaced']) {
      const got = await call(gateway, client, client.body(name, 'hello'))
      expect(got.status).toBe(401)
      const note = noteOf(got.json())
      expect([note.code, note.provider]).toEqual(['wrong_service_key', 'moonshot'])
      expect(note.what).toContain('it belongs to "kimi-coding"')
      expect(note.why).toContain('It was not sent.')
      expect(answeredBy(got.headers)).toMatchObject({ attempts: '0', fallback: null })
      expect([moonshot.requests(), spare.requests()]).toEqual([[], []])
      expect(got.text).not.toContain(PLAN)
    }
  })

  test('a route may go on all the same', async () => {
    const got = await call(gateway, chatClient, chatClient.body('knowingly-misplaced', 'hello'))
    expect([got.status, moonshot.requests().length, spare.requests().length]).toEqual([200, 0, 1])
    expect(answeredBy(got.headers)).toEqual({
      model: 'spare/gpt-4.1',
      fallback: 'from=moonshot/kimi-k3; reason=wrong_service_key',
      attempts: '1',
      billing: 'metered',
    })
  })
})
