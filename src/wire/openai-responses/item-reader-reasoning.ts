import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { tellUnknown } from '../reply-outlet.ts'
import { type ItemReader, type SpokenBlock, startSpoken } from './item-reader.ts'
import { BETWEEN_PIECES, detailsOf, packReasoningItem, type ReasoningPiece } from './item-reasoning.ts'
import type { Outlet } from './stream-outlet.ts'

type Field = ReasoningPiece['field']

const ITEM_KNOWN = new Set(['type', 'id', 'status', 'summary', 'content', 'encrypted_content'])

/** Events with text of a reasoning item: whose piece it is, where the text stands, and whether it is the whole piece. */
const TEXTS: ReadonlyMap<string, { readonly field: Field; readonly at: 'delta' | 'text' | 'part' }> = new Map([
  ['response.reasoning_summary_part.added', { field: 'summary', at: 'part' }],
  ['response.reasoning_summary_text.delta', { field: 'summary', at: 'delta' }],
  ['response.reasoning_summary_text.done', { field: 'summary', at: 'text' }],
  ['response.reasoning_summary_part.done', { field: 'summary', at: 'part' }],
  ['response.content_part.added', { field: 'content', at: 'part' }],
  ['response.reasoning_text.delta', { field: 'content', at: 'delta' }],
  ['response.reasoning_text.done', { field: 'content', at: 'text' }],
  ['response.content_part.done', { field: 'content', at: 'part' }],
])

interface Piece {
  readonly field: Field
  readonly place: number
  said: string
}

/** Opens the reader of a `reasoning` item: one block, whatever its pieces, with a carrier of all the item needs to be given back. */
export function openReasoningReader(item: JsonObject, outlet: Outlet): ItemReader {
  return new ReasoningReader(item, outlet)
}

class ReasoningReader implements ItemReader {
  readonly type = 'reasoning'
  readonly #outlet: Outlet
  readonly #block: SpokenBlock
  readonly #pieces: Piece[] = []
  #id: string | undefined

  constructor(item: JsonObject, outlet: Outlet) {
    this.#outlet = outlet
    this.#id = asString(item.id)
    this.#block = startSpoken({ type: 'reasoning' }, outlet)
  }

  id(): string | undefined {
    return this.#id
  }

  done(): boolean {
    return !this.#block.open()
  }

  take(event: string, data: JsonObject): boolean {
    const row = TEXTS.get(event)
    if (row === undefined) return false
    const place = asNumber(row.field === 'summary' ? data.summary_index : data.content_index) ?? 0
    if (row.at === 'delta') this.#say(row.field, place, asString(data.delta) ?? '')
    else this.#complete(row.field, place, asString(row.at === 'text' ? data.text : asObject(data.part)?.text) ?? '')
    return true
  }

  /** Only the finished item's `encrypted_content` is whole; the one it began with is another. */
  finish(item: JsonObject): void {
    if (this.done()) return
    this.#id = asString(item.id) ?? this.#id
    this.#finishField('summary', asArray(item.summary))
    this.#finishField('content', asArray(item.content))
    const pieces = this.#pieces.map(({ field, said }) => ({ field, chars: said.length }))
    const signature = packReasoningItem(asString(item.encrypted_content), detailsOf(this.#id, pieces))
    this.#outlet.delta(this.#block.index, { type: 'signature', signature })
    this.#block.close()
    tellUnknown(item, ITEM_KNOWN, this.type, this.#outlet)
  }

  #finishField(field: Field, values: readonly JsonValue[]): void {
    for (const [place, value] of values.entries()) this.#complete(field, place, asString(asObject(value)?.text) ?? '')
  }

  #complete(field: Field, place: number, whole: string): void {
    const last = this.#pieces.at(-1)
    const known = this.#pieces.find(piece => piece.field === field && piece.place === place)
    if (known === undefined) this.#say(field, place, whole)
    else if (known === last && whole.startsWith(known.said)) this.#say(field, place, whole.slice(known.said.length))
  }

  #say(field: Field, place: number, text: string): void {
    if (text === '' || this.done()) return
    let piece = this.#pieces.at(-1)
    if (piece?.field !== field || piece.place !== place) {
      if (piece !== undefined) this.#block.say(BETWEEN_PIECES)
      piece = { field, place, said: '' }
      this.#pieces.push(piece)
    }
    piece.said += text
    this.#block.say(text)
  }
}
