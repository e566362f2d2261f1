import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Usage } from '../../src/canon/usage.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { ReplyContext, WireProtocol } from '../../src/wire/wire-protocol.ts'
import { decodeFrames } from '../wire/stream-laws.ts'
import { plain } from './fixtures.ts'
import { type Substance, substanceOf } from './substance.ts'

/**
 * What is different when a reply is told in the other protocols, as a stream and whole, and read back; empty where nothing is. What a
 * protocol said it had no words for may be missing there, and only that.
 */
export function retold(events: readonly Event[], from: WireProtocol, context: ReplyContext): string[] {
  const told = substanceOf(events)
  const found: string[] = []
  for (const to of WIRE_PROTOCOLS) {
    if (to === from) continue
    const writer = to.openEncoder(context)
    const streamed = decodeFrames(
      to,
      events.flatMap(event => [...writer.push(event)]),
    )
    found.push(...differences(`${to.id} stream`, inWordsOf(to, told), streamed, writer.unsaid()))
    if (events.at(-1)?.type === 'failure') continue
    const whole = to.encodeReply(events, context)
    found.push(...differences(`${to.id} whole`, inWordsOf(to, told), to.decodeReply(whole.body), whole.unsaid))
  }
  return found
}

/** Protocols in which a refusal is a text like any other. */
const WITHOUT_REFUSALS: ReadonlySet<ProtocolId> = new Set(['anthropic-messages', 'google-generative-ai'])

/** What a protocol can tell apart, of what was told. */
function inWordsOf(to: WireProtocol, told: Substance): Substance {
  const spoken = WITHOUT_REFUSALS.has(to.id) ? { text: told.text + told.refusal, refusal: '' } : {}
  // A call cut in the middle has no arguments that Gemini could give as an object; the failure behind it tells.
  const calls = to.id === 'google-generative-ai' && told.ending === 'failure' ? { calls: [] } : {}
  return { ...told, ...spoken, ...calls, usage: told.usage === undefined ? undefined : countedIn(to, told.usage) }
}

/** Gemini counts what was written to a cache as any other input; Responses must give a number for every detail. */
function countedIn(to: WireProtocol, usage: Usage): Usage {
  if (to.id === 'openai-responses') return { cacheRead: 0, reasoning: 0, ...usage }
  const { cacheWrite, ...rest } = usage
  if (to.id !== 'google-generative-ai' || cacheWrite === undefined) return usage
  return { ...rest, input: (rest.input ?? 0) + cacheWrite }
}

function differences(
  where: string,
  told: Substance,
  events: readonly Event[],
  unsaid: readonly string[],
): readonly string[] {
  const fault = faultIn(events)
  if (fault !== undefined) return [`${where}: ${fault}`]
  const read = substanceOf(events)
  const keys = ['text', 'refusal', 'reasoning', 'calls', 'ending', 'usage'] as const
  return keys
    .filter(key => !Bun.deepEquals(plain({ it: told[key] }), plain({ it: read[key] })))
    .filter(key => !isExcused(key, unsaid) && !(key === 'usage' && told.ending === 'failure'))
    .map(key => `${where}: ${key} ${JSON.stringify(told[key])} reads ${JSON.stringify(read[key])}`)
}

function isExcused(key: keyof Substance, unsaid: readonly string[]): boolean {
  return unsaid.some(name => name.includes(key === 'calls' ? 'tool call' : key))
}
