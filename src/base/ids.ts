import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const RANDOM_CHARS = 14

/** Random characters are drawn in blocks: one system call serves many ids. */
const BLOCK_CHARS = 64 * RANDOM_CHARS
let block = ''
let used = 0

function randomPart(): string {
  if (used >= block.length) {
    block = Array.from(randomBytes(BLOCK_CHARS), byte => ALPHABET[byte & 31]).join('')
    used = 0
  }
  const part = block.slice(used, used + RANDOM_CHARS)
  used += RANDOM_CHARS
  return part
}

/**
 * A new id such as `req_01kb3w9f6m…`: a prefix, 10 characters of time (milliseconds, so ids sort by age) and 70 random bits.
 */
export function newId(prefix: string, nowMs: number): string {
  return `${firstIdAt(prefix, nowMs)}${randomPart()}`
}

/** What every id made at that time or later sorts at or behind: a time asked for becomes a range of ids. */
export function firstIdAt(prefix: string, atMs: number): string {
  return `${prefix}_${timePart(Math.max(0, Math.floor(atMs)))}`
}

/** Many ids are made in the same millisecond. */
let lastMs = -1
let lastPart = ''

function timePart(ms: number): string {
  if (ms === lastMs) return lastPart
  let part = ''
  let rest = ms
  for (let i = 0; i < 10; i += 1) {
    part = (ALPHABET[rest % 32] ?? '0') + part
    rest = Math.floor(rest / 32)
  }
  lastMs = ms
  lastPart = part
  return part
}

/** When an id was made, milliseconds since 1970; undefined if it has not the shape of an id. Also of the beginning of one, as `firstIdAt` gives it. */
export function timeOfId(id: string): number | undefined {
  const part = /^[a-z]+_([0-9a-z]{10})/.exec(id)?.[1]
  if (part === undefined) return undefined
  let ms = 0
  for (const char of part) {
    const digit = ALPHABET.indexOf(char)
    if (digit < 0) return undefined
    ms = ms * 32 + digit
  }
  return ms
}

/** 256 random bits as text. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** True if the text has the shape of an id made here with that prefix. */
export function isId(text: string, prefix: string): boolean {
  return text.length === prefix.length + 25 && text.startsWith(`${prefix}_`) && /^[0-9a-z_]+$/.test(text)
}
