import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorCode } from '../../base/error-code.ts'
import type { JsonValue } from '../../base/json-value.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import type { Provider } from '../../catalog/provider.ts'
import type { LoadResult } from './config.ts'
import { faultOf } from './fault.ts'
import { checkText } from './load.ts'
import { EditFault, setInText } from './splice.ts'
import { buildTree, type Path, plainValue, SyntaxFault, showPath, tokenize } from './tree.ts'

/** One change to the file. */
export interface SetOptions {
  readonly file: string
  readonly path: Path
  readonly value: JsonValue
  readonly catalogue?: readonly Provider[]
}

/**
 * Sets one value in the file. What comes out is checked before anything is written: a result with faults means the file is as it was. The
 * file is replaced in one step and keeps its mode; one that is not there is made, readable for its owner alone. Rejects only if the file
 * system refuses.
 */
export async function setInFile({ file, path, value, catalogue = PROVIDERS }: SetOptions): Promise<LoadResult> {
  const before = await readOr(file)
  const mark = before?.startsWith('\uFEFF') === true ? '\uFEFF' : ''
  const text = before?.slice(mark.length) ?? '{\n}\n'
  let after: string
  try {
    after = setInText(text, path, value)
  } catch (error) {
    if (error instanceof SyntaxFault) return checkText(text, file, catalogue)
    if (!(error instanceof EditFault)) throw error
    return { ok: false, file, faults: [faultOf(file, { message: error.message, path: showPath(path) })] }
  }
  const checked = checkText(after, file, catalogue)
  if (checked.ok) await replaceFile(file, mark + after)
  return checked
}

async function readOr(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

const NEW_FILE_MODE = 0o600
const NEW_FOLDER_MODE = 0o700

/**
 * Writes beside the file, makes it durable, and moves it over. A link stays one: its target is replaced. The mode is kept; a new file is
 * readable for its owner alone, and so is a new folder. Rejects if the file system refuses.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: NEW_FOLDER_MODE })
  const old = await stat(file).catch(() => undefined)
  const target = old === undefined ? file : await realpath(file)
  const fresh = join(dirname(target), `.candor-${randomBytes(6).toString('hex')}.tmp`)
  try {
    const handle = await open(fresh, 'wx', NEW_FILE_MODE)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (old !== undefined) await chmod(fresh, old.mode & 0o777)
    await rename(fresh, target)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  await syncFolder(dirname(target))
}

/** Makes the renaming durable, where folders can be synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

/** Reads a path as people write it: `models.providers.kimi-coding.models[0].id`, `models.aliases["gpt-4.1"]`. Undefined if it is none. */
export function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = []
  const step = /(?:^|\.)([^.[\]"]+)|\[(\d{1,6})\]|\[("(?:[^"\\]|\\.)*")\]/gy
  while (step.lastIndex < text.length) {
    const found = step.exec(text)
    if (found === null) return undefined
    if (found[1] !== undefined) path.push(found[1])
    else if (found[2] !== undefined) path.push(Number(found[2]))
    else path.push(unquote(found[3] ?? ''))
  }
  return path.length === 0 ? undefined : path
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text.slice(1, -1)
  }
}

/** Reads a value from a command line: JSON5 where it is that, else the text itself. */
export function parseValue(text: string): JsonValue {
  const { tokens, fault } = tokenize(text)
  if (fault !== undefined) return text
  try {
    return plainValue(buildTree(tokens))
  } catch (error) {
    if (error instanceof SyntaxFault) return text
    throw error
  }
}
