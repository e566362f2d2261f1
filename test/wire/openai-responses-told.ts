import { isObject } from '../../src/base/json-value.ts'
import type { Event } from '../../src/canon/event.ts'
import { PROTOCOL_IDS } from '../../src/canon/protocol.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { type Fixture, jsonOf } from './openai-responses-goldens.ts'

/** A reply's canonical events, and what its encoder is told of it. */
export interface Told {
  readonly events: readonly Event[]
  readonly context: ReplyContext
}

/** A fixture of the folder `told`: events, the protocol they were read from, and perhaps the request they answer. */
export function readTold(fixture: Fixture): Told {
  const { events, from, asked } = jsonOf(fixture)
  const protocol = PROTOCOL_IDS.find(id => id === from)
  if (protocol === undefined || !Array.isArray(events)) throw new Error(`not a told reply: ${fixture.path}`)
  const base = { requestId: 'req_1', model: 'asked/model', createdSeconds: 1, streamUsage: true, from: protocol }
  return { events: events as unknown[] as Event[], context: isObject(asked) ? { ...base, asked } : base }
}
