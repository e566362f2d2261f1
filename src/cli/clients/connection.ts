import { readFile, stat } from 'node:fs/promises'
import { errorCode } from '../../base/error-code.ts'
import { CliFault, EXIT } from '../verb.ts'
import type { KeptFile } from './backup.ts'
import type { Aim, Client, Machine } from './client.ts'
import type { FileChange } from './diff.ts'
import { type FileEdit, FileFault, type FileFormat, isSame, valueAt, withEdits } from './file-format.ts'

/** Largest settings file that is edited, in bytes. */
const FILE_BYTES_MAX = 4 * 1024 * 1024

/** What `connect` is about to do to one file. */
export interface PlannedFile extends FileChange {
  readonly after: string
  readonly format: FileFormat
  readonly edits: readonly FileEdit[]
}

/**
 * The files that would change, with their texts before and after; `earlier` is what earlier runs did to them. Nothing is written. Throws
 * {@link CliFault} on a file that cannot be read.
 */
export async function planConnection(
  client: Client,
  aim: Aim,
  machine: Machine,
  earlier: readonly KeptFile[],
): Promise<readonly PlannedFile[]> {
  const planned: PlannedFile[] = []
  for (const { file, format, edits } of client.files?.(aim, machine) ?? []) {
    const before = await readSettings(file)
    const change = await editing(file, () => {
      const text = withoutMark(before ?? '')
      const kept = earlier.filter(each => each.file === file)
      const wanted = edits(text).filter(edit => edit.value !== undefined || isOwn(format, text, edit, kept))
      return { edits: wanted, after: edited(format, before, wanted) }
    })
    if (change.after !== before) planned.push({ file, before, format, ...change })
  }
  return planned
}

/** True if what stands there now is what an earlier run put there, and not what somebody had there before it. */
function isOwn(format: FileFormat, text: string, { path }: FileEdit, earlier: readonly KeptFile[]): boolean {
  const now = valueAt(format.parse(text), path)
  if (now === undefined) return false
  return earlier.some(({ before, edits }) => {
    const wrote = edits.some(edit => isSame([...edit.path], [...path]) && isSame(edit.value, now))
    return wrote && !isSame(valueAt(format.parse(withoutMark(before ?? format.empty)), path), now)
  })
}

/** The text of a settings file, undefined if there is none. Throws {@link CliFault}. */
export async function readSettings(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file)
    if (size > FILE_BYTES_MAX) throw new CliFault(EXIT.finding, `${file} is larger than ${FILE_BYTES_MAX} bytes.`)
    const bytes = await readFile(file)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof CliFault) throw error
    const code = errorCode(error)
    if (code === 'ENOENT') return undefined
    const why = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is no UTF-8' : code
    throw new CliFault(EXIT.finding, `${file} cannot be read (${why}). It was not touched.`)
  }
}

/** Does something with a file's text; a fault of it names the file. */
export async function editing<T>(file: string, work: () => T): Promise<T> {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof FileFault)) throw error
    throw new CliFault(EXIT.finding, `${file} cannot be edited, and was not touched.`, {
      why: error.message,
      fix: ['Mend the file and try again, or write the settings by hand: docs/clients.md has them.'],
    })
  }
}

function edited(format: FileFormat, before: string | undefined, edits: readonly FileEdit[]): string {
  const text = before ?? format.empty
  const mark = text.startsWith(MARK) ? MARK : ''
  return mark + withEdits(format, withoutMark(text), edits)
}

const MARK = '\uFEFF'

/** The text without the byte-order mark some editors write. */
export function withoutMark(text: string): string {
  return text.startsWith(MARK) ? text.slice(MARK.length) : text
}
