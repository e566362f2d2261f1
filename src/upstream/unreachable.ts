import type { Broken } from './incoming.ts'

/** A failure of the connection, in words a person can use. The runtime's own message may hold the URL with a query, so only its code is shown. */
export function unreachable(code: string): Extract<Broken, { type: 'unreachable' }> {
  const why = WORDS[code] ?? (code === '' ? 'the connection failed' : `the connection failed (${code.slice(0, 60)})`)
  return { type: 'unreachable', why }
}

/** The code of whatever was thrown; empty if it has none. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}

/** The code of a connection that the other side closed in order. */
export const CLOSED = 'ConnectionClosed'

const WORDS: Readonly<Record<string, string>> = {
  ConnectionRefused: 'the connection was refused: nothing listens at that address',
  ECONNREFUSED: 'the connection was refused: nothing listens at that address',
  [CLOSED]: 'the connection was closed by the other side',
  ECONNRESET: 'the connection was reset by the other side',
  EPIPE: 'the connection was closed by the other side',
  FailedToOpenSocket: 'no connection could be opened: the name or address cannot be reached',
  EHOSTUNREACH: 'no connection could be opened: the name or address cannot be reached',
  ENETUNREACH: 'no connection could be opened: the name or address cannot be reached',
  ETIMEDOUT: 'no connection could be opened: the name or address cannot be reached',
  ENOTFOUND: 'the host name does not exist',
  DNSException: 'the host name could not be looked up',
  EAI_AGAIN: 'the host name could not be looked up',
  CERT_HAS_EXPIRED: 'the TLS certificate has expired',
  CERT_NOT_YET_VALID: 'the TLS certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the TLS certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the TLS certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the TLS certificate could not be verified',
  CERT_SIGNATURE_FAILURE: 'the TLS certificate could not be verified',
  UNABLE_TO_GET_ISSUER_CERT: 'the TLS certificate could not be verified',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the TLS certificate could not be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the TLS certificate belongs to another name',
}

/** Codes of connections that could still have carried something before they were lost. */
const MAYBE_SENT: ReadonlySet<string> = new Set([
  CLOSED,
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** True if nothing of a request can have gone out over a connection that failed with this code: it never stood, or its certificate was refused. */
export function isNeverSent(code: string): boolean {
  return WORDS[code] !== undefined && !MAYBE_SENT.has(code)
}
