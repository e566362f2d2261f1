import type { JsonValue } from './json-value.ts'

/** JSON text that could not be read, and why. */
export interface JsonFault {
  readonly ok: false
  readonly reason: string
}

export type JsonRead = { readonly ok: true; readonly value: JsonValue } | JsonFault

/** Nesting deeper than this is refused: recursive walks of deeper trees overflow the stack. */
export const JSON_DEPTH_MAX = 64

/** Parses JSON whose nesting is bounded; the depth is counted before anything is built. Never throws. */
export function parseJson(text: string, depthMax = JSON_DEPTH_MAX): JsonRead {
  if (nestsDeeperThan(text, depthMax)) return { ok: false, reason: `nested deeper than ${depthMax} levels` }
  try {
    return { ok: true, value: JSON.parse(text) as JsonValue }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message.slice(0, 200) : 'not JSON' }
  }
}

/** A text with few brackets cannot nest deeply, whatever stands in it, so most are not looked through. */
function nestsDeeperThan(text: string, depthMax: number): boolean {
  if (text.length <= depthMax || countUpTo(text, '{', depthMax) + countUpTo(text, '[', depthMax) <= depthMax)
    return false
  let depth = 0
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = closingQuote(text, at)
      if (at < 0) return false
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > depthMax) return true
    } else if (code === 0x7d || code === 0x5d) depth -= 1
    at += 1
  }
  return false
}

/** How often a sign stands in the text; counting ends behind `most`. */
function countUpTo(text: string, sign: string, most: number): number {
  let count = 0
  for (let at = text.indexOf(sign); at >= 0 && count <= most; at = text.indexOf(sign, at + 1)) count += 1
  return count
}

function closingQuote(text: string, open: number): number {
  let at = open + 1
  for (;;) {
    const close = text.indexOf('"', at)
    if (close < 0) return -1
    let slashes = 0
    while (text.charCodeAt(close - 1 - slashes) === 0x5c && close - 1 - slashes > open) slashes += 1
    if (slashes % 2 === 0) return close
    at = close + 1
  }
}
