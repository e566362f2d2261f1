import type { Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
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
    found.push(...differences(`${to.id} stream`, told, streamed, writer.unsaid()))
    if (events.at(-1)?.type === 'failure') continue
    const whole = to.encodeReply(events, context)
    found.push(...differences(`${to.id} whole`, told, to.decodeReply(whole.body), whole.unsaid))
  }
  return found
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
