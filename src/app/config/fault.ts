import { basename } from 'node:path'
import { excerpt, type Source } from './source.ts'
import type { Span } from './tree.ts'

/** One thing that is wrong with the configuration, with its place and how to mend it. Shows no secret. */
export interface ConfigFault {
  /** What is wrong, one sentence. */
  readonly message: string
  readonly file: string
  /** From 1. Absent if the file as a whole is meant. */
  readonly line?: number
  /** From 1, in characters. */
  readonly column?: number
  /** The place in the configuration, as `models.providers.kimi-coding.api`; empty for the whole. */
  readonly path: string
  readonly expected?: string
  readonly fix?: string
  /** The line, and below it carets under the place. */
  readonly excerpt?: string
}

/** Something that works but should be looked at. */
export interface ConfigWarning {
  readonly message: string
  readonly fix?: string
  readonly path?: string
  readonly line?: number
  /** The mode the file should have, where it is about that. */
  readonly mode?: number
}

/** A fault before it has its place in the file. */
export interface FaultWords {
  readonly message: string
  readonly path: string
  readonly expected?: string | undefined
  readonly fix?: string | undefined
}

/** A fault of the file as a whole. */
export function faultOf(file: string, words: FaultWords): ConfigFault {
  return {
    message: words.message,
    file,
    path: words.path,
    ...(words.expected === undefined ? {} : { expected: words.expected }),
    ...(words.fix === undefined ? {} : { fix: words.fix }),
  }
}

/** A fault at its place. */
export function faultAt(source: Source, span: Span, words: FaultWords): ConfigFault {
  const { line, column } = span.start
  return { ...faultOf(source.file, words), line, column, excerpt: excerpt(source, span) }
}

/** The fault as people read it: what, where, the line with a caret, what was expected, how to mend it. */
export function showFault(fault: ConfigFault): string {
  const where = fault.line === undefined ? fault.file : `${fault.file}:${fault.line}:${fault.column ?? 1}`
  const lines = [fault.message, `  at ${where}`]
  if (fault.excerpt !== undefined) lines.push(...fault.excerpt.split('\n').map(line => `    ${line}`))
  if (fault.expected !== undefined) lines.push(`  expected: ${fault.expected}`)
  if (fault.fix !== undefined) lines.push(`  fix: ${fault.fix}`)
  return lines.join('\n')
}

/** The warning in one line. */
export function showWarning(warning: ConfigWarning, file: string): string {
  const where = warning.line === undefined ? basename(file) : `${basename(file)}:${warning.line}`
  return `${where}: ${warning.message}${warning.fix === undefined ? '' : ` ${warning.fix}`}`
}
