import { remember } from '../base/remember.ts'
import type { Outgoing } from './incoming.ts'

/** Where requests of one origin go. */
export interface Address {
  /** As `URL.origin` writes it. */
  readonly origin: string
  readonly secure: boolean
  /** A name or an IP address; IPv6 without brackets. */
  readonly hostname: string
  readonly port: number
  /** The `Host` header: the port only where it is not the scheme's own (RFC 9110 §7.2). */
  readonly host: string
}

/** The address of an http or https origin. */
export function addressOf(origin: URL): Address {
  const secure = origin.protocol === 'https:'
  return {
    origin: origin.origin,
    secure,
    hostname: origin.hostname.replace(/^\[|\]$/g, ''),
    port: origin.port === '' ? (secure ? 443 : 80) : Number(origin.port),
    host: origin.host,
  }
}

/** Largest body that leaves in one write with the head: copying it costs less than a second write. */
const JOINED_BYTES_MAX = 64 * 1024

/** Headers about the connection and the framing: they are written here, and a second opinion on them is how requests are smuggled. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** RFC 9110 §5.5: no control characters but the tab, and nothing one byte cannot carry. */
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/
/** Paths that a URL parser gives back as they are. Others go through it: it escapes what must be, and takes `.` and `..` out. */
const PLAIN_PATH = /^(?:\/(?!\.|%2[eE])[A-Za-z0-9\-._~!$&()*+,;=:@%]*)+(?:\?[A-Za-z0-9\-._~!$&()*+,;=:@%/?]*)?$/

/**
 * The request as bytes to write one after the other; undefined if a header cannot be sent as it is. Nothing of it may end a line that is not
 * its own: whoever filled the headers has checked that, and here it is checked again.
 */
export function requestBytes(out: Outgoing, address: Address): Uint8Array[] | undefined {
  const method = out.method ?? 'POST'
  let head = `${method} ${targetOf(out.url)} HTTP/1.1\r\nhost: ${address.host}\r\nconnection: keep-alive\r\n`
  for (const name in out.headers) {
    const value = out.headers[name] ?? ''
    const begin = lineBegin(name)
    if (begin === NOT_A_NAME || UNSENDABLE.test(value)) return undefined
    if (begin !== '') head += `${begin}${value}\r\n`
  }
  if (method === 'GET') return [Buffer.from(`${head}\r\n`, 'latin1')]
  const { body } = out
  head += `content-length: ${body.length}\r\n\r\n`
  if (body.length > JOINED_BYTES_MAX) return [Buffer.from(head, 'latin1'), body]
  const bytes = Buffer.allocUnsafe(head.length + body.length)
  bytes.write(head, 0, 'latin1')
  bytes.set(body, head.length)
  return [bytes]
}

const NOT_A_NAME = '\n'

/** How a header's line begins: nothing for those that are left out, {@link NOT_A_NAME} for what cannot be sent. */
const lineBegin = remember(name => {
  if (!TOKEN.test(name)) return NOT_A_NAME
  return OWN_HEADERS.has(name.toLowerCase()) ? '' : `${name}: `
})

/** Path and query of a URL, escaped as they go on the wire. */
const targetOf = remember(url => {
  const path = url.slice(url.indexOf('/', url.indexOf('://') + 3))
  if (PLAIN_PATH.test(path)) return path
  const { pathname, search } = new URL(url)
  return pathname + search
})
