import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { call, messagesClient, noteOf, parse } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'
import { answeredBy, failAlways, requestsFor } from './route-setup.ts'

/** They sign their thinking by names of their own, and Anthropic refuses what another one signed. */
const NAMES = ['told', 'taken', 'staying', 'removing'] as const
const A = (name: string) => `moonshot/kimi-${name}`
const B = (name: string) => `anthropic/claude-${name}`
const REFUSING = ['told', 'staying']

let moonshot: Sim
let anthropic: Sim
let gateway: Gateway

beforeAll(async () => {
  ;[moonshot, anthropic] = await Promise.all([
    simulate('moonshot', { models: NAMES.map(name => `kimi-${name}`) }),
    simulate('anthropic'),
  ])
  const routes = NAMES.map(name => [
    name,
    {
      targets: [A(name), B(name)],
      fallbackOn: ['upstream_error' as const],
      ...(REFUSING.includes(name) ? {} : { signedReasoning: 'remove' as const }),
    },
  ])
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          moonshot: entryOf(moonshot, moonshot.key, 'anthropic-messages'),
          anthropic: entryOf(anthropic),
        },
      },
      routes: Object.fromEntries(routes),
      gateway: { quotaPollMs: 0 },
    },
  })
})
afterEach(() => {
  moonshot.setFault(undefined)
  anthropic.setFault(undefined)
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([moonshot.stop(), anthropic.stop()])
})

interface Block {
  readonly type: string
  readonly thinking?: string
  readonly signature?: string
}
interface Turn {
  readonly role: string
  readonly content: string | readonly Block[]
}

const question = (text: string): Turn => ({ role: 'user', content: text })

function ask(route: string, messages: readonly Turn[]) {
  return call(gateway, messagesClient, {
    model: route,
    max_tokens: 4_000,
    thinking: { type: 'adaptive' },
    messages,
  })
}

/** The conversation with the answer and the next question behind it. */
function goOn(messages: readonly Turn[], got: { readonly text: string }, text: string): readonly Turn[] {
  const { content } = parse<{ readonly content: readonly Block[] }>(got.text)
  expect(content.some(({ type, signature = '' }) => type === 'thinking' && signature.length > 10)).toBe(true)
  return [...messages, { role: 'assistant', content }, question(text)]
}

const failing = (sim: Sim, model: string) => failAlways(sim, 'status=500', model.slice(model.indexOf('/') + 1))
const asked = (sim: Sim, ref: string) => requestsFor(sim, ref.slice(ref.indexOf('/') + 1))

describe('a conversation whose thinking the first target signed', () => {
  test('does not go to the other one where the route refuses, and the receipt says why', async () => {
    const start = [question('one')]
    const first = await ask('told', start)
    expect(first.headers.get('candor-model')).toBe(A('told'))
    failing(moonshot, A('told'))
    const got = await ask('told', goOn(start, first, 'two'))
    expect([got.status, noteOf(got.json()).code]).toEqual([502, 'upstream_error'])
    expect(asked(anthropic, B('told'))).toEqual([])
    expect(got.receipt.passed).toContainEqual({
      target: B('told'),
      reason: `the conversation carries thinking that ${A('told')} signed`,
    })
    expect(answeredBy(got.headers)).toMatchObject({ model: A('told'), fallback: null, attempts: '1' })
  })

  test('goes without it where the route removes, and the loss is told', async () => {
    const start = [question('one')]
    const first = await ask('taken', start)
    failing(moonshot, A('taken'))
    const got = await ask('taken', goOn(start, first, 'two'))
    expect([got.status, asked(anthropic, B('taken')).length]).toEqual([200, 1])
    expect(answeredBy(got.headers)).toMatchObject({
      model: B('taken'),
      fallback: `from=${A('taken')}; reason=upstream_error`,
      attempts: '2',
    })
    const [sent] = asked(anthropic, B('taken'))
    expect(sent?.body).not.toContain('"signature"')
    expect(sent?.body).toContain('This is the simulated model')
    expect(got.headers.get('candor-losses')).toContain('messages[1].content[0]')
    expect(got.receipt.losses.map(({ path }) => path)).toContain('messages[1].content[0]')
    // The target that signed it has all of it back.
    moonshot.setFault(undefined)
    const back = await ask('taken', goOn(start, first, 'three'))
    expect([back.status, back.headers.get('candor-model'), back.receipt.losses]).toEqual([200, A('taken'), []])
    expect(asked(moonshot, A('taken')).at(-1)?.body).toContain('"signature"')
  })
})

describe('a conversation that the other target served', () => {
  test('stays with it, though the first one serves again', async () => {
    failing(moonshot, A('staying'))
    const start = [question('one')]
    const first = await ask('staying', start)
    expect(first.headers.get('candor-model')).toBe(B('staying'))
    moonshot.setFault(undefined)
    const before = asked(moonshot, A('staying')).length
    const got = await ask('staying', goOn(start, first, 'two'))
    expect([got.status, got.headers.get('candor-model')]).toEqual([200, B('staying')])
    expect(asked(moonshot, A('staying'))).toHaveLength(before)
    expect(got.receipt.fallback).toMatchObject({ from: A('staying') })
    expect(got.headers.get('candor-fallback')).toStartWith(`from=${A('staying')}; reason=`)
    expect(got.receipt.passed).toContainEqual({
      target: A('staying'),
      reason: `the conversation carries thinking that ${B('staying')} signed`,
    })
    const other = await ask('staying', [question('another one')])
    expect(other.headers.get('candor-model')).toBe(A('staying'))
  })

  test('goes back without the thinking where the route removes', async () => {
    failing(moonshot, A('removing'))
    const start = [question('one')]
    const first = await ask('removing', start)
    expect(first.headers.get('candor-model')).toBe(B('removing'))
    moonshot.setFault(undefined)
    const got = await ask('removing', goOn(start, first, 'two'))
    expect(got.status).toBe(200)
    const [sent] = asked(moonshot, A('removing')).slice(-1)
    expect(got.headers.get('candor-model')).toBe(A('removing'))
    expect(sent?.body).not.toContain('"signature"')
    expect(got.headers.get('candor-losses')).toContain('messages[1].content[0]')
  })
})
