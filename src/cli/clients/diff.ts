import { harmless } from '../terminal-text.ts'
import { maskLine } from './mask.ts'

/** Lines shown around a change. */
const CONTEXT_LINES = 3
/** Above this many lines on a side the middle is shown as one change: the search below takes the product of both. */
const LINES_MAX = 3_000

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
  readonly oldNumber: number
  readonly newNumber: number
}

/** A file before and after a change; undefined where it is not there. */
export interface FileChange {
  readonly file: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** The change as a unified diff. Values that may be secrets are dots, but for those in `open`: our own. */
export function unifiedDiff({ file, before, after }: FileChange, open: ReadonlySet<string>): string {
  const lines = compare(linesOf(before ?? ''), linesOf(after ?? ''))
  const head = [`--- ${before === undefined ? '/dev/null' : file}`, `+++ ${after === undefined ? '/dev/null' : file}`]
  return `${[...head, ...hunks(lines, open)].join('\n')}\n`
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function compare(old: readonly string[], fresh: readonly string[]): Line[] {
  const most = Math.min(old.length, fresh.length)
  let head = 0
  while (head < most && old[head] === fresh[head]) head += 1
  let tail = 0
  while (tail < most - head && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) tail += 1
  const signs = [
    ...Array<' '>(head).fill(' '),
    ...middle(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail)),
    ...Array<' '>(tail).fill(' '),
  ]
  let [o, n] = [0, 0]
  return signs.map(sign => {
    const line = { sign, text: (sign === '+' ? fresh[n] : old[o]) ?? '', oldNumber: o + 1, newNumber: n + 1 }
    if (sign !== '+') o += 1
    if (sign !== '-') n += 1
    return line
  })
}

/** The longest common subsequence, read as signs. */
function middle(old: readonly string[], fresh: readonly string[]): Line['sign'][] {
  if (old.length > LINES_MAX || fresh.length > LINES_MAX)
    return [...old.map(() => '-' as const), ...fresh.map(() => '+' as const)]
  const width = fresh.length + 1
  const common = new Uint16Array((old.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = fresh.length - 1; j >= 0; j -= 1)
      common[i * width + j] = old[i] === fresh[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const signs: Line['sign'][] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < fresh.length) {
    const same = i < old.length && j < fresh.length && old[i] === fresh[j]
    const takesOld = j >= fresh.length || (i < old.length && at(i + 1, j) >= at(i, j + 1))
    const sign = same ? ' ' : takesOld ? '-' : '+'
    signs.push(sign)
    if (sign !== '+') i += 1
    if (sign !== '-') j += 1
  }
  return signs
}

function hunks(lines: readonly Line[], open: ReadonlySet<string>): string[] {
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - CONTEXT_LINES), i + CONTEXT_LINES + 1).some(line => line.sign !== ' '),
  )
  const shown: string[] = []
  for (const [i, line] of lines.entries()) {
    if (near[i] !== true) continue
    if (near[i - 1] !== true) {
      const end = near.indexOf(false, i)
      shown.push(hunkHead(lines.slice(i, end < 0 ? undefined : end)))
    }
    shown.push(line.sign + harmless(maskLine(line.text.replace(/\r$/, ''), open)))
  }
  return shown
}

function hunkHead(lines: readonly Line[]): string {
  const [first] = lines
  const span = (start: number, skip: Line['sign']) => {
    const count = lines.filter(({ sign }) => sign !== skip).length
    return `${count === 0 ? start - 1 : start},${count}`
  }
  return `@@ -${span(first?.oldNumber ?? 1, '+')} +${span(first?.newNumber ?? 1, '-')} @@`
}
