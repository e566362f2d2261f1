import { emitKeypressEvents, type Interface } from 'node:readline'
import type { Input, Shell } from '../shell.ts'
import { canRedraw } from './drawing.ts'

/** A key, or a text that was pasted. */
export interface Key {
  /** `return`, `newline` (a line break that does not send), `up`, `escape`, `paste`, a letter, …; empty for a character without a name. */
  readonly name: string
  /** What it writes; empty if it writes nothing. */
  readonly text: string
  readonly ctrl: boolean
  /** Alt, or Escape just before. */
  readonly alt: boolean
}

/** The keys a person presses, in their order. */
export interface Keyboard {
  /** The next one; undefined at the end of the input. */
  next(): Promise<Key | undefined>
  /** More keys have been pressed already. */
  readonly waiting: boolean
  /** Hands each key to the listener the moment it is pressed; what it does not take waits for {@link next}. */
  watch(listener: (key: Key) => boolean): () => void
  /** No more keys are given. */
  end(): void
  /** Gives the terminal back. */
  close(): void
}

/** After this many milliseconds an Escape stands for itself. */
const ESCAPE_MS = 50

/** Bracketed paste: https://invisible-island.net/xterm/xterm-paste64.html */
const PASTE_ON = '\x1b[?2004h'
const PASTE_OFF = '\x1b[?2004l'

/** Takes the terminal over until it is closed. */
export function openKeyboard(shell: Shell): Keyboard {
  const { stdin, stdout } = shell
  const draws = canRedraw(shell)
  const queue: Key[] = []
  const listeners: ((key: Key) => boolean)[] = []
  let wake: (() => void) | undefined
  let ended = false
  let closing = false
  const give = (key: Key) => {
    if (listeners.at(-1)?.(key) === true) return
    queue.push(key)
    wake?.()
  }
  const read = keyReader(give, draws)
  const end = () => {
    ended = true
    wake?.()
  }
  const options: object = { escapeCodeTimeout: ESCAPE_MS }
  emitKeypressEvents(stdin, options as Interface)
  stdin.on('keypress', read)
  stdin.on('end', end)
  if (draws) {
    setRaw(stdin, true)
    stdout.write(PASTE_ON)
  }
  stdin.resume()
  return {
    async next() {
      while (queue.length === 0 && !ended) {
        const woken = Promise.withResolvers<void>()
        wake = woken.resolve
        await woken.promise
      }
      return closing ? undefined : queue.shift()
    },
    get waiting() {
      return queue.length > 0
    },
    watch(listener) {
      listeners.push(listener)
      return () => void listeners.splice(listeners.indexOf(listener), 1)
    },
    end() {
      closing = true
      end()
    },
    close() {
      stdin.off('keypress', read)
      stdin.off('end', end)
      if (draws) {
        setRaw(stdin, false)
        stdout.write(PASTE_OFF)
      }
      stdin.pause()
    },
  }
}

function setRaw(stdin: Input, raw: boolean): void {
  if ('setRawMode' in stdin && typeof stdin.setRawMode === 'function') stdin.setRawMode(raw)
}

interface RawKey {
  readonly name?: string
  readonly sequence?: string
  readonly ctrl?: boolean
  readonly meta?: boolean
}

/** Shift-Enter or Ctrl-Enter, on terminals that tell it: https://sw.kovidgoyal.net/kitty/keyboard-protocol/ */
const SHIFTED_RETURN = /^\u001b\[13;\d+u$/

/** Puts the characters between the two marks of a paste together. */
function keyReader(give: (key: Key) => void, raw: boolean): (text: string | undefined, key: RawKey) => void {
  let pasted: string | undefined
  return (text, key) => {
    if (key.name === 'paste-start') pasted = ''
    else if (key.name === 'paste-end') {
      const whole = pasted ?? ''
      pasted = undefined
      give({ name: 'paste', text: cleaned(whole), ctrl: false, alt: false })
    } else if (pasted !== undefined) pasted += key.sequence ?? text ?? ''
    else give(keyOf(text, key, raw))
  }
}

function keyOf(
  text: string | undefined,
  { name = '', sequence = '', ctrl = false, meta = false }: RawKey,
  raw: boolean,
): Key {
  const key = { ctrl, alt: meta && name !== 'escape', text: '' }
  if (SHIFTED_RETURN.test(sequence)) return { ...key, alt: false, name: 'newline' }
  // A terminal that is not taken over gives whole lines, which end in a line feed; else that is Ctrl-J.
  if (name === 'enter') return { ...key, name: raw ? 'newline' : 'return' }
  if (name === 'return' && key.alt) return { ...key, alt: false, name: 'newline' }
  const writes = !ctrl && !key.alt && text !== undefined && cleaned(text) === text && !text.includes('\n')
  return { ...key, name: name === 'undefined' ? '' : name, text: writes && name !== 'tab' ? text : '' }
}

/** A text without control characters; line breaks and tabs stay. */
function cleaned(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}
