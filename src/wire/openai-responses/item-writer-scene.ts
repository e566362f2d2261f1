import type { ProtocolId } from '../../canon/protocol.ts'
import type { Frame, ReplyContext } from '../wire-protocol.ts'
import type { IdPrefix, Scene } from './item-writer.ts'
import { PROTOCOL } from './protocol.ts'

/** The scene of one reply, for the encoder that leads it. */
export interface OpenScene extends Scene {
  /** The finished items as JSON text, in their order. */
  output(): readonly string[]
  names(): readonly string[]
  /** Length of all that was written, in characters. */
  writtenChars(): number
  /** The frames since the last call. */
  drain(): readonly Frame[]
}

/** Opens the scene of one reply. */
export function openScene(context: ReplyContext): OpenScene {
  return new ReplyScene(context)
}

/** Some of the names are words of the provider. */
const NAME_CHARS_MAX = 100

class ReplyScene implements OpenScene {
  readonly from: ProtocolId
  readonly #stem: string
  readonly #unsaid = new Set<string>()
  /** By place; an item that is not over has no entry. */
  readonly #output: (string | undefined)[] = []
  #frames: Frame[] = []
  #sequence = 0
  #writtenChars = 0
  #ids = 0

  constructor(context: ReplyContext) {
    this.from = context.from ?? PROTOCOL
    this.#stem = context.requestId.replace(/^req_/, '')
  }

  unsaid(name: string): void {
    this.#unsaid.add(name.slice(0, NAME_CHARS_MAX))
  }

  write(type: string, fields: string): void {
    this.#frames.push({ event: type, data: `{"type":"${type}","sequence_number":${this.#sequence}${fields}}` })
    this.#writtenChars += fields.length
    this.#sequence += 1
  }

  add(item: string): number {
    const place = this.#output.push(undefined) - 1
    this.write('response.output_item.added', `,"output_index":${place},"item":${item}`)
    return place
  }

  finish(place: number, item: string): void {
    this.#output[place] = item
    this.write('response.output_item.done', `,"output_index":${place},"item":${item}`)
  }

  newId(prefix: IdPrefix): string {
    this.#ids += 1
    return `${prefix}_${this.#stem}_${this.#ids - 1}`
  }

  output(): readonly string[] {
    return this.#output.filter(item => item !== undefined)
  }

  names(): readonly string[] {
    return [...this.#unsaid]
  }

  writtenChars(): number {
    return this.#writtenChars
  }

  drain(): readonly Frame[] {
    const frames = this.#frames
    this.#frames = []
    return frames
  }
}
