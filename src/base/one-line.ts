import { quoteText } from './redact.ts'

/** A text somebody else wrote, harmless and on one line, cut to a number of characters. */
export function oneLine(text: string, charsMax = 200): string {
  return quoteText(text.replace(/\s+/g, ' ').trim(), charsMax)
}
