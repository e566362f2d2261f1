/** Something that matters until a moment of the table's clock. */
export interface Expiring {
  expiresAtMs: number
}

/**
 * Values by name that are forgotten when they expire, without a timer: every new name pays for a look at a few old ones. Bounded in names.
 */
export interface NameTable<T extends Expiring> {
  /** Undefined also for a value that has expired. */
  get(name: string): T | undefined
  set(name: string, value: T): void
  delete(name: string): void
  /** Called before names are set: forgets expired ones. False if those that are new do not fit even so. */
  makeRoom(names: readonly { readonly name: string }[]): boolean
}

/** Old names looked at for each new one. More than one, so that the table shrinks when names are no longer used. */
const LOOKS_PER_NAME = 4

/** Opens a table that tells time by `now`, in milliseconds. */
export function openNameTable<T extends Expiring>(now: () => number, namesMax: number): NameTable<T> {
  const entries = new Map<string, T>()
  let cursor = entries.entries()
  const lookAt = (count: number): void => {
    const nowMs = now()
    for (let looked = 0; looked < count; looked += 1) {
      const next = cursor.next()
      if (next.done === true) {
        cursor = entries.entries()
        return
      }
      const [name, value] = next.value
      if (value.expiresAtMs <= nowMs) entries.delete(name)
    }
  }
  return {
    get(name) {
      const value = entries.get(name)
      return value === undefined || value.expiresAtMs <= now() ? undefined : value
    },
    set(name, value) {
      entries.set(name, value)
    },
    delete(name) {
      entries.delete(name)
    },
    makeRoom(names) {
      let fresh = 0
      for (const { name } of names) if (!entries.has(name)) fresh += 1
      if (fresh === 0) return true
      lookAt(LOOKS_PER_NAME * fresh)
      if (entries.size + fresh <= namesMax) return true
      cursor = entries.entries()
      lookAt(entries.size)
      return entries.size + fresh <= namesMax
    },
  }
}
