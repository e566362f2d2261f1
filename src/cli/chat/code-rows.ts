import { drawMarkdown, harmless, sliceColumns, widthOf, withoutStyles } from '../terminal-text.ts'
import { standAlone } from './ansi-rows.ts'

/** Code between two fences, as rows of a terminal: one a line, whatever its length, so that it can be copied. */
export interface CodeRows {
  /** The row of the first fence, and that of the last. */
  readonly head: string
  readonly foot: string
  /** The row of the next line as it would be. */
  peek(line: string): string
  /** The row of the next line, which is then above the others. */
  add(line: string): string
}

/** Lines of code looked at to colour the next one. */
const CODE_CONTEXT_LINES = 40

/** Begins the code behind a fence with this info text. `margin`: what stands left of it. */
export function openCode(info: string, margin: string, colors: boolean): CodeRows {
  const above: string[] = []
  const fence = (text: string) => margin + (colors ? `\x1b[2m\`\`\`${text}\x1b[0m` : `\`\`\`${text}`)
  const language = harmless(info.split(/\s/)[0] ?? '')
  const peek = (line: string) =>
    margin + (colors && language !== '' ? highlighted(language, above, line) : harmless(line))
  return {
    head: fence(harmless(info)),
    foot: fence(''),
    peek,
    add(line) {
      const row = peek(line)
      above.push(line)
      if (above.length > CODE_CONTEXT_LINES) above.shift()
      return row
    },
  }
}

/** Columns of the line that is drawn left of code. */
const GUTTER_COLUMNS = 2

/** The line in the colours it has below the lines above it; as it is, where they cannot be told. */
function highlighted(language: string, above: readonly string[], line: string): string {
  const shown = harmless(line)
  const text = harmless([...above, line].join('\n'))
  // A tab would be drawn as spaces, which are not the same to whoever copies them.
  if (shown.includes('\t') || text.includes('```')) return shown
  const drawn = drawMarkdown(`\`\`\`${language}\n${text}\n\`\`\``, 0, true)
  const row = standAlone(drawn.trimEnd().split('\n')).at(-2) ?? ''
  const colored = sliceColumns(row, GUTTER_COLUMNS, widthOf(row))
  return withoutStyles(colored).trimEnd() === shown.trimEnd() ? colored : shown
}
