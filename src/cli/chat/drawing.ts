import { showCount } from '../amounts.ts'
import { type Printer, wantsColor } from '../print.ts'
import type { Shell } from '../shell.ts'
import { harmless, wrap } from '../terminal-text.ts'
import { cutRow, wrapRow } from './ansi-rows.ts'
import { openMarkdown } from './markdown-stream.ts'
import { openRegion } from './region.ts'

/** Shows an answer while it comes. */
export interface Drawing {
  text(piece: string): void
  reasoning(piece: string): void
  /** Shows what is still held back, and ends the last line. */
  finish(): void
}

/** For a program that reads: the text as it came, and no reasoning. */
export function rawDrawing(print: Printer): Drawing {
  return streamed(print, text => text)
}

/** For a person at a terminal without cursor movements, or who wants no Markdown drawn: the text as it comes, made harmless. */
export function plainDrawing(print: Printer): Drawing {
  return streamed(print, harmless)
}

function streamed(print: Printer, shape: (text: string) => string): Drawing {
  let last = '\n'
  let held = ''
  const write = (text: string) => {
    if (text === '') return
    print.raw(shape(text))
    last = text.at(-1) ?? last
  }
  return {
    text(piece) {
      // A carriage return may be the first half of a line's end.
      const text = held + piece
      held = text.endsWith('\r') ? '\r' : ''
      write(text.slice(0, text.length - held.length))
    },
    reasoning() {},
    finish() {
      write(held)
      held = ''
      if (last !== '\n') print.raw('\n')
      last = '\n'
    },
  }
}

/** Shows nothing: the answer is printed as a whole afterwards. */
export const silentDrawing: Drawing = { text() {}, reasoning() {}, finish() {} }

/** Drawn text is easier to read when its lines are not too long. */
const TEXT_COLUMNS_MAX = 100

/** Columns for the text of an answer. */
function textColumns({ stdout }: Shell): number {
  return Math.min(TEXT_COLUMNS_MAX, stdout.columns)
}

/** True if rows can be drawn over again there. */
export function canRedraw({ env, stdout }: Shell): boolean {
  return stdout.isTTY && env['TERM'] !== 'dumb'
}

/** How reasoning is shown. */
export interface ReasoningWishes {
  /** Shown as it comes, else folded into one row. */
  shown(): boolean
  /** What is added to that row: how to unfold it. */
  readonly hint: string
}

/** For a person: reasoning dimmed, the answer as drawn Markdown; both grow in place. */
export function terminalDrawing(print: Printer, shell: Shell, reasoning: ReasoningWishes): Drawing {
  if (!canRedraw(shell)) return plainDrawing(print)
  const region = openRegion(shell.stdout)
  const markdown = openMarkdown(() => textColumns(shell), wantsColor(shell.env, shell.stdout))
  const thoughts = openThoughts(shell, print, reasoning)

  return {
    reasoning(piece) {
      region.draw(thoughts.push(piece), thoughts.growing())
    },
    text(piece) {
      const ready = [...thoughts.finish(), ...markdown.push(piece)]
      region.draw(ready, markdown.growing())
    },
    finish() {
      region.draw([...thoughts.finish(), ...markdown.finish()], [])
    },
  }
}

interface Thoughts {
  push(piece: string): readonly string[]
  growing(): readonly string[]
  finish(): readonly string[]
}

function openThoughts(shell: Shell, print: Printer, { shown, hint }: ReasoningWishes): Thoughts {
  let line = ''
  let folded = 0
  let any = false
  const rows = (text: string) => {
    const width = textColumns(shell) - 1
    return wrap(harmless(text), width)
      .flatMap(row => wrapRow(row, width))
      .map(row => print.paint('dim', row))
  }
  const fold = () =>
    folded === 0
      ? []
      : [print.paint('dim', cutRow(`Reasoning: ${showCount(folded)} characters${hint}`, shell.stdout.columns - 1))]
  return {
    push(piece) {
      if (!shown()) {
        folded += piece.length
        return []
      }
      const head = any ? [] : rows('Reasoning:')
      any = true
      const lines = (line + piece).split('\n')
      line = lines.pop() ?? ''
      return [...head, ...lines.flatMap(rows)]
    },
    growing: () => [...fold(), ...(line === '' ? [] : rows(line))],
    finish() {
      const last = [...fold(), ...(line === '' ? [] : rows(line))]
      const gap = any || folded > 0 ? [''] : []
      line = ''
      folded = 0
      any = false
      return [...last, ...gap]
    },
  }
}
