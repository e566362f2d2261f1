/** A request as it came over the socket. */
export interface ReceivedRequest {
  readonly method: string
  readonly version: 'HTTP/1.0' | 'HTTP/1.1'
  /** Path without the query, not decoded. */
  readonly path: string
  /** What stands behind `?`, or an empty text. */
  readonly query: string
  /** Names as the client spelled them, in arrival order; a repeated header stands there repeatedly. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** Bytes that are not a request this reader takes; the connection must be closed. */
export interface ReadFault {
  readonly status: number
  readonly reason: string
}

/** Reads requests from one connection, however the bytes are split. */
export interface HttpReader {
  /** False if more is held than one whole request and as much again: then nobody reads what the client sends. */
  push(bytes: Buffer): boolean
  /** The next whole request, or a fault, or undefined while bytes are missing. */
  next(): ReceivedRequest | ReadFault | undefined
  /** True once, when a client waits for `100 Continue` before it sends the body. */
  wantsContinue(): boolean
}

/** Largest request head taken, in bytes. */
const HEAD_BYTES_MAX = 256 * 1024
/** Largest request body taken, in bytes: more than any simulated provider allows, so that the provider's own limit answers. */
const BODY_BYTES_MAX = 64 * 1024 * 1024

const HEAD_END = '\r\n\r\n'

interface Head {
  readonly method: string
  readonly version: ReceivedRequest['version']
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly bytes: number
  readonly bodyBytes: number | 'chunked'
}

/** A reader for HTTP/1.1 requests with a counted or chunked body. */
export function openHttpReader(): HttpReader {
  let held: Buffer[] = []
  let heldBytes = 0
  let head: Head | undefined
  let continueOwed = false

  function all(): Buffer {
    const [only] = held
    if (held.length === 1 && only !== undefined) return only
    const joined = Buffer.concat(held, heldBytes)
    held = [joined]
    return joined
  }

  function drop(bytes: number): void {
    const rest = all().subarray(bytes)
    held = rest.length === 0 ? [] : [rest]
    heldBytes = rest.length
    head = undefined
    continueOwed = false
  }

  function finish(found: Head, body: string, bytes: number): ReceivedRequest {
    drop(bytes)
    const mark = found.target.indexOf('?')
    return {
      method: found.method,
      version: found.version,
      path: mark < 0 ? found.target : found.target.slice(0, mark),
      query: mark < 0 ? '' : found.target.slice(mark + 1),
      headers: found.headers,
      body,
    }
  }

  function next(): ReceivedRequest | ReadFault | undefined {
    if (heldBytes === 0) return undefined
    if (head === undefined) {
      const read = readHead(all())
      if (read === undefined || 'status' in read) return read
      head = read
      continueOwed = headerOf(read.headers, 'expect')?.toLowerCase() === '100-continue'
    }
    if (head.bodyBytes === 'chunked') {
      const read = readChunks(all(), head.bytes)
      if (read === undefined || 'status' in read) return read
      return finish(head, read.text, read.end)
    }
    const end = head.bytes + head.bodyBytes
    if (heldBytes < end) return undefined
    return finish(head, all().toString('utf8', head.bytes, end), end)
  }

  return {
    push(bytes) {
      held.push(bytes)
      heldBytes += bytes.length
      return heldBytes <= 2 * (HEAD_BYTES_MAX + BODY_BYTES_MAX)
    },
    next,
    wantsContinue() {
      const owed = continueOwed
      continueOwed = false
      return owed
    },
  }
}

/** The first header of that name, without regard to case. */
export function headerOf(headers: readonly (readonly [string, string])[], name: string): string | undefined {
  for (const [key, value] of headers) if (key.length === name.length && key.toLowerCase() === name) return value
  return undefined
}

function readHead(bytes: Buffer): Head | ReadFault | undefined {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0) {
    return bytes.length > HEAD_BYTES_MAX ? { status: 431, reason: 'the request head is too large' } : undefined
  }
  const lines = bytes.toString('latin1', 0, end).split('\r\n')
  const [method, target, version] = (lines[0] ?? '').split(' ')
  if (method === undefined || target === undefined || !(version === 'HTTP/1.1' || version === 'HTTP/1.0')) {
    return { status: 400, reason: 'not an HTTP/1 request' }
  }
  const headers: [string, string][] = []
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const colon = line.indexOf(':')
    if (colon <= 0) return { status: 400, reason: 'a header line without a name' }
    headers.push([line.slice(0, colon), line.slice(colon + 1).trim()])
  }
  const bodyBytes = bodyLength(headers)
  return typeof bodyBytes === 'object'
    ? bodyBytes
    : { method, version, target, headers, bytes: end + HEAD_END.length, bodyBytes }
}

function bodyLength(headers: readonly (readonly [string, string])[]): number | 'chunked' | ReadFault {
  const coding = headerOf(headers, 'transfer-encoding')
  const length = headerOf(headers, 'content-length')
  if (coding !== undefined) {
    if (coding.toLowerCase() === 'chunked' && length === undefined) return 'chunked'
    return { status: 400, reason: 'a transfer encoding other than chunked alone' }
  }
  if (length === undefined) return 0
  if (!/^\d{1,15}$/.test(length)) return { status: 400, reason: 'a content length that is not a number' }
  return Number(length) > BODY_BYTES_MAX ? { status: 413, reason: 'the request body is too large' } : Number(length)
}

function readChunks(bytes: Buffer, from: number): { text: string; end: number } | ReadFault | undefined {
  const parts: Buffer[] = []
  let total = 0
  let at = from
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (Number.isNaN(size)) return { status: 400, reason: 'a chunk without a size' }
    total += size
    if (total > BODY_BYTES_MAX) return { status: 413, reason: 'the request body is too large' }
    const dataEnd = lineEnd + 2 + size
    if (bytes.length < dataEnd + 2) return undefined
    if (size === 0) return { text: Buffer.concat(parts).toString('utf8'), end: dataEnd + 2 }
    parts.push(bytes.subarray(lineEnd + 2, dataEnd))
    at = dataEnd + 2
  }
}
