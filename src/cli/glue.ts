import { NO_BREAK } from './terminal-text.ts'

/** Words that shall stay on one line, as those of a command: `wrap` breaks lines at plain spaces only. */
export function glued(text: string): string {
  return text.replaceAll(' ', NO_BREAK)
}

/** With plain spaces again, for whoever copies it. */
export function unglued(text: string): string {
  return text.replaceAll(NO_BREAK, ' ')
}
