import type { Environment } from '../app/config/paths.ts'
import { isSet, type Output, type Shell } from './shell.ts'
import { type Column, layTable } from './table.ts'
import { oneLine, widthOf, wrap } from './terminal-text.ts'

/** The version of every JSON document the command line prints. It changes when a field changes its meaning or goes. */
export const SCHEMA_VERSION = 1

const STYLES = {
  bold: ['\x1b[1m', '\x1b[22m'],
  dim: ['\x1b[2m', '\x1b[22m'],
  red: ['\x1b[31m', '\x1b[39m'],
  green: ['\x1b[32m', '\x1b[39m'],
  yellow: ['\x1b[33m', '\x1b[39m'],
  cyan: ['\x1b[36m', '\x1b[39m'],
} as const

type Style = keyof typeof STYLES

/** Puts a style around a text, or leaves it alone where no colour is wanted. */
export type Paint = (style: Style, text: string) => string

/** How the command line speaks: data goes to the standard output, everything said about it to the standard error. */
export interface Printer {
  /** True with `--json`: then the standard output holds one JSON document and nothing else. */
  readonly json: boolean
  readonly paint: Paint
  /** The same for the standard error. */
  readonly paintNote: Paint
  /** A line of data. */
  line(text?: string): void
  /** Data as it is, without a line break. */
  raw(text: string): void
  /** The JSON document of a command. */
  document(value: object): void
  /** One line of NDJSON. */
  record(value: object): void
  /** Data in columns: aligned on a terminal, tab-separated and without titles elsewhere. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void
  /** A line for the person. */
  note(text?: string): void
  warn(text: string): void
  error(text: string): void
}

/** Makes the printer of one run. */
export function openPrinter(shell: Shell, json: boolean): Printer {
  const { stdout, stderr, env } = shell
  const paint = painter(wantsColor(env, stdout))
  const paintNote = painter(wantsColor(env, stderr))
  const line = (text = '') => void stdout.write(`${text}\n`)
  const note = (text = '') => void stderr.write(`${text}\n`)
  // What has lines of its own, as a fault with its place in a file, is laid out already.
  const marked = (mark: string, text: string) => {
    for (const each of text.includes('\n') ? [mark + text] : indent(text, mark, stderr)) note(each)
  }
  return {
    json,
    paint,
    paintNote,
    line,
    raw: text => void stdout.write(text),
    document: value => line(jsonText(value, stdout.isTTY ? 2 : 0)),
    record: value => line(jsonText(value, 0)),
    table(columns, rows) {
      const cells = rows.map(row => row.map(cell => oneLine(cell, CELL_CHARS_MAX)))
      if (!stdout.isTTY) for (const row of cells) line(row.join('\t'))
      else for (const text of layTable(columns, cells, stdout.columns, paint)) line(text)
    },
    note,
    warn: text => marked(`${paintNote('yellow', 'warning:')} `, text),
    error: text => marked(`${paintNote('red', 'error:')} `, text),
  }
}

/** The same values, without a character that steers a terminal or turns what it shows: JSON itself escapes only the older control characters. */
function jsonText(value: object, indent: number): string {
  return JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...value }, null, indent).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const CELL_CHARS_MAX = 400

/** Whether colours are wanted: https://no-color.org and https://force-color.org, else a terminal that has them and no CI. */
export function wantsColor(env: Environment, output: Output): boolean {
  const force = env['FORCE_COLOR']
  if ((env['NO_COLOR'] ?? '') !== '' || force === '0' || force === 'false') return false
  if ((force ?? '') !== '' || isSet(env['CLICOLOR_FORCE'])) return true
  return output.isTTY && env['TERM'] !== 'dumb' && !isSet(env['CI'])
}

function painter(colors: boolean): Paint {
  return (style, text) => (colors && text !== '' ? STYLES[style].join(text) : text)
}

/** A text with a hanging indent, wrapped to the width of an output. Only a terminal is wrapped: elsewhere lines are for programs. */
export function indent(text: string, first: string, output: Output): readonly string[] {
  const rest = ' '.repeat(widthOf(first))
  const lines = output.isTTY ? wrap(text, Math.max(20, output.columns - widthOf(first))) : [text]
  return lines.map((line, i) => (i === 0 ? first : rest) + line)
}
