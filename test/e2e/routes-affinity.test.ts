import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Client, call, chatClient, messagesClient, post } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, headerOf, simulate } from './providers.ts'
import { failAlways, placeOf, requestsFor } from './route-setup.ts'

const KEYS = [
  'sk-proj-affinity-number-one-00',
  'sk-proj-affinity-number-two-00',
  'sk-proj-affinity-number-three',
] as const
const CONVERSATIONS = 12

let one: Sim
let two: Sim
let gateway: Gateway

beforeAll(async () => {
  ;[one, two] = await Promise.all([simulate('openai'), simulate('openai')])
  const targets = ['one/gpt-4.1', 'two/gpt-4.1']
  const equal = (rest: object) => ({ targets, fallbackOn: ['overloaded' as const], ...rest })
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          one: entryOf(one),
          two: entryOf(two),
          many: {
            ...placeOf(one),
            balance: 'weighted',
            apiKeys: KEYS.map((key, at) => ({ name: `key-${at}`, key })),
          },
        },
      },
      routes: {
        weighted: equal({ balance: 'weighted' }),
        busy: { ...equal({ balance: 'least-busy' }), targets: ['one/gpt-busy', 'two/gpt-busy'] },
        drawn: equal({ balance: 'weighted', affinity: false }),
        ordered: equal({}),
      },
    },
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([one.stop(), two.stop()])
})

const TURNS = ['and then?', 'go on', 'why?', 'thanks']

/** The messages of a conversation, turn by turn, as a client repeats them. */
function* conversation(opening: string) {
  const messages: object[] = [{ role: 'user', content: opening }]
  yield [...messages]
  for (const text of TURNS) {
    messages.push({ role: 'assistant', content: 'well' }, { role: 'user', content: text })
    yield [...messages]
  }
}

async function servedBy(client: Client, route: string, messages: readonly object[], headers?: Record<string, string>) {
  const got = await call(gateway, client, { ...client.body(route, ''), messages }, headers)
  expect([got.status, got.headers.get('candor-fallback')]).toEqual([200, null])
  return got.headers.get('candor-model')
}

/** Who served each conversation, each with all who served one of its turns. */
async function served(route: string, client = chatClient): Promise<readonly (readonly (string | null)[])[]> {
  const all: (string | null)[][] = []
  for (let at = 0; at < CONVERSATIONS; at += 1) {
    const by = new Set<string | null>()
    for (const messages of conversation(`conversation ${at} about something`))
      by.add(await servedBy(client, route, messages))
    all.push([...by])
  }
  return all
}

describe('two equal targets', () => {
  test.each([
    { route: 'weighted', client: chatClient, protocol: chatClient.protocol },
    { route: 'weighted', client: messagesClient, protocol: messagesClient.protocol },
  ])('every conversation stays where it began, and they spread: $route, $protocol', async ({ route, client }) => {
    const all = await served(route, client)
    expect(all.filter(by => by.length !== 1)).toEqual([])
    expect(new Set(all.flat())).toEqual(new Set(['one/gpt-4.1', 'two/gpt-4.1']))
  })

  test('the less busy one of two is asked', async () => {
    const leaving = new AbortController()
    for (const sim of [one, two]) failAlways(sim, 'delay=never', 'gpt-busy')
    const held: Promise<unknown>[] = []
    const asked = () => [one, two].map(sim => requestsFor(sim, 'gpt-busy').length)
    const arrived = (calls: number) => asked().reduce((sum, each) => sum + each, 0) > calls
    for (let calls = 0; calls < 20; calls += 1) {
      const body = chatClient.body('busy', `conversation ${calls}`)
      held.push(post(gateway, chatClient, body, { signal: leaving.signal }).catch(() => 'left'))
      await Promise.race([one, two].map(sim => sim.when(() => arrived(calls))))
    }
    expect(arrived(19)).toBe(true)
    // A conversation has its own place, and leaves it only for one that is less than half as busy.
    expect(Math.min(...asked())).toBeGreaterThanOrEqual(6)
    leaving.abort()
    expect(new Set(await Promise.all(held))).toEqual(new Set(['left']))
    for (const sim of [one, two]) sim.setFault(undefined)
  })

  test('with order the first serves all', async () => {
    expect(new Set((await served('ordered')).flat())).toEqual(new Set(['one/gpt-4.1']))
  })

  test('without affinity one conversation is served by both', async () => {
    const by = new Set<string | null>()
    for (let turn = 0; turn < 64 && by.size < 2; turn += 1)
      by.add(await servedBy(chatClient, 'drawn', [{ role: 'user', content: 'hello' }]))
    expect(by.size).toBe(2)
  })

  test.each(['x-session-id', 'session_id', 'x-claude-code-session-id'])(
    'a client may name its conversation: %s',
    async name => {
      const seen = new Set<string | null>()
      for (let session = 0; session < CONVERSATIONS; session += 1) {
        const by = new Set<string | null>()
        for (const opening of ['one thing', 'another', 'a third'])
          by.add(
            await servedBy(messagesClient, 'weighted', [{ role: 'user', content: opening }], {
              [name]: `s-${session}`,
            }),
          )
        expect(by.size).toBe(1)
        for (const ref of by) seen.add(ref)
      }
      expect(seen.size).toBe(2)
    },
  )

  test('while its target cannot serve it goes to the other one, and then back', async () => {
    const [messages = []] = conversation('a conversation with a guest')
    const home = await servedBy(chatClient, 'weighted', messages)
    const [at, other] = home === 'one/gpt-4.1' ? ([one, 'two/gpt-4.1'] as const) : ([two, 'one/gpt-4.1'] as const)
    failAlways(at, 'status=503;retry-after-ms=30', 'gpt-4.1')
    const away = await call(gateway, chatClient, { ...chatClient.body('weighted', ''), messages })
    expect([away.headers.get('candor-model'), away.headers.get('candor-fallback')]).toEqual([
      other,
      `from=${home}; reason=overloaded`,
    ])
    at.setFault(undefined)
    for (;;) {
      const got = await call(gateway, chatClient, { ...chatClient.body('weighted', ''), messages })
      expect(got.status).toBe(200)
      if (got.headers.get('candor-model') === home) break
    }
    expect(await servedBy(chatClient, 'weighted', messages)).toBe(home)
  })
})

test('the keys of one provider spread in the same way', async () => {
  const seen = new Set<string | undefined>()
  for (let at = 0; at < CONVERSATIONS; at += 1) {
    one.clear()
    for (const messages of conversation(`conversation ${at} about keys`))
      await servedBy(chatClient, 'many/gpt-4.1', messages)
    const keys = new Set(one.requests().map(request => headerOf(request, 'authorization')))
    expect(keys.size).toBe(1)
    for (const key of keys) seen.add(key)
  }
  expect(seen.size).toBe(KEYS.length)
})
