import type { Severity } from '../../admin/doctor.ts'
import type { Found } from '../../app/doctor/check.ts'
import { plural } from '../amounts.ts'
import { indent } from '../print.ts'
import type { Desk } from '../verb.ts'
import type { Repaired } from './repairs.ts'

const MARKS: Readonly<Record<Severity, readonly ['green' | 'cyan' | 'yellow' | 'red', string]>> = {
  ok: ['green', 'ok'],
  info: ['cyan', 'info'],
  warning: ['yellow', 'warning'],
  error: ['red', 'error'],
}

/** Columns of the word before a finding. */
const MARK_COLUMNS = 9

const MARGIN = ' '.repeat(MARK_COLUMNS)

/** A finding on the terminal: what, where, how to mend it. */
export function tellFinding({ severity, message, path, line, column, fixHint }: Found, { print, shell }: Desk): void {
  const [style, word] = MARKS[severity]
  const head = print.paint(style, word) + ' '.repeat(MARK_COLUMNS - word.length)
  for (const each of indent(message, head, shell.stdout)) print.line(each)
  const place = [path, line, column].filter(each => each !== undefined).join(':')
  const isNamed = path === undefined || message.includes(path)
  if (severity !== 'ok' && (line !== undefined || !isNamed)) print.line(`${MARGIN}at ${place}`)
  if (fixHint !== undefined)
    for (const each of indent(fixHint, `${MARGIN}${print.paint('dim', 'fix:')} `, shell.stdout)) print.line(each)
}

/** What was repaired, or would be. */
export function tellRepairs(repaired: readonly Repaired[], dryRun: boolean, { print, shell }: Desk): void {
  print.line()
  if (repaired.length === 0) print.line('Nothing that was found can be repaired by itself.')
  for (const { what, done, fault } of repaired) {
    const word = done === undefined ? 'would' : done ? 'fixed' : 'failed'
    const style = done === false ? 'red' : done === true ? 'green' : 'cyan'
    const head = print.paint(style, word) + ' '.repeat(MARK_COLUMNS - word.length)
    for (const each of indent(fault === undefined ? what : `${what} ${fault}`, head, shell.stdout)) print.line(each)
  }
  if (dryRun) print.line('Nothing was changed.')
  else if (repaired.length > 0) print.line('\nLooked at again:')
}

/** All of it in one line. `unasked`: checks that ask providers were left out. */
export function verdict(findings: readonly Found[], unasked: boolean): string {
  const count = (severity: Severity) => findings.filter(each => each.severity === severity).length
  const [errors, warnings] = [count('error'), count('warning')]
  const ask = unasked ? ' No provider was asked; candor doctor --probe does that, one short call each.' : ''
  if (errors > 0) return `${plural(errors, 'error')}${warnings > 0 ? `, ${plural(warnings, 'warning')}` : ''}.${ask}`
  return `${warnings > 0 ? `No error, ${plural(warnings, 'warning')}.` : 'All is well.'}${ask}`
}
