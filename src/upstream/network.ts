import type { Clock } from '../base/clock.ts'
import type { Trust } from './http1-connection.ts'
import { POOL_LIMITS, Pool, type PoolLimits } from './http1-pool.ts'
import { type Address, addressOf } from './http1-request.ts'
import { mayBeProxied } from './proxies.ts'

/** How providers are reached: connections that are kept, and who is asked through a proxy. One for the whole program. */
export interface Network {
  readonly pool: Pool
  /** Where to connect to; undefined where a proxy may stand between. */
  directAddress(origin: string): Address | undefined
  /** Closes the connections that wait. */
  close(): void
}

/** What a network is opened with. */
export interface NetworkOptions {
  readonly clock: Clock
  /** The environment, for `HTTP_PROXY` and its like. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly limits?: PoolLimits
  readonly trust?: Trust
}

/** Opens the network. Nothing is connected yet. */
export function openNetwork(options: NetworkOptions): Network {
  const { clock, env, limits = POOL_LIMITS, trust = {} } = options
  const pool = new Pool(clock, limits, trust)
  // Origins come from the configuration and the catalogue only, so this stays small.
  const addresses = new Map<string, Address | undefined>()
  return {
    pool,
    directAddress(origin) {
      const known = addresses.get(origin)
      if (known !== undefined || addresses.has(origin)) return known
      const url = new URL(origin)
      const address = mayBeProxied(url, env) ? undefined : addressOf(url)
      addresses.set(origin, address)
      return address
    },
    close: () => pool.close(),
  }
}
