import { wantsColor } from '../print.ts'
import type { Shell } from '../shell.ts'
import { oneLine, widthOf } from '../terminal-text.ts'
import { cutRow } from './ansi-rows.ts'
import { fuzzyFilter } from './fuzzy.ts'
import type { Key, Keyboard } from './keyboard.ts'
import { bufferOf, EMPTY_BUFFER, edit, insert, type LineBuffer } from './line-buffer.ts'
import { openRegion, rowsOf } from './region.ts'

/** Something that can be chosen. */
export interface Choice {
  /** What is given back, and searched in. */
  readonly name: string
  /** What is said of it. */
  readonly about: string
}

/** Most choices shown at once. */
const SHOWN_MAX = 12

/** What is typed, what fits it, and which of that is marked. */
export interface Picking {
  readonly typed: LineBuffer
  readonly fitting: readonly Choice[]
  readonly marked: number
}

/** The beginning of a choice: everything fits, `current` is marked. */
export function beginPicking(choices: readonly Choice[], current: string): Picking {
  const marked = choices.findIndex(({ name }) => name === current)
  return { typed: EMPTY_BUFFER, fitting: choices, marked: Math.max(0, marked) }
}

/** What a key makes of it: another state, the name that was chosen, or `left` where nothing is. */
export function pickKey(
  state: Picking,
  key: Key,
  choices: readonly Choice[],
): Picking | { readonly chosen: string } | 'left' {
  const { typed, fitting, marked } = state
  const step = (by: number) => ({ ...state, marked: Math.max(0, Math.min(fitting.length - 1, marked + by)) })
  const name = key.ctrl ? `ctrl-${key.name}` : key.name
  switch (name) {
    case 'escape':
    case 'ctrl-c':
    case 'ctrl-d':
      return 'left'
    case 'return': {
      const choice = fitting[marked]
      return choice === undefined ? state : { chosen: choice.name }
    }
    case 'up':
    case 'ctrl-p':
      return step(-1)
    case 'down':
    case 'ctrl-n':
    case 'tab':
      return step(1)
    case 'pageup':
      return step(-SHOWN_MAX)
    case 'pagedown':
      return step(SHOWN_MAX)
    default: {
      const next = key.name === 'paste' ? insert(typed, key.text.split('\n')[0] ?? '') : edit(typed, key)
      if (next.text === typed.text) return { ...state, typed: next }
      return { typed: bufferOf(next.text), fitting: fuzzyFilter(next.text, choices, each => each.name), marked: 0 }
    }
  }
}

/** The rows of a picker, each narrower than `columns`. */
export function pickerRows(
  state: Picking,
  title: string,
  columns: number,
  rows: number,
  colors: boolean,
): readonly string[] {
  const { typed, fitting, marked } = state
  const shownMax = Math.max(1, Math.min(SHOWN_MAX, rows - 3))
  const from = Math.max(0, Math.min(marked - Math.floor(shownMax / 2), fitting.length - shownMax))
  const shown = fitting.slice(from, from + shownMax)
  const nameWidth = Math.min(Math.max(0, ...shown.map(({ name }) => widthOf(oneLine(name)))), Math.floor(columns * 0.6))
  const line = ({ name, about }: Choice, at: number) => {
    const cut = cutRow(oneLine(name), nameWidth)
    const text = cutRow(
      `${from + at === marked ? '›' : ' '} ${cut}${' '.repeat(nameWidth - widthOf(cut))}  ${oneLine(about)}`.trimEnd(),
      columns - 1,
    )
    return from + at === marked && colors ? `\x1b[1m\x1b[36m${text}\x1b[0m` : text
  }
  const count = fitting.length === 0 ? 'nothing fits' : `${marked + 1} of ${fitting.length}`
  const help = cutRow(`${count} · type to search, arrows, Enter chooses, Esc leaves`, columns - 1)
  return [cutRow(`${title}: ${typed.text}`, columns - 1), ...shown.map(line), colors ? `\x1b[2m${help}\x1b[0m` : help]
}

/** Lets a person choose one. Undefined if they leave. Nothing of it stays on the terminal. */
export async function pick(
  title: string,
  choices: readonly Choice[],
  current: string,
  { keyboard, shell }: { readonly keyboard: Keyboard; readonly shell: Shell },
): Promise<string | undefined> {
  const { stdout, env } = shell
  const region = openRegion(stdout)
  let state = beginPicking(choices, current)
  for (;;) {
    if (!keyboard.waiting) {
      const rows = pickerRows(state, title, stdout.columns, rowsOf(stdout), wantsColor(env, stdout))
      region.draw([], rows, { row: 0, column: widthOf(rows[0] ?? '') })
    }
    const key = await keyboard.next()
    const next = key === undefined ? 'left' : pickKey(state, key, choices)
    if (next !== 'left' && !('chosen' in next)) {
      state = next
      continue
    }
    region.draw([], [])
    return next === 'left' ? undefined : next.chosen
  }
}
