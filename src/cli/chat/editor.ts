import { wantsColor } from '../print.ts'
import type { Shell } from '../shell.ts'
import { oneLine, wrap } from '../terminal-text.ts'
import { cutRow } from './ansi-rows.ts'
import { type CompletionSources, commonStart, complete } from './completion.ts'
import { canRedraw } from './drawing.ts'
import type { History } from './history.ts'
import type { Key, Keyboard } from './keyboard.ts'
import { layOut } from './layout.ts'
import { bufferOf, EMPTY_BUFFER, edit, insert, type LineBuffer, moveLine } from './line-buffer.ts'
import { pick } from './picker.ts'
import { openRegion, type Region, rowsOf } from './region.ts'

/** What a person entered. */
export interface Entered {
  readonly text: string
  /** The texts in it that were pasted: somebody else may have written them. */
  readonly pasted: readonly string[]
}

/** What the editor works with. */
export interface EditorDesk {
  readonly shell: Shell
  readonly keyboard: Keyboard
  readonly history: History
  readonly sources: CompletionSources
}

/** How a line was ended without being sent. */
export type NotEntered = 'end' | 'interrupted'

const PROMPTS = { first: '> ', more: '… ' }
const QUOTES = '"""'

/** What is being edited. */
interface Session {
  buffer: LineBuffer
  pasted: string[]
  /** Where in the history; its length: not in it. */
  at: number
  /** What was written before the history was looked at. */
  draft: LineBuffer
  /** Shown below the text until the next key. */
  hint: string
  /** The last key was a Tab that could add nothing. */
  tabbed: boolean
}

/** Reads one message. `end`: Ctrl-D or the input's end; `interrupted`: Ctrl-C at an empty prompt. */
export async function readMessage(desk: EditorDesk): Promise<Entered | NotEntered> {
  const { shell, keyboard, history } = desk
  const region = openRegion(shell.stdout)
  const draws = canRedraw(shell)
  const length = history.entries().length
  const session: Session = {
    buffer: EMPTY_BUFFER,
    pasted: [],
    at: length,
    draft: EMPTY_BUFFER,
    hint: '',
    tabbed: false,
  }
  if (!draws) shell.stdout.write(PROMPTS.first)
  for (;;) {
    if (draws && !keyboard.waiting) drawSession(session, region, shell)
    const key = await keyboard.next()
    session.hint = ''
    const done = key === undefined ? 'end' : await pressed(key, session, region, desk)
    if (done === undefined) continue
    if (draws) close(done === 'end' && key !== undefined ? EMPTY_BUFFER : session.buffer, region, shell)
    return done
  }
}

/** Most rows below the text. */
const HINT_ROWS_MAX = 5

function drawSession({ buffer, hint }: Session, region: Region, { stdout, env }: Shell): void {
  const below = hint === '' ? [] : wrap(hint, stdout.columns - 1).slice(0, Math.min(HINT_ROWS_MAX, rowsOf(stdout) - 1))
  const { rows, cursor } = layOut(buffer, PROMPTS, stdout.columns, rowsOf(stdout) - below.length)
  const shown = below.map(row => cutRow(row, stdout.columns - 1))
  region.draw([], [...rows, ...shown.map(row => (wantsColor(env, stdout) ? `\x1b[2m${row}\x1b[0m` : row))], cursor)
}

/** The text stays where it was written, the cursor goes below it. */
function close(buffer: LineBuffer, region: Region, { stdout }: Shell): void {
  region.draw(layOut(bufferOf(buffer.text), PROMPTS, stdout.columns, Number.POSITIVE_INFINITY).rows, [])
}

/** Does what a key asks for. Undefined: the text is not sent yet. */
async function pressed(
  key: Key,
  session: Session,
  region: Region,
  desk: EditorDesk,
): Promise<Entered | NotEntered | undefined> {
  const { buffer } = session
  const wasTabbed = session.tabbed
  session.tabbed = false
  switch (key.ctrl ? `ctrl-${key.name}` : key.name) {
    case 'ctrl-c':
      if (buffer.text === '') return 'interrupted'
      return { text: '', pasted: [] }
    case 'ctrl-d':
      if (buffer.text === '') return 'end'
      break
    case 'return':
      return entered(session)
    case 'paste':
      session.pasted.push(key.text)
      session.buffer = insert(buffer, key.text)
      return undefined
    case 'up':
    case 'ctrl-p':
      session.buffer = moveLine(buffer, -1) ?? recall(session, -1, desk.history)
      return undefined
    case 'down':
    case 'ctrl-n':
      session.buffer = moveLine(buffer, 1) ?? recall(session, 1, desk.history)
      return undefined
    case 'tab':
      await completeIn(session, wasTabbed, desk)
      return undefined
    case 'ctrl-r':
      await search(session, region, desk)
      return undefined
    case 'ctrl-l':
      desk.shell.stdout.write('\x1b[H\x1b[2J')
      region.draw([], [])
      return undefined
  }
  session.buffer = edit(buffer, key)
  return undefined
}

/** Enter sends, but not inside `"""`, and not behind a backslash. */
function entered(session: Session): Entered | undefined {
  const { buffer, pasted } = session
  const { text, cut } = buffer
  const trimmed = text.trim()
  const isBlock = trimmed.startsWith(QUOTES)
  if (isBlock && (trimmed.length < 2 * QUOTES.length || !trimmed.endsWith(QUOTES))) {
    session.buffer = insert(bufferOf(text, cut), '\n')
    return undefined
  }
  if (!isBlock && text.endsWith('\\')) {
    session.buffer = bufferOf(`${text.slice(0, -1)}\n`, cut)
    return undefined
  }
  return { text: isBlock ? trimmed.slice(QUOTES.length, -QUOTES.length).replace(/^\n|\n$/g, '') : text, pasted }
}

function recall(session: Session, by: -1 | 1, history: History): LineBuffer {
  const entries = history.entries()
  const at = session.at + by
  if (at < 0 || at > entries.length) return session.buffer
  if (session.at === entries.length) session.draft = session.buffer
  session.at = at
  return at === entries.length ? session.draft : recalled(entries[at] ?? '', session, history)
}

/** What was pasted then is not typed now. */
function recalled(text: string, session: Session, history: History): LineBuffer {
  session.pasted.push(...history.pastedIn(text))
  return bufferOf(text, session.buffer.cut)
}

/** Adds what all candidates have in common; a second Tab lists them. */
async function completeIn(session: Session, again: boolean, { sources }: EditorDesk): Promise<void> {
  const { text, cursor } = session.buffer
  const head = text.slice(0, cursor)
  const { from, candidates } = await complete(head, sources)
  const start = commonStart(candidates)
  const [only] = candidates
  const added = candidates.length === 1 && only !== undefined && !only.endsWith('/') ? `${start} ` : start
  if (candidates.length > 0 && added.length > head.length - from) {
    session.buffer = insert({ ...session.buffer, text: text.slice(0, from) + text.slice(cursor), cursor: from }, added)
    session.tabbed = candidates.length > 1
    return
  }
  session.tabbed = true
  if (candidates.length === 0) session.hint = 'Nothing to complete here.'
  else if (again || candidates.length < HINT_AT_ONCE) session.hint = candidates.map(each => oneLine(each)).join('  ')
}

const HINT_AT_ONCE = 8

async function search(session: Session, region: Region, desk: EditorDesk): Promise<void> {
  region.draw([], [])
  const entries = [...new Set(desk.history.entries())].toReversed().map(name => ({ name, about: '' }))
  const found = await pick('Asked before', entries, '', desk)
  if (found !== undefined) session.buffer = recalled(found, session, desk.history)
}
