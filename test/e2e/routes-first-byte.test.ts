import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '../../src/canon/problem.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Client, chatClient, messagesClient, stream } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'
import { answeredBy, failAlways, requestsFor } from './route-setup.ts'

interface Cut {
  readonly fault: string
  readonly code: ProblemCode
}

/** What can happen to a stream of which the client has seen something. */
const CUTS: readonly Cut[] = [
  { fault: 'cut=1000', code: 'stream_truncated' },
  { fault: 'cut=1000;how=reset', code: 'stream_truncated' },
  { fault: 'end-early=4', code: 'stream_truncated' },
  { fault: 'error=4', code: 'overloaded' },
  { fault: 'malformed=4', code: 'upstream_protocol' },
  { fault: 'stall=never;after=4', code: 'timeout' },
]
const PAIRS: readonly { readonly client: Client; readonly first: string }[] = [
  { client: chatClient, first: 'chat' },
  { client: chatClient, first: 'messages' },
  { client: messagesClient, first: 'chat' },
  { client: messagesClient, first: 'messages' },
]
/** Of the providers that are asked where a stream falls silent for ever; elsewhere no silence is too long on a busy machine. */
const SHORT = { idleMs: 100 }
const CASES = CUTS.flatMap(cut => PAIRS.map(pair => ({ ...cut, ...pair, protocol: pair.client.protocol }))).map(
  (each, at) => ({
    ...each,
    route: `cut-${at}`,
    provider: each.code === 'timeout' ? `${each.first}-hasty` : each.first,
    model: `${each.first === 'chat' ? 'gpt' : 'claude'}-cut-${at}`,
  }),
)

let chat: Sim
let messages: Sim
let spare: Sim
let gateway: Gateway

beforeAll(async () => {
  ;[chat, messages, spare] = await Promise.all([simulate('openai'), simulate('anthropic'), simulate('openai')])
  const fallbackOn = PROBLEM_CODES.filter(code => PROBLEMS[code].fallback !== 'never')
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          chat: { ...entryOf(chat), billing: 'metered' },
          messages: { ...entryOf(messages), billing: 'metered' },
          'chat-hasty': { ...entryOf(chat), billing: 'metered', timeouts: SHORT },
          'messages-hasty': { ...entryOf(messages), billing: 'metered', timeouts: SHORT },
          spare: { ...entryOf(spare), billing: 'metered' },
        },
      },
      routes: Object.fromEntries(
        CASES.map(({ route, provider, model }) => [
          route,
          { targets: [`${provider}/${model}`, 'spare/gpt-4.1'], fallbackOn },
        ]),
      ),
      gateway: { retry: { max: 3, baseMs: 1 } },
    },
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([chat.stop(), messages.stop(), spare.stop()])
})

describe('nothing is asked twice once the client has seen a byte, whatever the route names', () => {
  test.each(CASES)(
    '$fault, $protocol served by $first',
    async ({ fault, code, client, first, route, provider, model }) => {
      const sim = first === 'chat' ? chat : messages
      failAlways(sim, fault, model)
      const got = await stream(gateway, client, client.body(route, 'hello'))
      expect([got.status, got.receipt.problem?.code]).toEqual([200, code])
      expect([requestsFor(sim, model).length, spare.requests().length]).toEqual([1, 0])
      expect(got.receipt.attempts.map(({ problem }) => problem?.code)).toEqual([code])
      expect(got.receipt.fallback).toBeUndefined()
      expect(answeredBy(got.headers)).toEqual({
        model: `${provider}/${model}`,
        fallback: null,
        attempts: '1',
        billing: 'metered',
      })
      // In the text: a damaged event passes through, and would not be read.
      const notes = [...got.text.matchAll(/"candor": ?\{"code": ?"(\w+)"/g)].map(([, found]) => found)
      expect(notes).toEqual([code])
    },
  )
})
