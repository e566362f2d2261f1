/** One effective value and where it came from: `default`, `candor.json5:5`, `environment KIMI_API_KEY`, `catalogue`. Secrets are masked. */
export interface ShownValue {
  readonly path: string
  readonly value: string
  readonly origin: string
}

/** A value as a configuration says it, to be compared with another one's. Only what {@link ShownValue} has may be shown. */
export interface DeclaredValue extends ShownValue {
  /** Two values with the same text are the same, also where both are shown as dots. */
  readonly sameAs: string
}

/** One value that would be another. `before` or `after` is absent where there is none. Secrets are masked. */
export interface ConfigChange {
  readonly path: string
  readonly before?: string
  readonly after?: string
  /** Where the file says so; of a value that would be gone, where it was said. */
  readonly origin: string
}

/**
 * What the file says at this moment, compared with what is in force. `none`: this gateway reads no file. `missing`: there is none, and the
 * environment decides. `gone`: what it held stays in force. `same`: it means what is in force. `faulty`: it cannot be taken, for these
 * reasons, as shown to a person. `differs`: with what a reload would change.
 */
export type FileView =
  | { readonly state: 'none' | 'missing' | 'gone' | 'same' }
  | { readonly state: 'faulty'; readonly faults: readonly string[] }
  | { readonly state: 'differs'; readonly changes: readonly ConfigChange[]; readonly warnings: readonly string[] }

/** The answer to `GET /candor/config`. Nothing in it is secret. */
export interface ConfigurationView {
  /** The file that is read and watched; absent: none is. */
  readonly file?: string
  /** When what is in force was read, ISO 8601. */
  readonly loadedAt: string
  readonly values: readonly ShownValue[]
  /** Things to know that stop nothing. */
  readonly warnings: readonly string[]
  /** Why the last try to take the file failed, as shown to a person. */
  readonly refused?: string
  readonly onDisk: FileView
  /** Parts of which the values shown hold only from the next start, because they were changed since the last one. */
  readonly fromNextStart: readonly string[]
}

/** The origin of what nobody wrote. */
const DEFAULT = 'default'

/**
 * What is another in `after` than in `before`, in the order of `after`; what would be gone comes last. Defaults that come or go with the entry they
 * belong to are not told.
 */
export function changesBetween(
  before: readonly DeclaredValue[],
  after: readonly DeclaredValue[],
): readonly ConfigChange[] {
  const known = new Map(before.map(value => [value.path, value]))
  const changed = after.flatMap((value): ConfigChange[] => {
    const { path, origin } = value
    const old = known.get(path)
    known.delete(path)
    if (old === undefined ? origin === DEFAULT : old.sameAs === value.sameAs) return []
    return [{ path, ...(old === undefined ? {} : { before: old.value }), after: value.value, origin }]
  })
  const gone = [...known.values()]
    .filter(({ origin }) => origin !== DEFAULT)
    .map(({ path, value, origin }) => ({ path, before: value, origin }))
  return [...changed, ...gone]
}
