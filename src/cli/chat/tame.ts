import { harmless } from '../terminal-text.ts'

/** Marks that turn the direction of writing, and so can make a text look like another one: https://www.unicode.org/reports/tr9/ */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** A text a model wrote, harmless on a terminal: control characters and turns of direction are written out. */
export function tame(text: string): string {
  return harmless(text).replace(TURNS, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Takes out the turns of direction that Markdown has made of an entity. */
export function withoutTurns(text: string): string {
  return text.replace(TURNS, '')
}
