/** A part of an advice: words, or a command to be typed. */
export interface AdvicePart {
  readonly text: string
  readonly isCommand: boolean
}

/** Programs an advice may name. A command stands at the beginning or behind a colon, and ends with its sentence. */
const COMMAND = /(?<=^|: )(?:candor|chmod|sqlite3|timedatectl|ps) \S.*?(?=\.? [A-Z]|\.?$)/g

/** An advice cut into words and commands, in order; together they are the whole text. */
export function partsOf(advice: string): readonly AdvicePart[] {
  const parts: AdvicePart[] = []
  let from = 0
  for (const { index, 0: text } of advice.matchAll(COMMAND)) {
    if (index > from) parts.push({ text: advice.slice(from, index), isCommand: false })
    parts.push({ text, isCommand: true })
    from = index + text.length
  }
  return from < advice.length ? [...parts, { text: advice.slice(from), isCommand: false }] : parts
}
