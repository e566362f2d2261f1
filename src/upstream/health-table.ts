import type { HealthKey } from './health.ts'

/** What a table needs to know of an entry to decide which may go. */
export interface Droppable {
  readonly busy: boolean
  /** When it was used last, by the table's own count. Set by the table. */
  usedAt: number
}

/**
 * Entries by health key, bounded: model names may come from clients. When full, the eighth used longest ago makes room, but never a busy one, whose
 * number is bounded by the calls the gateway takes. Looked up without making a joined key, several times a call.
 */
export class HealthTable<E extends Droppable> {
  readonly #entries = new Map<string, Map<string, Map<string, E>>>()
  readonly #entriesMax: number
  #size = 0
  #uses = 0

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax
  }

  /** The entry, now the one used last. */
  use({ provider, credential, model }: HealthKey): E | undefined {
    const entry = this.#entries.get(provider)?.get(credential)?.get(model)
    if (entry !== undefined) entry.usedAt = ++this.#uses
    return entry
  }

  /** Adds an entry that is not there yet, and gives it back. */
  add({ provider, credential, model }: HealthKey, entry: E): E {
    if (this.#size >= this.#entriesMax) this.#makeRoom()
    const credentials = under(this.#entries, provider)
    under(credentials, credential).set(model, entry)
    entry.usedAt = ++this.#uses
    this.#size += 1
    return entry
  }

  *values(): Iterable<E> {
    for (const credentials of this.#entries.values()) for (const models of credentials.values()) yield* models.values()
  }

  #makeRoom(): void {
    const idle: number[] = []
    for (const entry of this.values()) if (!entry.busy) idle.push(entry.usedAt)
    idle.sort((a, b) => a - b)
    const lastToGo = idle[Math.min(idle.length - 1, Math.floor(this.#entriesMax / 8))]
    if (lastToGo !== undefined) this.#drop(entry => !entry.busy && entry.usedAt <= lastToGo)
  }

  #drop(goes: (entry: E) => boolean): void {
    for (const [provider, credentials] of this.#entries) {
      for (const [credential, models] of credentials) {
        for (const [model, entry] of models) {
          if (!goes(entry)) continue
          models.delete(model)
          this.#size -= 1
        }
        if (models.size === 0) credentials.delete(credential)
      }
      if (credentials.size === 0) this.#entries.delete(provider)
    }
  }
}

/** The map below that name, made if it is not there. */
function under<V>(maps: Map<string, Map<string, V>>, name: string): Map<string, V> {
  const there = maps.get(name)
  if (there !== undefined) return there
  const made = new Map<string, V>()
  maps.set(name, made)
  return made
}
