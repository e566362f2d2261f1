import type { Clock } from '../base/clock.ts'
import { Connection, type ConnectionUser, type Keeper, type Trust } from './http1-connection.ts'
import type { Address } from './http1-request.ts'

/** Limits of the connections that wait for their next use. */
export interface PoolLimits {
  /** For one origin. */
  readonly idlePerOriginMax: number
  /** For all together. */
  readonly idleMax: number
  /** How long one waits, in milliseconds. */
  readonly idleMs: number
}

/** Most servers keep an idle connection for a minute or longer; those that do not mostly say so. */
export const POOL_LIMITS: PoolLimits = { idlePerOriginMax: 256, idleMax: 1024, idleMs: 30_000 }

/** Before the other side's own limit, in milliseconds: a request must still arrive. */
const MARGIN_MS = 1_000

/** Connections to all origins that are kept for the next request. */
export class Pool implements Keeper {
  readonly #clock: Clock
  readonly #limits: PoolLimits
  readonly #trust: Trust
  /** By origin; the one used last stands last. */
  readonly #idle = new Map<string, Connection[]>()
  /** Given back a moment ago, see {@link Pool.#rest}. */
  #resting: Connection[] = []
  /** How many wait, those that rest among them. */
  #count = 0
  #sweeping = false
  #closed = false

  constructor(clock: Clock, limits: PoolLimits, trust: Trust) {
    this.#clock = clock
    this.#limits = limits
    this.#trust = trust
  }

  /** One that waited, now the user's. The youngest: the others may grow old and be closed. */
  take(address: Address, user: ConnectionUser): Connection | undefined {
    const waiting = this.#idle.get(address.origin)
    for (;;) {
      const connection = waiting?.pop()
      if (connection === undefined) return undefined
      this.#count -= 1
      if (connection.idleUntilMs > this.#clock.monotonicMs() && connection.use(user)) return connection
      connection.destroy()
    }
  }

  /** A new one. */
  open(address: Address, user: ConnectionUser): Connection {
    return Connection.open(address, this.#trust, user, this)
  }

  /** Takes back one whose last answer was read to its end. `keepAliveMs`: how long the other side keeps it, where it told. */
  give(connection: Connection, keepAliveMs: number | undefined): void {
    const { idleMs, idleMax } = this.#limits
    const forMs = Math.min(idleMs, (keepAliveMs ?? Number.POSITIVE_INFINITY) - MARGIN_MS)
    if (forMs <= 0 || this.#count >= idleMax || this.#closed) {
      connection.destroy()
      return
    }
    connection.idleUntilMs = this.#clock.monotonicMs() + forMs
    connection.park()
    this.#count += 1
    this.#rest(connection)
  }

  /** Forgets one that is gone, or that spoke though nobody had asked. */
  drop(connection: Connection): void {
    connection.destroy()
    const waiting = this.#idle.get(connection.address.origin)
    const at = waiting?.indexOf(connection) ?? -1
    if (at < 0) return
    waiting?.splice(at, 1)
    this.#count -= 1
  }

  /** Closes all that wait, and those in use once they are given back. */
  close(): void {
    this.#closed = true
    for (const waiting of this.#idle.values()) {
      this.#count -= waiting.length
      for (const connection of waiting) connection.destroy()
    }
    this.#idle.clear()
  }

  /**
   * Some servers close right behind an answer without having said so. That is in the socket already, but the event loop tells it when it looks at
   * the socket once more; a request sent before would be lost. So the connection rests until then: two turns later, since this one is under way.
   */
  #rest(connection: Connection): void {
    this.#resting.push(connection)
    if (this.#resting.length > 1) return
    setImmediate(() => {
      const rested = this.#resting
      this.#resting = []
      setImmediate(() => this.#keep(rested))
    })
  }

  #keep(rested: readonly Connection[]): void {
    for (const connection of rested) {
      const waiting = this.#waiting(connection.address.origin)
      if (connection.isGone || this.#closed || waiting.length >= this.#limits.idlePerOriginMax) {
        connection.destroy()
        this.#count -= 1
      } else waiting.push(connection)
    }
    this.#sweepLater()
  }

  #waiting(origin: string): Connection[] {
    const found = this.#idle.get(origin)
    if (found !== undefined) return found
    const made: Connection[] = []
    this.#idle.set(origin, made)
    return made
  }

  #sweepLater(): void {
    if (this.#sweeping || this.#count === 0) return
    this.#sweeping = true
    this.#clock.after(this.#limits.idleMs, () => this.#sweep())
  }

  /** Closes those that have waited long enough. */
  #sweep(): void {
    const now = this.#clock.monotonicMs()
    for (const [origin, waiting] of this.#idle) {
      const young = waiting.filter(connection => connection.idleUntilMs > now)
      for (const connection of waiting) if (connection.idleUntilMs <= now) connection.destroy()
      this.#count -= waiting.length - young.length
      if (young.length === 0) this.#idle.delete(origin)
      else this.#idle.set(origin, young)
    }
    this.#sweeping = false
    this.#sweepLater()
  }
}
