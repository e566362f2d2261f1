import type { ConfigText } from './app.ts'
import type { Config } from './config/config.ts'
import { checkText } from './config/load.ts'
import { type ResolvedConfig, resolveConfig } from './config/resolve.ts'

/** A configuration whose providers may be helped out, and what to tell of it. */
export interface StoodIn {
  readonly resolved: ResolvedConfig
  readonly warnings: readonly string[]
}

/**
 * Puts other providers in where not one of the configuration can be used, and says so. All else the configuration says stays: address, keys,
 * limits, aliases, and its default model if it names one. Throws if the text is no configuration: the program wrote it.
 */
export async function withStandIn(resolved: ResolvedConfig, { text, label }: ConfigText): Promise<StoodIn> {
  if (resolved.providers.some(provider => provider.unavailable === undefined)) return { resolved, warnings: [] }
  const checked = checkText(text, label)
  if (!checked.ok) throw new Error(`${label}: no configuration`)
  // Without the environment: a key that stands there is for its own provider.
  const { providers: all } = await resolveConfig(checked.config, {})
  const others = all.filter(provider => provider.unavailable === undefined)
  const ids = new Set(others.map(provider => provider.id))
  const { config } = resolved
  const given = config.models.default ?? checked.config.models.default
  const models = given === undefined ? config.models : { ...config.models, default: given }
  return {
    resolved: {
      ...resolved,
      config: { ...config, models },
      providers: [...others, ...resolved.providers.filter(provider => !ids.has(provider.id))],
    },
    warnings: config.source.exists ? [warning(config, resolved, label)] : [],
  }
}

function warning(config: Config, { providers }: ResolvedConfig, label: string): string {
  const { file } = config.source
  const named = providers.filter(({ id }) => Object.hasOwn(config.models.providers, id))
  if (named.length === 0) return `${file} names no provider, and the environment has no key of one: ${label} answer.`
  const reasons = named.map(({ id, unavailable }) => `${id}: ${unavailable ?? 'no reason is told'}`)
  return `No provider in ${file} can be used, so ${label} answer. ${reasons.join('. ')}.`
}
