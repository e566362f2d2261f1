import { nearest } from '../base/nearest.ts'
import { type Problem, problem } from '../canon/problem.ts'
import type { ModelRow } from '../catalog/model.ts'
import type { ModelSetup, ProviderSetup } from '../upstream/provider-setup.ts'
import type { Target } from './call.ts'

/** Names to targets. */
export interface ModelDirectory {
  readonly providers: readonly ProviderSetup[]
  /** The target a name means, or why it means none. An empty name is the configured default. */
  resolve(name: string): Target | Problem
  /** Every model that is listed, of available and unavailable providers, for `/v1/models` and `candor models`. */
  list(): readonly ListedModel[]
}

/** A model as it is shown. */
export interface ListedModel {
  readonly ref: string
  readonly provider: ProviderSetup
  readonly row: ModelSetup | ModelRow
  readonly available: boolean
}

/** What names are resolved by. */
export interface DirectoryConfig {
  readonly providers: readonly ProviderSetup[]
  /** Exact names, or patterns that end in `*`, to names. */
  readonly aliases: Readonly<Record<string, string>>
  /** Used only when a request names no model. */
  readonly defaultModel?: string
  /** Names of configured routes, which this version does not serve. */
  readonly routeNames: readonly string[]
  /** The catalogue's rows for a provider. */
  readonly catalogueModels: (providerId: string) => readonly ModelRow[]
}

/** Builds the directory of one configuration. */
export function openDirectory(config: DirectoryConfig): ModelDirectory {
  const byId = new Map(config.providers.map(p => [p.id, p]))
  const rows = (provider: ProviderSetup): readonly (ModelSetup | ModelRow)[] => {
    const own = new Set(provider.models.map(m => m.id))
    return [...provider.models, ...config.catalogueModels(provider.id).filter(m => !own.has(m.id))]
  }
  let listed: readonly ListedModel[] | undefined
  const list = () => {
    listed ??= config.providers.flatMap(provider =>
      rows(provider).map(row => ({
        ref: `${provider.id}/${row.id}`,
        provider,
        row,
        available: provider.unavailable === undefined,
      })),
    )
    return listed
  }
  let bare: Map<string, ListedModel[]> | undefined
  const bareIndex = () => {
    if (bare === undefined) {
      bare = new Map()
      for (const model of list())
        if (model.available) bare.set(model.row.id, [...(bare.get(model.row.id) ?? []), model])
    }
    return bare
  }

  /** A hit is remembered: directories are immutable, and clients use few names. Bounded because names come from outside. */
  const found = new Map<string, Target>()

  function resolve(name: string): Target | Problem {
    const known = found.get(name)
    if (known !== undefined) return known
    const target = name === '' ? resolveDefault() : resolveName(name, true)
    if ('ref' in target && found.size < 5_000) found.set(name, target)
    return target
  }

  function resolveDefault(): Target | Problem {
    if (config.defaultModel !== undefined) return resolveName(config.defaultModel, true)
    return problem('model_not_found', 'The request names no model, and no default is configured.', {
      fix: ['Name a model as "provider/model".', 'Or set models.default in the configuration.'],
    })
  }

  function resolveName(name: string, aliasesCount: boolean): Target | Problem {
    const slash = name.indexOf('/')
    const provider = slash > 0 ? byId.get(name.slice(0, slash)) : undefined
    if (provider !== undefined) return resolveAt(provider, name.slice(slash + 1), name)
    const alias = aliasesCount ? aliasFor(config.aliases, name) : undefined
    if (alias !== undefined) return resolveName(alias, false)
    const listing = bareIndex().get(name) ?? []
    const [only, ...others] = listing
    if (only !== undefined && others.length === 0) return resolveAt(only.provider, name, name)
    if (only !== undefined) return ambiguous(name, listing)
    return notFound(name)
  }

  function resolveAt(provider: ProviderSetup, model: string, name: string): Target | Problem {
    if (provider.unavailable !== undefined) {
      return problem('provider_unavailable', `The provider "${provider.id}" cannot be used: ${provider.unavailable}.`, {
        provider: provider.id,
        model,
        fix: [
          provider.unavailable.includes('environment')
            ? 'Set the variable and restart, or write apiKey in the configuration.'
            : 'Run "candor config check".',
        ],
      })
    }
    if (model === '') return notFound(name)
    const row = rows(provider).find(m => m.id === model)
    const current = provider.modelAliases[model] ?? model
    if (current !== model) {
      const currentRow = rows(provider).find(m => m.id === current)
      const merged = row === undefined ? currentRow : { ...currentRow, ...row, id: current }
      return { provider, model: current, ref: `${provider.id}/${current}`, row: merged }
    }
    if (row === undefined && provider.modelList === 'complete') return notFound(name)
    return { provider, model, ref: `${provider.id}/${model}`, row }
  }

  function notFound(name: string): Problem {
    if (config.routeNames.includes(name)) {
      return problem('model_not_found', `"${name}" is a route, and this version of Candor does not serve routes yet.`, {
        fix: ['Name one of the route\'s targets as "provider/model".'],
      })
    }
    const slash = name.indexOf('/')
    const provider = slash > 0 ? byId.get(name.slice(0, slash)) : undefined
    const aliases = Object.keys(provider?.modelAliases ?? {}).map(id => `${provider?.id}/${id}`)
    const here =
      provider === undefined
        ? []
        : list()
            .filter(m => m.provider === provider)
            .map(m => m.ref)
    const everywhere = list()
      .filter(m => m.available)
      .flatMap(m => (slash > 0 ? [m.ref] : [m.ref, m.row.id]))
    const close = nearest(name, [...here, ...aliases])
    const candidates = close.length > 0 ? close : here.length > 0 ? here.slice(0, 5) : nearest(name, everywhere, 5)
    const fix = candidates.length > 0 ? [`Did you mean ${candidates.map(c => `"${c}"`).join(' or ')}?`] : []
    if (provider !== undefined)
      fix.push(
        `If the provider has a new model, add { id: "${name.slice(slash + 1)}" } to models.providers.${provider.id}.models.`,
      )
    return problem('model_not_found', `No model is called "${name}".`, {
      fix: [...fix, 'Run "candor models", or ask GET /v1/models, for what can be called.'],
      ...(provider === undefined ? {} : { provider: provider.id }),
      ...(candidates.length > 0 ? { candidates } : {}),
    })
  }

  return { providers: config.providers, resolve, list }
}

function ambiguous(name: string, listing: readonly ListedModel[]): Problem {
  const candidates = listing.map(m => m.ref).slice(0, 20)
  return problem('ambiguous_model', `${listing.length} providers list a model called "${name}".`, {
    fix: [
      `Name one of them: ${candidates.map(c => `"${c}"`).join(', ')}.`,
      'Or define an alias for it in models.aliases.',
    ],
    candidates,
  })
}

/** Exact aliases first, then the longest pattern that fits. */
function aliasFor(aliases: Readonly<Record<string, string>>, name: string): string | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name]
  let best: string | undefined
  for (const pattern of Object.keys(aliases)) {
    const fits = pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))
    if (fits && pattern.length > (best?.length ?? -1)) best = pattern
  }
  return best === undefined ? undefined : aliases[best]
}
