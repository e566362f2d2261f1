import { redactText } from '../../base/redact.ts'

const CHARS_MAX = 60
const DIGITS_MAX = 4

/**
 * True for text that may be shown wherever it stands. In a file that is not JSON5 nothing is sure to be what it seems: one quotation mark too
 * many turns texts into words and words into texts, so a key may stand anywhere. Keys are long and full of digits; names are neither.
 */
export function isPlainWord(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  return text.length <= CHARS_MAX && digits <= DIGITS_MAX && !holdsCredential(text)
}

/** True for text that looks like a key, or like a URL with a password or a query. */
export function holdsCredential(text: string): boolean {
  return redactText(text) !== text || /\/\/[^/]*@|[?&][^=&]+=/.test(text)
}
