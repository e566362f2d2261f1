import { asString, type JsonObject } from '../../base/json-value.ts'
import type { BlockDelta } from '../../canon/event.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import { PROTOCOL } from './protocol.ts'

export type Delta = BlockDelta['delta']

/** Whether an item came to its end, or was cut by the output limit or a filter. */
export type ItemStatus = 'completed' | 'incomplete'

/** Writes one block inside its item. */
export interface BlockWriter {
  delta(delta: Delta): void
  /** The block is over: whole texts are told once more. */
  stop(): void
}

/** Writes one output item. */
export interface ItemWriter {
  /** True if no block in it is open. */
  idle(): boolean
  close(status: ItemStatus): void
}

/** Prefixes of the ids OpenAI gives; some of its servers check them. */
export type IdPrefix = 'resp' | 'msg' | 'rs' | 'fc' | 'ctc' | 'call'

/** Where the writers of one reply put what they write, with what they share. */
export interface Scene {
  /** The protocol the events were read from. */
  readonly from: ProtocolId
  /** Notes the name of something that has no words here. */
  unsaid(name: string): void
  /** Writes one event; `fields` is JSON text that begins with a comma, or empty. */
  write(type: string, fields: string): void
  /** Tells an item's beginning and gives its place. `item` is its JSON. */
  add(item: string): number
  /** Tells an item's end, whole: it becomes part of the output. */
  finish(place: number, item: string): void
  /** A new id: the same for the same reply, and no other item's. */
  newId(prefix: IdPrefix): string
}

/** The fields by which events name their item, as JSON text. */
export function itemFields(id: string, place: number): string {
  return `,"item_id":${JSON.stringify(id)},"output_index":${place}`
}

/** JSON text of an object's fields, to stand behind others. */
export function moreFields(fields: JsonObject): string {
  const json = JSON.stringify(fields)
  return json === '{}' ? '' : `,${json.slice(1, -1)}`
}

/** Notes a delta that a block has no words for. */
export function strange(delta: Delta, scene: Scene): void {
  if (delta.type !== 'opaque') scene.unsaid(delta.type)
  else scene.unsaid(delta.protocol === PROTOCOL ? `opaque ${asString(delta.value.type) ?? 'delta'}` : 'opaque delta')
}
