import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { randomFrom } from '../fuzz/random.ts'
import { openScriptedHouse } from './scripted-house.ts'

const server = (host: string, keys: JsonObject[], rest: JsonObject = {}) => ({
  baseUrl: `https://${host}.test/v1`,
  api: 'openai-completions',
  billing: 'plan',
  apiKeys: keys.map(key => ({ key: `sk-${host}-${key['name']}`, ...key })),
  ...rest,
})
const ALL = ['overloaded']

interface Order {
  readonly about: string
  readonly providers: JsonObject
  readonly route: JsonObject
  /** The keys in the order in which they are asked. */
  readonly keys: readonly string[]
}

const AB = {
  a: server('a', [
    { name: 'one', priority: 2 },
    { name: 'two', priority: 1 },
  ]),
  b: server('b', [{ name: 'one' }]),
}
const [A1, A2, B1] = ['sk-a-one', 'sk-a-two', 'sk-b-one']

const ORDERS: readonly Order[] = [
  {
    about: 'targets as written, keys by priority',
    providers: AB,
    route: { targets: ['a/m', 'b/m'] },
    keys: [A2, A1, B1],
  },
  {
    about: 'targets by priority',
    providers: AB,
    route: {
      targets: [
        { model: 'a/m', priority: 2 },
        { model: 'b/m', priority: 1 },
      ],
    },
    keys: [B1, A2, A1],
  },
  {
    about: 'equal targets as written, with order',
    providers: AB,
    route: {
      targets: [
        { model: 'b/m', priority: 1 },
        { model: 'a/m', priority: 1 },
      ],
    },
    keys: [B1, A2, A1],
  },
  {
    about: 'equal targets by weight',
    providers: AB,
    route: { targets: ['a/m', { model: 'b/m', weight: 1_000 }], balance: 'weighted' },
    keys: [B1, A2, A1],
  },
  {
    about: 'equal keys by weight',
    providers: { a: server('a', [{ name: 'one' }, { name: 'two', weight: 1_000 }], { balance: 'weighted' }) },
    route: { targets: ['a/m'] },
    keys: [A2, A1],
  },
  {
    about: 'equal keys as written, with order',
    providers: { a: server('a', [{ name: 'one' }, { name: 'two', weight: 1_000 }], { balance: 'order' }) },
    route: { targets: ['a/m'] },
    keys: [A1, A2],
  },
]

async function open({ providers, route }: Pick<Order, 'providers' | 'route'>, fails: boolean) {
  const random = randomFrom('legs')
  return await openScriptedHouse({
    config: { models: { providers }, routes: { r: { fallbackOn: ALL, ...route } } },
    random: () => random.int(1_000) / 1_000,
    script: () => (fails ? { type: 'refusal', status: 503 } : { type: 'answer' }),
  })
}

describe('the order in which legs are tried', () => {
  test.each([...ORDERS])('$about', async ({ keys, ...order }) => {
    const at = await open(order, true)
    const { receipt } = await at.ask({ model: 'r' })
    at.close()
    expect(at.sent.map(({ key }) => key ?? '')).toEqual([...keys])
    expect(receipt.attempts.slice(1).every(({ because }) => because === 'credential' || because === 'fallback')).toBe(
      true,
    )
  })
})

describe('a conversation', () => {
  const KEYS = ['one', 'two', 'three', 'four'].map(name => ({ name }))
  const busy = { a: server('a', KEYS, { balance: 'weighted' }), b: server('b', KEYS, { balance: 'weighted' }) }
  const keysOf = async (affinity: boolean) => {
    const route = { targets: ['a/m', 'b/m'], balance: 'weighted', affinity }
    const at = await open({ providers: busy, route }, false)
    for (let i = 0; i < 30; i += 1) await at.ask({ model: 'r', headers: { 'x-session-id': 'talk-1' } })
    at.close()
    return new Set(at.sent.map(({ key }) => key))
  }

  test('stays with the target and the key that served it', async () => expect((await keysOf(true)).size).toBe(1))
  test('goes anywhere without affinity', async () => expect((await keysOf(false)).size).toBeGreaterThan(4))

  test('goes elsewhere while its key cools down, and comes back', async () => {
    let failing: string | undefined
    const at = await openScriptedHouse({
      config: { models: { providers: { a: server('a', KEYS, { balance: 'weighted' }) } } },
      script: ({ key }) => (key === failing ? { type: 'refusal', status: 503 } : { type: 'answer' }),
    })
    const ask = async () => {
      await at.ask({ model: 'a/m', headers: { 'x-session-id': 'talk-1' } })
      return at.sent.at(-1)?.key
    }
    const usual = await ask()
    failing = usual
    await ask()
    failing = undefined
    at.clock.advance(100)
    const elsewhere = await ask()
    at.clock.advance(60_000)
    const back = await ask()
    at.close()
    expect(elsewhere).not.toBe(usual)
    expect(back).toBe(usual)
  })
})
