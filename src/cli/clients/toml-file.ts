import type { Path } from '../../app/config/tree.ts'
import { isObject, type JsonValue } from '../../base/json-value.ts'
import { FileFault, type FileFormat } from './file-format.ts'

/**
 * TOML: root keys (`model`), and keys of tables with a header of their own (`[model_providers.candor]`). Other ways to write the same
 * (inline tables, dotted keys, values over several lines) are left alone: the caller reads the result again and refuses what went wrong.
 */
export const tomlFile: FileFormat = {
  empty: '',
  nests: false,
  parse(text) {
    try {
      const value: unknown = Bun.TOML.parse(text)
      return isObject(value) ? value : {}
    } catch (error) {
      const line = error instanceof Error && 'line' in error && typeof error.line === 'number' ? error.line : undefined
      throw new FileFault(`${line === undefined ? '' : `Line ${line}: `}This is no valid TOML.`)
    }
  },
  set(text, path, value) {
    const lines = linesOf(text)
    const end = text.includes('\r\n') ? '\r' : ''
    const place = sectionOf(lines, path.slice(0, -1))
    const fresh = `${keyText(path.at(-1))} = ${valueText(value)}`
    if (place === undefined) {
      const header = `[${path.slice(0, -1).map(keyText).join('.')}]`
      const gap = lines.length === 0 || lines.at(-1)?.trim() === '' ? [] : [end]
      return joined([...lines, ...gap, header + end, fresh + end])
    }
    const at = keyLine(lines, place, path)
    if (at !== undefined) return joined(lines.with(at, fresh + trailing(lines[at] ?? '')))
    const behind = lastFilled(lines, place)
    const gap = behind === 0 && lines.length > 0 ? [end] : []
    return joined([...lines.slice(0, behind), fresh + end, ...gap, ...lines.slice(behind)])
  },
  remove(text, path) {
    const lines = linesOf(text)
    const own = sectionOf(lines, path)
    if (own !== undefined && path.length > 1) return joined(withoutSection(lines, own))
    const place = sectionOf(lines, path.slice(0, -1))
    const at = place === undefined ? undefined : keyLine(lines, place, path)
    return at === undefined ? withoutTables(lines, path) : joined(lines.toSpliced(at, 1))
  },
}

/** Lines of a table, its header not included: from `start` to before `end`. */
interface Section {
  readonly start: number
  readonly end: number
}

const HEADER = /^[ \t]*\[\[?([^\]]+)\]\]?[ \t\r]*(?:#[^\n]*)?$/

/** The lines of the table with that name; the root is the one without. */
function sectionOf(lines: readonly string[], name: Path): Section | undefined {
  const header = name.length === 0 ? -1 : lines.findIndex(line => isSameKey(HEADER.exec(line)?.[1], name))
  if (name.length > 0 && header < 0) return undefined
  const next = lines.findIndex((line, at) => at > header && HEADER.test(line))
  return { start: header + 1, end: next < 0 ? lines.length : next }
}

function keyLine(lines: readonly string[], { start, end }: Section, path: Path): number | undefined {
  const at = lines.findIndex((line, i) => {
    const key = /^[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)[ \t]*=/.exec(line)?.[1]
    return i >= start && i < end && isSameKey(key, path.slice(-1))
  })
  return at < 0 ? undefined : at
}

function isSameKey(text: string | undefined, path: Path): boolean {
  if (text === undefined) return false
  const parts = text.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^.\s]+/g) ?? []
  return (
    parts.length === path.length && parts.every((part, i) => part.replace(/^(["'])(.*)\1$/, '$2') === String(path[i]))
  )
}

/** Behind the section's last key: remarks that follow belong to the next header. */
function lastFilled(lines: readonly string[], { start, end }: Section): number {
  let at = end
  while (at > start && isRemark(lines[at - 1] ?? '')) at -= 1
  return at
}

function isRemark(line: string): boolean {
  return line.trim() === '' || line.trim().startsWith('#')
}

function withoutSection(lines: readonly string[], { start, end }: Section): string[] {
  const gap = (lines[start - 2] ?? '').trim() === '' && start > 1 ? 1 : 0
  return lines.toSpliced(start - 1 - gap, end - start + 1 + (end === lines.length ? gap : 0))
}

/** Takes out a table that exists only through the tables below it. */
function withoutTables(lines: readonly string[], path: Path): string {
  let left = lines
  for (;;) {
    const header = left.findIndex(line =>
      isSameKey(HEADER.exec(line)?.[1]?.split('.').slice(0, path.length).join('.'), path),
    )
    if (header < 0) return joined(left)
    const next = left.findIndex((line, at) => at > header && HEADER.test(line))
    left = withoutSection(left, { start: header + 1, end: next < 0 ? left.length : next })
  }
}

/** What stands behind a value on one line: a comment, and the first half of the line's end. */
function trailing(line: string): string {
  const comment = /=[ \t]*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^#"']*?)([ \t]*#[^\n]*)$/.exec(line)?.[1]
  return comment ?? (line.endsWith('\r') ? '\r' : '')
}

/** Lines without their `\n`; a file that does not end its last line gets one ended. */
function linesOf(text: string): string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function joined(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join('')
}

function keyText(step: string | number | undefined): string {
  const key = String(step)
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key)
}

function valueText(value: JsonValue): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  throw new FileFault('Only single values are written.')
}
