import { type Clock, systemClock } from '../../base/clock.ts'
import type { Secret } from '../../base/secret.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import type { ProviderSetup } from '../../upstream/provider-setup.ts'
import type { Config } from './config.ts'
import type { Environment } from './paths.ts'
import { resolveProviders } from './providers.ts'
import { resolveCollectorHeaders, resolveGatewayKeys } from './references.ts'

/** A configuration with everything it refers to looked up. */
export interface ResolvedConfig {
  readonly config: Config
  readonly providers: readonly ProviderSetup[]
  readonly gatewayKeys: readonly Secret[]
  /** Headers for the collector of traces; absent where one could not be had. */
  readonly collectorHeaders: Readonly<Record<string, Secret>>
  /** Things to know that stop nothing. */
  readonly warnings: readonly string[]
}

/**
 * One of `gateway.keys` cannot be had. Never passed over: with the last key gone the gateway would ask for none. The message is for
 * people and holds no secret.
 */
export class MissingGatewayKey extends Error {
  constructor(missing: readonly string[]) {
    super(
      `The gateway's own keys cannot be had, and without them its door would stand open.\n  why: ${missing.join('; ')}\n  fix: provide what is missing, or take the entry out of gateway.keys.`,
    )
    this.name = 'MissingGatewayKey'
  }
}

/** Looks up all references, all at the same time. Throws {@link MissingGatewayKey}; a provider's missing key only makes it unavailable. */
export async function resolveConfig(
  config: Config,
  env: Environment,
  clock: Clock = systemClock,
): Promise<ResolvedConfig> {
  const inputs = { env, clock }
  const [providers, gateway, collector] = await Promise.all([
    resolveProviders(config, PROVIDERS, inputs),
    resolveGatewayKeys(config, inputs),
    resolveCollectorHeaders(config, inputs),
  ])
  if (gateway.missing.length > 0) throw new MissingGatewayKey(gateway.missing)
  const { headers, missing } = collector
  return { config, providers, gatewayKeys: gateway.keys, collectorHeaders: headers, warnings: missing }
}
