import type { Path } from '../../app/config/tree.ts'
import { showPath } from '../../app/config/tree.ts'
import { asArray, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'

/** One value that shall stand in a client's file, or shall stand there no more. */
export interface FileEdit {
  readonly path: Path
  /** Undefined takes out what stands there. */
  readonly value: JsonValue | undefined
  /** The value holds words that were in the file already, and may be secrets. */
  readonly isMixed?: boolean
}

/** How a kind of file is read and changed. Changes leave every other character as it is. */
export interface FileFormat {
  /** The least content of a new file. */
  readonly empty: string
  /** `set` takes objects: what is new is then written as one entry with all that belongs in it. */
  readonly nests: boolean
  /** The content as plain data. Throws {@link FileFault}. */
  parse(text: string): JsonObject
  /** Throws {@link FileFault} if the value cannot be put there. */
  set(text: string, path: Path, value: JsonValue): string
  /** Takes out what stands there. Throws {@link FileFault} if it cannot be taken out. */
  remove(text: string, path: Path): string
}

/** Why a client's file cannot be read or changed, in words without its content. */
export class FileFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'FileFault'
  }
}

/** The text with these values in it. What came out is read again: anything else that changed is a {@link FileFault}. */
export function withEdits(format: FileFormat, text: string, edits: readonly FileEdit[]): string {
  let after = text
  let wanted: JsonValue = format.parse(text)
  for (const edit of edits) {
    if (isSame(valueAt(wanted, edit.path), edit.value)) continue
    if (edit.value === undefined) {
      wanted = withoutValue(wanted, edit.path)
      after = format.remove(after, edit.path)
      continue
    }
    const { path, value } = format.nests ? gathered(wanted, edit.path, edits) : { path: edit.path, value: edit.value }
    wanted = withValue(wanted, path, value)
    after = format.set(after, path, value)
  }
  return proven(format, after, wanted)
}

/** All edits that belong into the same new object as the one for this path, as one value that makes it. */
function gathered(
  root: JsonValue,
  full: Path,
  edits: readonly FileEdit[],
): { readonly path: Path; readonly value: JsonValue } {
  const depth = full.findIndex((_, at) => valueAt(root, full.slice(0, at + 1)) === undefined)
  const path = depth < 0 ? full : full.slice(0, depth + 1)
  const inside = edits.filter(other => path.every((step, at) => other.path[at] === step))
  return { path, value: documentOf(inside.map(other => ({ ...other, path: other.path.slice(path.length) }))) }
}

/**
 * The text with what earlier edits wrote taken back to how it was in `before`; what else has changed since stays. Throws
 * {@link FileFault} if it cannot be done without touching other things.
 */
export function withoutEdits(format: FileFormat, text: string, before: string, edits: readonly FileEdit[]): string {
  const old = format.parse(before)
  let after = text
  let wanted: JsonValue = format.parse(text)
  for (const { path } of [...edits].reverse()) {
    const value = valueAt(old, path)
    if (isSame(valueAt(wanted, path), value)) continue
    if (value !== undefined) {
      wanted = withValue(wanted, path, value)
      after = format.set(after, path, value)
      continue
    }
    for (const gone of emptied(wanted, old, path)) {
      wanted = withoutValue(wanted, gone)
      after = format.remove(after, gone)
    }
  }
  return proven(format, after, wanted)
}

/** These values alone, as a document. */
export function documentOf(edits: readonly FileEdit[]): JsonValue {
  return edits.reduce<JsonValue>(
    (root, { path, value }) => (value === undefined ? root : withValue(root, path, value)),
    {},
  )
}

/** The value at a path of plain data. */
export function valueAt(root: JsonValue | undefined, path: Path): JsonValue | undefined {
  let value = root
  for (const step of path) {
    if (isObject(value)) value = Object.hasOwn(value, String(step)) ? value[String(step)] : undefined
    else value = typeof step === 'number' ? asArray(value)[step] : undefined
  }
  return value
}

/** True for equal data; the order of keys is no difference. */
export function isSame(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, i) => isSame(item, other[i]))
  if (!isObject(one) || !isObject(other)) return one === other
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every(key => isSame(one[key], other[key]))
}

function proven(format: FileFormat, after: string, wanted: JsonValue): string {
  if (isSame(format.parse(after), wanted)) return after
  throw new FileFault('The change would have touched more than it should, because of how the file is written.')
}

function withValue(root: JsonValue | undefined, path: Path, value: JsonValue): JsonValue {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof step === 'number') {
    const items = asArray(root)
    return [...items.slice(0, step), withValue(items[step], rest, value), ...items.slice(step + 1)]
  }
  if (root !== undefined && !isObject(root)) throw new FileFault(`${showPath(path)} leads through a single value.`)
  return { ...root, [step]: withValue(valueAt(root, [step]), rest, value) }
}

function withoutValue(root: JsonValue, path: Path): JsonValue {
  const [step, ...rest] = path
  if (step === undefined) return root
  const child = valueAt(root, [step])
  if (Array.isArray(root))
    return root.flatMap((item, i) => (i !== step ? [item] : rest.length === 0 ? [] : [withoutValue(item, rest)]))
  if (!isObject(root)) return root
  const kept = Object.entries(root).filter(([key]) => key !== String(step) || rest.length > 0)
  return Object.fromEntries(
    kept.map(([key, value]) => [key, key === String(step) && child !== undefined ? withoutValue(child, rest) : value]),
  ) as JsonObject
}

/** The path, and those above it that were not there before and hold nothing else. */
function emptied(now: JsonValue, old: JsonValue, path: Path): Path[] {
  const gone: Path[] = [path]
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const above = path.slice(0, depth)
    const value = valueAt(now, above)
    const size = Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : 0
    if (size > 1 || valueAt(old, above) !== undefined) break
    gone[0] = above
  }
  return gone
}
