/** Entries that may go before the map starts over, beside as many as it holds. */
const GONE_MIN = 64

/**
 * A map of what is there for a moment, such as the calls in flight. The runtime's own map gives itself a new table now and then, and the old one
 * leads to it: for a collector that looks at young objects only, one old table keeps everything alive that was in the map since. So this one starts
 * over with a fresh map before much has passed through it. In the order of setting.
 */
export class BriefMap<K, V> {
  #entries = new Map<K, V>()
  /** Entries that have gone since it started over. */
  #gone = 0

  get size(): number {
    return this.#entries.size
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  set(key: K, value: V): void {
    this.#entries.set(key, value)
  }

  /** False if there was none. */
  delete(key: K): boolean {
    if (!this.#entries.delete(key)) return false
    this.#gone += 1
    if (this.#gone > GONE_MIN + this.#entries.size) this.#startOver()
    return true
  }

  /** What changes meanwhile may be missed: whoever changes it on the way takes a copy. */
  values(): MapIterator<V> {
    return this.#entries.values()
  }

  #startOver(): void {
    this.#entries = new Map(this.#entries)
    this.#gone = 0
  }
}
