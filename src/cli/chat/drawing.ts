import { type Printer, wantsColor } from '../print.ts'
import type { Shell } from '../shell.ts'
import { drawMarkdown, harmless } from '../terminal-text.ts'
import { openBlockReader } from './blocks.ts'

/** Shows an answer while it comes. */
export interface Drawing {
  text(piece: string): void
  reasoning(piece: string): void
  /** Shows what is still held back, and ends the last line. */
  finish(): void
}

/** For a program that reads: the text as it came, and no reasoning. */
export function rawDrawing(print: Printer): Drawing {
  let last = '\n'
  return {
    text(piece) {
      print.raw(piece)
      last = piece.at(-1) ?? last
    },
    reasoning() {},
    finish() {
      if (last !== '\n') print.raw('\n')
      last = '\n'
    },
  }
}

/** Shows nothing: the answer is printed as a whole afterwards. */
export const silentDrawing: Drawing = { text() {}, reasoning() {}, finish() {} }

/** Drawn text is easier to read when its lines are not too long. */
const TEXT_COLUMNS_MAX = 100

/** For a person: reasoning dimmed as it comes, the answer as drawn Markdown, block by block. */
export function terminalDrawing(print: Printer, shell: Shell, showReasoning: () => boolean): Drawing {
  const blocks = openBlockReader()
  const colors = wantsColor(shell.env, shell.stdout)
  let thinking = false
  let drawn = 0

  function draw(ready: readonly string[]): void {
    for (const block of ready) {
      const columns = Math.min(TEXT_COLUMNS_MAX, shell.stdout.columns)
      print.raw(`${drawn > 0 ? '\n' : ''}${drawMarkdown(block, columns, colors).trimEnd()}\n`)
      drawn += 1
    }
  }

  function endThinking(): void {
    if (thinking) print.raw('\n\n')
    thinking = false
  }

  return {
    reasoning(piece) {
      if (!showReasoning()) return
      thinking = true
      print.raw(print.paint('dim', harmless(piece)))
    },
    text(piece) {
      endThinking()
      draw(blocks.push(piece))
    },
    finish() {
      endThinking()
      draw(blocks.finish())
    },
  }
}
