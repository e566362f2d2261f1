import type { ConfigFault, ConfigWarning } from './fault.ts'
import type { ConfigValues } from './schema.ts'
import type { Path, Position } from './tree.ts'

/** Read-only all the way down; functions and class instances as they are. */
type Frozen<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Frozen<T[K]> }
      : T

/** The file as it is after defaults: checked, frozen, without a printable secret. */
export interface Config extends Frozen<ConfigValues> {
  readonly source: ConfigSource
}

/** Where the configuration came from. */
export interface ConfigSource {
  readonly file: string
  /** False if there is no file: then every value is a default. */
  readonly exists: boolean
  /** Where the file says this; undefined if it does not. */
  positionOf(path: Path): Position | undefined
  /** Where the file says a value that was read for a path: there, or one step above, as a target that is only a name says its model. */
  positionOfValue(path: Path, value: unknown): Position | undefined
}

/** A user's entry for one provider. */
export type ProviderEntry = Config['models']['providers'][string]

/** A user's row for one model. */
export type ModelEntry = NonNullable<ProviderEntry['models']>[number]

/** A configuration, or everything that is wrong with it. */
export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly ConfigWarning[] }
  | { readonly ok: false; readonly file: string; readonly faults: readonly ConfigFault[] }
