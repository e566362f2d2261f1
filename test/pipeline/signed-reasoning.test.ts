import { describe, expect, test } from 'bun:test'
import type { JsonObject, JsonValue } from '../../src/base/json-value.ts'
import { type Asked, openScriptedHouse, protocolOf } from './scripted-house.ts'
import type { Reply } from './scripted-network.ts'

const server = (host: string) => ({
  baseUrl: `https://${host}.test`,
  api: 'anthropic-messages',
  billing: 'plan',
  apiKey: `sk-${host}`,
})

/** As long as real ones, and another one for every model. */
const sealOf = (host: string) => `${host}${'Q'.repeat(80)}${host}==`
const OVERLOADED: Reply = { type: 'refusal', status: 529 }

const answerOf = (host: string): Reply => ({
  type: 'body',
  body: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [
      { type: 'thinking', thinking: `${host} thinks`, signature: sealOf(host) },
      { type: 'text', text: `I am ${host}.` },
    ],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 5 },
  },
})

async function open(
  signedReasoning: 'refuse' | 'remove',
  down: Set<string>,
  fallbackOn = ['overloaded', 'untranslatable'],
) {
  return await openScriptedHouse({
    config: {
      models: { providers: { a: server('a'), b: server('b') } },
      routes: { r: { targets: ['a/m', 'b/m'], fallbackOn, signedReasoning } },
    },
    script({ origin }) {
      const host = origin.replace(/^https:\/\/|\.test$/g, '')
      return down.has(host) ? OVERLOADED : answerOf(host)
    },
  })
}

const user = (content: string): JsonObject => ({ role: 'user', content })

/** A call of the route whose conversation was answered by `host` before; without one it begins. */
function asked(host?: string): Asked {
  const before: JsonValue[] =
    host === undefined
      ? []
      : [
          user('Who are you?'),
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: `${host} thinks`, signature: sealOf(host) },
              { type: 'text', text: `I am ${host}.` },
            ],
          },
        ]
  return {
    model: 'r',
    protocol: protocolOf('anthropic-messages'),
    body: {
      max_tokens: 100,
      thinking: { type: 'enabled', budget_tokens: 50 },
      messages: [...before, user('And now?')],
    },
  }
}

const hosts = (sent: readonly { readonly origin: string }[]) => sent.map(({ origin }) => origin[8])

describe('a conversation with signed thinking', () => {
  test('goes on with the model that signed it', async () => {
    const at = await open('refuse', new Set())
    await at.ask(asked())
    const { receipt } = await at.ask(asked('a'))
    at.close()
    expect(hosts(at.sent)).toEqual(['a', 'a'])
    expect(JSON.stringify(at.sent[1]?.body)).toContain(sealOf('a'))
    expect(receipt.losses).toEqual([])
  })

  test('is not carried to another one unless the route says so', async () => {
    const down = new Set<string>()
    const at = await open('refuse', down)
    await at.ask(asked())
    down.add('a')
    const { receipt, headers } = await at.ask(asked('a'))
    at.close()
    expect(hosts(at.sent)).toEqual(['a', 'a'])
    expect(receipt.problem?.code).toBe('overloaded')
    expect(receipt.passed).toEqual([{ target: 'b/m', reason: 'the conversation carries thinking that a/m signed' }])
    expect(headers.get('candor-fallback')).toBeNull()
  })

  test('is carried there without its thinking where the route says so, and that is told', async () => {
    const down = new Set<string>()
    const at = await open('remove', down)
    await at.ask(asked())
    down.add('a')
    const { receipt, headers } = await at.ask(asked('a'))
    at.close()
    expect(hosts(at.sent)).toEqual(['a', 'a', 'b'])
    expect(JSON.stringify(at.sent[2]?.body)).not.toContain('a thinks')
    expect(JSON.stringify(at.sent[2]?.body)).toContain('I am a.')
    expect(headers.get('candor-fallback')).toBe('from=a/m; reason=overloaded')
    expect(receipt.losses.map(({ path }) => path)).toEqual(['messages[1].content[0]'])
    expect(headers.get('candor-losses')).toBe('messages[1].content[0]')
  })

  test('stays with the second model once that one has signed, though the first is back', async () => {
    const down = new Set(['a'])
    const at = await open('refuse', down)
    await at.ask(asked())
    down.delete('a')
    at.clock.advance(60_000)
    const { receipt } = await at.ask(asked('b'))
    at.close()
    expect(hosts(at.sent)).toEqual(['a', 'b', 'b'])
    expect(receipt.passed).toEqual([{ target: 'a/m', reason: 'the conversation carries thinking that b/m signed' }])
    expect(receipt.fallback).toEqual({ from: 'a/m', reason: 'untranslatable' })
  })

  test('counts as the first target’s where nobody has seen who signed', async () => {
    const at = await open('refuse', new Set(['a']))
    const { receipt } = await at.ask(asked('a'))
    at.close()
    expect(hosts(at.sent)).toEqual(['a'])
    expect(receipt.passed).toHaveLength(1)
  })
})
