import { describe, expect, test } from 'bun:test'
import { formatSse } from '../../src/base/sse.ts'
import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { ReplyContext, WireProtocol } from '../../src/wire/wire-protocol.ts'
import { geminiIsComplete } from '../wire/google-generative-ai-laws.ts'
import { decodeFrames, framesOf, type LawOptions, lawBreaks } from '../wire/stream-laws.ts'
import { bodyOf, CONTEXT, fixturesOf, gapsIn, golden, plain, textOf } from './fixtures.ts'
import { LACKING_REPLIES } from './lacking.ts'
import { retold } from './retold.ts'

const replies = fixturesOf('replies')
const streams = fixturesOf('streams')
const bytesOf = (text: string) => new TextEncoder().encode(text)

function contextFrom(from: WireProtocol): ReplyContext {
  return { ...CONTEXT, from: from.id }
}

function others(from: WireProtocol): readonly WireProtocol[] {
  return WIRE_PROTOCOLS.filter(protocol => protocol !== from)
}

/** A reply that failed has no whole form: the gateway answers with an error body, which the tests of problems hold. */
function wholeIn(events: readonly Event[], from: WireProtocol): Record<string, unknown> {
  if (events.at(-1)?.type === 'failure') return {}
  return Object.fromEntries(others(from).map(to => [to.id, to.encodeReply(events, contextFrom(from))]))
}

function streamIn(events: readonly Event[], from: WireProtocol): Record<string, unknown> {
  return Object.fromEntries(
    others(from).map(to => {
      const writer = to.openEncoder(contextFrom(from))
      const stream = events.flatMap(event => writer.push(event).map(formatSse))
      return [to.id, { stream, unsaid: writer.unsaid() }]
    }),
  )
}

describe('a whole reply in every protocol', () => {
  test('every feature has its fixture in each, or is known to have no words there', () => {
    expect(gapsIn('replies', LACKING_REPLIES)).toEqual([])
  })

  test.each(replies)('$name means what its golden says, and crosses as it says', fixture => {
    const events = fixture.protocol.decodeReply(bodyOf(fixture))
    expect(faultIn(events)).toBeUndefined()
    const actual = plain({ canon: events, to: wholeIn(events, fixture.protocol) })
    expect(actual).toEqual(golden(fixture, actual))
  })

  test.each(replies)('$name says the same in the others', fixture => {
    const events = fixture.protocol.decodeReply(bodyOf(fixture))
    expect(retold(events, fixture.protocol, contextFrom(fixture.protocol))).toEqual([])
  })
})

describe('a stream in every protocol', () => {
  test('every feature has its fixture in each, or is known to have no words there', () => {
    expect(gapsIn('streams', LACKING_REPLIES)).toEqual([])
  })

  test.each(streams)('$name holds the laws of streams', fixture => {
    expect(lawBreaks(fixture.protocol, bytesOf(textOf(fixture)), endingsOf(fixture.protocol))).toEqual([])
  })

  test.each(streams)('$name means what its golden says, and crosses as it says', fixture => {
    const events = decodeFrames(fixture.protocol, framesOf([bytesOf(textOf(fixture))]))
    const actual = plain({ canon: events, to: streamIn(events, fixture.protocol) })
    expect(actual).toEqual(golden(fixture, actual))
  })

  test.each(streams)('$name says the same in the others', fixture => {
    const events = decodeFrames(fixture.protocol, framesOf([bytesOf(textOf(fixture))]))
    expect(retold(events, fixture.protocol, contextFrom(fixture.protocol))).toEqual([])
  })
})

/** Chat Completions ends with `[DONE]`, which some servers leave out; Gemini has no end mark at all. */
function endingsOf(protocol: WireProtocol): LawOptions {
  if (protocol.id === 'google-generative-ai') return { isComplete: geminiIsComplete }
  return { stopsSuffice: protocol.id === 'openai-completions' }
}
