import type { ReplyHeaders } from './incoming.ts'

/** The header lines of one head. */
export class HeaderLines implements ReplyHeaders {
  readonly #lines = new Map<string, string>()

  /** Adds a line; its name is in lower case already. */
  add(name: string, value: string): void {
    const before = this.#lines.get(name)
    this.#lines.set(name, before === undefined ? value : `${before}, ${value}`)
  }

  get(name: string): string | null {
    return this.#lines.get(name) ?? null
  }

  forEach(visit: (value: string, name: string) => void): void {
    this.#lines.forEach(visit)
  }
}

/** What the head of an answer says about itself and the bytes behind it. */
export interface ReplyHead {
  readonly status: number
  readonly headers: HeaderLines
  /** How the body ends: after so many bytes (0 where there is none), by its own framing, or with the connection. */
  readonly body: number | 'chunked' | 'until close'
  /** Whether the connection may serve another request once the body is over. */
  readonly keepAlive: boolean
  /** How long the other side keeps an idle connection, in milliseconds, where it told. */
  readonly keepAliveMs: number | undefined
}

/** Largest head taken, in bytes, and most header lines in it. Real providers send less than 8 KiB and 60 lines. */
export const HEAD_BYTES_MAX = 64 * 1024
const HEADER_LINES_MAX = 256

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\0-\x08\x0a-\x1f\x7f]*)?$/

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const COLON = 0x3a
const DEL = 0x7f

/** By character code: 1 for the characters of a field name (RFC 9110 §5.6.2). */
const IS_NAME = Uint8Array.from({ length: 256 }, (_, code) =>
  /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(code)) ? 1 : 0,
)

/** What of the headers decides where the body ends and whether the connection may be used again. */
interface Framing {
  length: string | undefined
  coding: string | undefined
  connection: string
  keepAlive: string | undefined
}

/**
 * Reads the head of an answer, without the empty line at its end, as latin1 text. Strict where a lenient reader and its neighbour could see
 * different messages in the same bytes (RFC 9112 §11.2): gives the reason in words instead.
 */
export function parseHead(text: string): ReplyHead | string {
  const firstEnd = text.indexOf('\r\n')
  const line = readStatusLine(firstEnd < 0 ? text : text.slice(0, firstEnd))
  if (line === undefined) return 'it does not begin with an HTTP/1.1 status line'
  const headers = new HeaderLines()
  const framing: Framing = { length: undefined, coding: undefined, connection: '', keepAlive: undefined }
  let at = firstEnd < 0 ? text.length : firstEnd + 2
  for (let lines = 0; at < text.length; lines += 1) {
    if (lines === HEADER_LINES_MAX) return `its head has more than ${HEADER_LINES_MAX} lines`
    const colon = endOfName(text, at)
    // A space before the colon, and a line that continues the one before (obs-fold), fail here too.
    if (colon === at || text.charCodeAt(colon) !== COLON) return 'a header has no proper name'
    const end = endOfValue(text, colon + 1)
    if (end < 0) return 'a header holds control characters or lone line breaks'
    const name = text.slice(at, colon).toLowerCase()
    const value = withoutSpaces(text, colon + 1, end)
    headers.add(name, value)
    const fault = note(framing, name, value)
    if (fault !== undefined) return fault
    at = end + 2
  }
  return conclude(line.status, line.isNewer, headers, framing)
}

interface StatusLine {
  readonly status: number
  /** HTTP/1.1, not 1.0. */
  readonly isNewer: boolean
}

/** Nearly every answer begins so, and then no pattern is needed. */
const OK_LINE = 'HTTP/1.1 200 OK'
const OK: StatusLine = { status: 200, isNewer: true }

function readStatusLine(line: string): StatusLine | undefined {
  if (line === OK_LINE) return OK
  const found = STATUS_LINE.exec(line)
  return found === null ? undefined : { status: Number(found[2]), isNewer: found[1] === '1' }
}

function endOfName(text: string, from: number): number {
  let at = from
  while (IS_NAME[text.charCodeAt(at)] === 1) at += 1
  return at
}

/** Where the line ends; -1 if something stands in it that must not. */
function endOfValue(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === CR && text.charCodeAt(at + 1) === LF) return at
    if ((code < SPACE && code !== TAB) || code === DEL) return -1
  }
  return text.length
}

function withoutSpaces(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isSpace(text.charCodeAt(start))) start += 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB
}

/** Keeps what a header says about framing; a reason if it contradicts an earlier one. */
function note(framing: Framing, name: string, value: string): string | undefined {
  switch (name) {
    case 'content-length':
      if (framing.length !== undefined && framing.length !== value) return 'it announces two different lengths'
      framing.length = value
      return undefined
    case 'transfer-encoding':
      framing.coding = framing.coding === undefined ? value : `${framing.coding}, ${value}`
      return undefined
    case 'connection':
      framing.connection += `,${value.toLowerCase()}`
      return undefined
    case 'keep-alive':
      framing.keepAlive = value
      return undefined
    default:
      return undefined
  }
}

/** Where the body ends: RFC 9112 §6.3, without its lenient branches. */
function conclude(status: number, isNewer: boolean, headers: HeaderLines, framing: Framing): ReplyHead | string {
  const body = bodyOf(status, isNewer, framing)
  if (typeof body === 'string' && body !== 'chunked' && body !== 'until close') return body
  const kept = hasOption(framing, 'keep-alive') || isNewer
  return {
    status,
    headers,
    body,
    keepAlive: kept && body !== 'until close' && !hasOption(framing, 'close'),
    keepAliveMs: keepAliveMs(framing),
  }
}

/** Whether `Connection` has this option. */
function hasOption({ connection }: Framing, option: string): boolean {
  return connection !== '' && connection.split(',').some(each => each.trim() === option)
}

function keepAliveMs({ keepAlive }: Framing): number | undefined {
  const seconds =
    keepAlive === undefined ? undefined : /(?:^|[,;\s])timeout=(\d{1,6})(?:$|[,;\s])/i.exec(keepAlive)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}

function bodyOf(status: number, isNewer: boolean, { coding, length }: Framing): ReplyHead['body'] | string {
  if (coding !== undefined && length !== undefined) return 'it announces a length beside a transfer coding'
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return 'its transfer coding is not chunked alone'
  if (coding !== undefined && !isNewer) return 'it has a transfer coding, which HTTP/1.0 does not know'
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return 'the length it announces is not a number'
  if (status < 200 || status === 204 || status === 304) return 0
  if (coding !== undefined) return 'chunked'
  return length === undefined ? 'until close' : Number(length)
}
