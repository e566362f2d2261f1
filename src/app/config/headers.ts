import { redactHeader } from '../../base/redact.ts'

/** Why a header cannot be set, and what to do. Never holds the value. */
export interface HeaderFault {
  readonly message: string
  readonly expected: string
  readonly fix?: string
}

/** RFC 9110 §5.6.2: the characters of a token, which a field name is. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const NAME_CHARS_MAX = 128
const VALUE_CHARS_MAX = 8_192

/**
 * Headers that belong to one connection or to the framing of one message (RFC 9110 §7.6.1, RFC 9112 §6): Candor's HTTP client writes them,
 * and a second opinion on them is how requests are smuggled.
 */
const FORBIDDEN: Readonly<Record<string, string>> = {
  connection: 'it belongs to one connection',
  'content-encoding': 'it says how the body is packed, and Candor does not pack it',
  'content-length': 'it frames the body',
  expect: 'it changes how the body is sent',
  host: 'it follows from baseUrl',
  'http2-settings': 'it belongs to one connection',
  'keep-alive': 'it belongs to one connection',
  'proxy-authorization': 'it belongs to one connection',
  'proxy-connection': 'it belongs to one connection',
  te: 'it belongs to one connection',
  trailer: 'it frames the body',
  'transfer-encoding': 'it frames the body',
  upgrade: 'it belongs to one connection',
}

/** Checks a header's name. */
export function checkHeaderName(name: string): HeaderFault | undefined {
  if (!TOKEN.test(name) || name.length > NAME_CHARS_MAX)
    return {
      message: `${JSON.stringify(name.slice(0, 60))} is not a header name.`,
      expected: `letters, digits and !#$%&'*+-.^_\`|~, at most ${NAME_CHARS_MAX}`,
    }
  const reason = Object.hasOwn(FORBIDDEN, name.toLowerCase()) ? FORBIDDEN[name.toLowerCase()] : undefined
  if (reason === undefined) return undefined
  return {
    message: `The header "${name}" cannot be set: ${reason}.`,
    expected: 'a header that is not about the connection or the framing',
    fix: 'Remove it.',
  }
}

/** Checks a header's value as it will be sent. Visible ASCII, with space and tab inside: what every client and server agrees on. */
export function checkHeaderValue(name: string, value: string): HeaderFault | undefined {
  const expected = 'printable ASCII without line breaks'
  if (/[\r\n\0]/.test(value))
    return {
      message: `The value of "${name}" holds a line break or NUL.`,
      expected,
      fix: 'A header is one line: take it out.',
    }
  if (/[^\t\x20-\x7e]/.test(value))
    return { message: `The value of "${name}" holds characters that a header cannot carry.`, expected }
  if (value !== value.trim())
    return {
      message: `The value of "${name}" begins or ends with a space, which would not be sent.`,
      expected: 'no space at either end',
    }
  if (value.length > VALUE_CHARS_MAX)
    return { message: `The value of "${name}" is too long.`, expected: `at most ${VALUE_CHARS_MAX} characters` }
  return undefined
}

/** True for headers that carry a credential: they work, but a key belongs in `apiKey`, where it is bound to its origin and never shown. */
export function isCredentialHeader(name: string): boolean {
  return redactHeader(name, '') !== ''
}
