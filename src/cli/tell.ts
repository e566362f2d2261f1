import { unglued } from './glue.ts'
import { indent } from './print.ts'
import { shortPath } from './short-path.ts'
import type { Desk } from './verb.ts'

/** Says something to the person, wrapped to the terminal, but not between glued words; `first` stands before it, and the other lines are indented under it. */
export function tell(text: string, { print, shell }: Desk, first = ''): void {
  for (const line of indent(text, first, shell.stderr)) print.note(unglued(line))
}

/** A path as it is shown to the person. */
export function shown(path: string, { shell }: Desk): string {
  return shortPath(path, shell.home)
}
