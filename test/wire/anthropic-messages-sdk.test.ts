import { describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { formatSse } from '../../src/base/sse.ts'
import type { Event } from '../../src/canon/event.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { fixtureNames, readEvents } from './anthropic-messages-goldens.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'm', createdSeconds: 1, streamUsage: true }
const ASK = { model: 'm', max_tokens: 10, messages: [{ role: 'user' as const, content: 'Hi' }] }

/** The official client, with these bytes as the answer to whatever it asks. */
function clientFor(body: string, type: string): Anthropic {
  return new Anthropic({
    apiKey: 'test',
    maxRetries: 0,
    fetch: async () => new Response(body, { headers: { 'content-type': type } }),
  })
}

function toldTo(name: string): { events: readonly Event[]; context: ReplyContext } {
  const { events, from } = readEvents(name)
  return { events, context: { ...CONTEXT, from } }
}

function streamOf(events: readonly Event[], context: ReplyContext): string {
  const encoder = anthropicMessages.openEncoder(context)
  return events.flatMap(event => [...encoder.push(event)].map(formatSse)).join('')
}

/** Arguments that are no JSON the client refuses by itself; deltas of beta blocks it does not know. */
const OTHERWISE = new Set(['failure-in-the-middle', 'arguments-not-json', 'own-events'])
const names = fixtureNames('told').filter(name => !OTHERWISE.has(name))

describe('the official client understands what is told', () => {
  test.each(names)('%s', async name => {
    const { events, context } = toldTo(name)
    const { body } = anthropicMessages.encodeReply(events, context)
    const streamed = await clientFor(streamOf(events, context), 'text/event-stream').messages.stream(ASK).finalMessage()
    const whole = await clientFor(JSON.stringify(body), 'application/json').messages.create(ASK)
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value))
    expect(plain(streamed.content)).toEqual(plain(body.content))
    expect(plain(streamed.usage)).toEqual(plain(body.usage))
    expect(streamed.stop_reason).toBe(whole.stop_reason)
    expect(plain(whole.content)).toEqual(plain(body.content))
  })

  test('a failure in the middle reaches the caller as an error with Candor’s note', async () => {
    const { events, context } = toldTo('failure-in-the-middle')
    const seen: string[] = []
    const stream = clientFor(streamOf(events, context), 'text/event-stream').messages.stream(ASK)
    stream.on('text', text => seen.push(text))
    const failed = await stream.finalMessage().catch((error: unknown) => error)
    if (!(failed instanceof Anthropic.APIError)) throw new Error('no error was raised')
    expect(seen).toEqual(['Hel'])
    expect(failed.type).toBe('api_error')
    expect(failed.error).toMatchObject({ error: { candor: { code: 'stream_truncated' } } })
  })
})
