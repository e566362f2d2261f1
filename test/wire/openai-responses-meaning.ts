import type { JsonValue } from '../../src/base/json-value.ts'
import type { BlockHead, Event } from '../../src/canon/event.ts'
import type { Usage } from '../../src/canon/usage.ts'
import type { ReplyContext, WireProtocol } from '../../src/wire/wire-protocol.ts'
import { decodeFrames } from './stream-laws.ts'

interface Meaning {
  readonly head: BlockHead
  text: string
  readonly others: JsonValue[]
}

/**
 * What a reply says, however it was cut into deltas and whenever its blocks were closed. Names and times that nobody told are filled in when
 * a reply is written, so they are left out; of usage the buckets count, and one that nobody told is 0.
 */
export function meaning(events: readonly Event[]): unknown {
  const blocks = new Map<number, Meaning>()
  const rest: unknown[] = []
  for (const event of events) {
    if (event.type === 'block-start') blocks.set(event.index, { head: event.block, text: '', others: [] })
    else if (event.type === 'block-delta') note(blocks.get(event.index), event.delta)
    else if (event.type === 'usage') rest.push({ ...NOTHING_TOLD, ...event.usage, raw: undefined })
    else if (!SAYS_NOTHING.has(event.type)) rest.push(event)
  }
  return { blocks: [...blocks.values()], rest }
}

const SAYS_NOTHING: ReadonlySet<string> = new Set(['reply-start', 'block-stop', 'unknown', 'ping'])
const NOTHING_TOLD: Usage = { input: 0, cacheRead: 0, output: 0, reasoning: 0 }

function note(block: Meaning | undefined, delta: (Event & { type: 'block-delta' })['delta']): void {
  if (block === undefined) return
  if (delta.type === 'text' || delta.type === 'input') block.text += delta.text
  else block.others.push({ ...delta })
}

/** The events after they were written and read again. */
export function toldAgain(protocol: WireProtocol, events: readonly Event[], context: ReplyContext): Event[] {
  const encoder = protocol.openEncoder(context)
  return decodeFrames(
    protocol,
    events.flatMap(event => [...encoder.push(event)]),
  )
}
