import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { packReasoning } from '../../canon/reasoning-carrier.ts'
import { PROTOCOL } from './protocol.ts'

/**
 * A `reasoning` item has its text in pieces (`summary[]`, and `content[]` where a model shows its raw reasoning); the canonical form has one
 * text. What the item needs beside text and `encrypted_content` to be made again stands in `details`: one object with its id and the place
 * and length of each piece.
 */
export interface ReasoningWords {
  /** All pieces in their order, a blank line between each two. */
  readonly text: string
  /** `encrypted_content`. */
  readonly signature?: string
  readonly details: readonly JsonValue[]
}

/** One piece of a reasoning item's text. */
export interface ReasoningPiece {
  readonly field: 'summary' | 'content'
  /** Length in UTF-16 units. */
  readonly chars: number
}

/** Stands between two pieces in the canonical text. */
export const BETWEEN_PIECES = '\n\n'

const PIECE_TYPES = { summary: 'summary_text', content: 'reasoning_text' } as const

/** The `details` of an item with these pieces. */
export function detailsOf(id: string | undefined, pieces: readonly ReasoningPiece[]): readonly JsonValue[] {
  const told = pieces.map(({ field, chars }) => ({ field, chars }))
  return [{ ...(id === undefined ? {} : { id }), pieces: told }]
}

/** Reads a whole `reasoning` item. */
export function readReasoningItem(item: JsonObject): ReasoningWords {
  const texts: string[] = []
  const pieces: ReasoningPiece[] = []
  for (const field of ['summary', 'content'] as const) {
    for (const piece of asArray(item[field])) {
      const text = asString(asObject(piece)?.text) ?? ''
      if (text === '') continue
      texts.push(text)
      pieces.push({ field, chars: text.length })
    }
  }
  const signature = asString(item.encrypted_content)
  return {
    text: texts.join(BETWEEN_PIECES),
    ...(signature ? { signature } : {}),
    details: detailsOf(asString(item.id), pieces),
  }
}

/** Packs what a reply's reasoning item needs back into the carrier that goes with its text (see canon/reasoning-carrier.ts). */
export function packReasoningItem(signature: string | undefined, details: readonly JsonValue[]): string {
  return packReasoning({ origin: PROTOCOL, ...(signature ? { signature } : {}), details })
}

/** The item as its provider wrote it. */
export function writeReasoningItem({ text, signature, details }: ReasoningWords): JsonObject {
  const id = idIn(details)
  const parts = splitReasoning(text, details)
  const content = parts.filter(part => part.field === 'content')
  return {
    type: 'reasoning',
    ...(id ? { id } : {}),
    summary: parts.filter(part => part.field === 'summary').map(wirePiece),
    ...(content.length === 0 ? {} : { content: content.map(wirePiece) }),
    ...(signature ? { encrypted_content: signature } : {}),
  }
}

/** The id of the item that had these details. */
export function idIn(details: readonly JsonValue[]): string | undefined {
  return asString(asObject(details[0])?.id)
}

/** A piece with its text. */
export interface ReasoningPart {
  readonly field: ReasoningPiece['field']
  readonly text: string
}

/** The text in its pieces again, in the order they came. A text that no longer has the length of its pieces becomes one piece. */
export function splitReasoning(text: string, details: readonly JsonValue[]): readonly ReasoningPart[] {
  const pieces = piecesIn(asObject(details[0]))
  const gaps = Math.max(0, pieces.length - 1) * BETWEEN_PIECES.length
  const whole = pieces.reduce((sum, piece) => sum + piece.chars, gaps)
  if (whole !== text.length) return text === '' ? [] : [{ field: 'summary', text }]
  let at = 0
  return pieces.map(({ field, chars }) => {
    const from = at
    at += chars + BETWEEN_PIECES.length
    return { field, text: text.slice(from, from + chars) }
  })
}

function piecesIn(detail: JsonObject | undefined): ReasoningPiece[] {
  return asArray(detail?.pieces).flatMap(value => {
    const piece = asObject(value)
    const chars = asNumber(piece?.chars) ?? -1
    return chars < 0 ? [] : [{ field: piece?.field === 'content' ? 'content' : 'summary', chars }]
  })
}

function wirePiece({ field, text }: ReasoningPart): JsonObject {
  return { type: PIECE_TYPES[field], text }
}
