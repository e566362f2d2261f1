import { remember } from './remember.ts'

const MASK = '••••'

/** What a key begins behind: anything but a letter or digit, the escape of a URL, or one of JSON, which may end in a letter (`\nsk-…`). */
const BEFORE = String.raw`(?<=^|[^A-Za-z0-9]|%[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4})`

/**
 * Shapes of keys that providers, Candor and code hosts hand out; a second net under the `Secret` type, for text others wrote. Behind `_` a key
 * begins as well as behind a space.
 */
const SHAPES =
  'sk-[A-Za-z0-9_-]{12,}|cnd_[A-Za-z0-9_-]{8,}|gsk_[A-Za-z0-9]{12,}|xai-[A-Za-z0-9-]{12,}|hf_[A-Za-z0-9]{12,}|nvapi-[A-Za-z0-9_-]{12,}|csk-[A-Za-z0-9]{12,}|tgp_v1_[A-Za-z0-9_-]{8,}|tp-[A-Za-z0-9]{16,}|fw_[A-Za-z0-9]{12,}|AIza[A-Za-z0-9_-]{16,}|gh[opsu]_[A-Za-z0-9]{12,}|github_pat_\\w{12,}|pplx-[A-Za-z0-9]{12,}|r8_[A-Za-z0-9]{12,}|AKIA[A-Z0-9]{12,}|ya29\\.[\\w-]{12,}|Bearer\\s+[A-Za-z0-9._~+/=-]{8,}'

/** Of a token of OpenID (RFC 7519), which is one only if a dot and a second part follow. */
const TOKEN = '(eyJ[\\w-]{10,})(\\.[\\w-]{10,}(?:\\.[\\w-]*)?)?'

const KEY_SHAPES = new RegExp(`${BEFORE}(?:${SHAPES})`, 'g')
const KEY_OR_TOKEN_SHAPES = new RegExp(`${BEFORE}(?:${SHAPES}|${TOKEN})`, 'g')

/** Header names whose value is never shown. */
const SECRET_HEADERS =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|.*(?:api[-_]?key|token|secret|password).*)$/i

/** Masks anything that looks like a key in a text somebody else wrote. */
export function redactText(text: string): string {
  return text.replace(KEY_OR_TOKEN_SHAPES, (_found, first?: string, rest?: string) =>
    // The beginning of a token is taken whole even where it is none: looked for again from each `eyJ` in it, a long one would take minutes.
    first === undefined || rest !== undefined ? MASK : first.replace(KEY_SHAPES, MASK),
  )
}

const isSecretHeader = remember(name => (SECRET_HEADERS.test(name) ? 'secret' : ''))
const redactValue = remember(redactText)

/** The value to show for a header: masked where the name says it is secret, else with key shapes removed. */
export function redactHeader(name: string, value: string): string {
  return isSecretHeader(name) === '' ? redactValue(value) : MASK
}

/**
 * Bounded and harmless on a terminal and in a log: control characters become `\xNN`, breaks of lines and turns of the direction of writing, which can
 * make a text look like another one (https://www.unicode.org/reports/tr9/), `\uNNNN`, and a text over the limit ends in `…`.
 * Used for every word a provider or a client wrote that we show again.
 */
export function quoteText(text: string, charsMax: number): string {
  const escaped = text
    .slice(0, charsMax + 1)
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, writtenOut)
  return escaped.length > charsMax ? `${escaped.slice(0, charsMax - 1)}…` : escaped
}

function writtenOut(char: string): string {
  const hex = char.charCodeAt(0).toString(16)
  return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`
}
