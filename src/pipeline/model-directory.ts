import { nearest } from '../base/nearest.ts'
import { quoteText, redactText } from '../base/redact.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { ModelRow } from '../catalog/model.ts'
import type { ModelSetup, ProviderSetup } from '../upstream/provider-setup.ts'
import type { Target } from './call.ts'
import { courseOf, courseOfRoute, type RouteStop } from './course.ts'
import type { Course, RouteSetup } from './route.ts'

/** Names to targets. */
export interface ModelDirectory {
  readonly providers: readonly ProviderSetup[]
  readonly routes: readonly RouteSetup[]
  /** Where a name leads: the targets of a route, or one model. An empty name is the configured default. */
  course(name: string): Course | Problem
  /** The model a name means, or why it means none. A route is no model. An empty name is the configured default. */
  resolve(name: string): Target | Problem
  /** The target a name means, be its provider usable or not: for what is told without a call. Only a provider without an address is none. */
  resolveUnusable(name: string): Target | Problem
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
  readonly routes: readonly RouteSetup[]
  /** The catalogue's rows for a provider. */
  readonly catalogueModels: (providerId: string) => readonly ModelRow[]
}

/** Builds the directory of one configuration. */
export function openDirectory(config: DirectoryConfig): ModelDirectory {
  return new Directory(config)
}

/** Names come from outside, so what is remembered of them is bounded. */
const REMEMBERED_MAX = 5_000

/** Longest name of a model, in characters: names are kept, in receipts too. The configuration's own are no longer than this. */
const NAME_CHARS_MAX = 512

class Directory implements ModelDirectory {
  readonly providers: readonly ProviderSetup[]
  readonly routes: readonly RouteSetup[]
  readonly #config: DirectoryConfig
  readonly #byId: ReadonlyMap<string, ProviderSetup>
  readonly #routesByName: ReadonlyMap<string, RouteSetup>
  /** Hits: directories are immutable, and clients use few names. */
  readonly #found = new Map<string, Course>()
  #listed: readonly ListedModel[] | undefined
  #bare: Map<string, ListedModel[]> | undefined

  constructor(config: DirectoryConfig) {
    this.providers = config.providers
    this.#config = config
    this.routes = config.routes
    this.#byId = new Map(config.providers.map(p => [p.id, p]))
    this.#routesByName = new Map(config.routes.map(route => [route.name, route]))
  }

  course(name: string): Course | Problem {
    const known = this.#found.get(name)
    if (known !== undefined) return known
    const route = this.#routeNamed(name)
    const resolved = route === undefined ? this.resolve(name) : undefined
    const course = route === undefined ? undefined : courseOfRoute(route, target => this.#ofRoute(target))
    const found = course ?? (resolved === undefined || isProblem(resolved) ? resolved : courseOf(resolved))
    if (found === undefined) throw new Error('a name is a route or no route')
    if (!isProblem(found) && this.#found.size < REMEMBERED_MAX) this.#found.set(name, found)
    return found
  }

  resolve(name: string): Target | Problem {
    return this.#resolved(name, false)
  }

  resolveUnusable(name: string): Target | Problem {
    return this.#resolved(name, true)
  }

  #resolved(name: string, unusable: boolean): Target | Problem {
    return name === '' ? this.#default(unusable) : this.#named(name, true, unusable)
  }

  /** A name of a model comes before a route's, a route's before an alias; the default and an alias may be one. */
  #routeNamed(name: string): RouteSetup | undefined {
    const wanted = name === '' ? (this.#config.defaultModel ?? '') : name
    if (this.#isRef(wanted)) return undefined
    const alias = this.#routesByName.has(wanted) ? undefined : aliasFor(this.#config.aliases, wanted)
    return this.#routesByName.get(alias ?? wanted)
  }

  #isRef(name: string): boolean {
    const slash = name.indexOf('/')
    return slash > 0 && this.#byId.has(name.slice(0, slash))
  }

  /** The target itself, be it usable or not, and why not. */
  #ofRoute(name: string): RouteStop {
    const usable = this.resolve(name)
    if (!isProblem(usable)) return { target: usable }
    const target = this.resolveUnusable(name)
    if (!isProblem(target)) return { target, problem: usable }
    const billing = this.#byId.get(usable.provider ?? '')?.billing
    return { problem: usable, ...(billing === undefined ? {} : { billing }) }
  }

  list(): readonly ListedModel[] {
    this.#listed ??= this.providers.flatMap(provider =>
      this.#rows(provider).map(row => ({
        ref: `${provider.id}/${row.id}`,
        provider,
        row,
        available: provider.unavailable === undefined,
      })),
    )
    return this.#listed
  }

  #rows(provider: ProviderSetup): readonly (ModelSetup | ModelRow)[] {
    const own = new Set(provider.models.map(m => m.id))
    return [...provider.models, ...this.#config.catalogueModels(provider.id).filter(m => !own.has(m.id))]
  }

  #bareIndex(): ReadonlyMap<string, readonly ListedModel[]> {
    if (this.#bare !== undefined) return this.#bare
    const index = new Map<string, ListedModel[]>()
    for (const model of this.list()) {
      if (!model.available) continue
      const same = index.get(model.row.id)
      if (same === undefined) index.set(model.row.id, [model])
      else same.push(model)
    }
    this.#bare = index
    return index
  }

  #default(unusable: boolean): Target | Problem {
    const name = this.#config.defaultModel
    if (name !== undefined) return this.#named(name, true, unusable)
    return problem('model_not_found', 'The request names no model, and no default is configured.', {
      why: 'Candor guesses no model: a request that names none goes to models.default, and nowhere else.',
      fix: [
        'Name a model as "provider/model"; "candor models" lists them.',
        'Or set the default: candor config set models.default <provider/model>',
      ],
    })
  }

  #named(name: string, aliasesCount: boolean, unusable: boolean): Target | Problem {
    if (name.length > NAME_CHARS_MAX) return this.#notFound(name)
    const slash = name.indexOf('/')
    const provider = slash > 0 ? this.#byId.get(name.slice(0, slash)) : undefined
    if (provider !== undefined) return this.#at(provider, name.slice(slash + 1), name, unusable)
    const alias = aliasesCount ? aliasFor(this.#config.aliases, name) : undefined
    if (alias !== undefined) return this.#named(alias, false, unusable)
    const listing = this.#bareIndex().get(name) ?? (unusable ? this.list().filter(({ row }) => row.id === name) : [])
    const [only] = listing
    if (only === undefined) return this.#notFound(name)
    return listing.length === 1 ? this.#at(only.provider, name, name, unusable) : ambiguous(name, listing)
  }

  #at(provider: ProviderSetup, model: string, name: string, unusable: boolean): Target | Problem {
    if (provider.unavailable !== undefined && !(unusable && provider.endpoints.length > 0))
      return unavailable(provider, model)
    if (model === '') return this.#notFound(name)
    const rows = this.#rows(provider)
    const row = rows.find(m => m.id === model)
    const current = provider.modelAliases[model] ?? model
    if (current !== model) {
      const currentRow = rows.find(m => m.id === current)
      const merged = row === undefined ? currentRow : { ...currentRow, ...row, id: current }
      return { provider, model: current, ref: `${provider.id}/${current}`, row: merged }
    }
    if (row === undefined && (provider.modelList === 'complete' || isLikeKey(model))) return this.#notFound(name)
    return { provider, model, ref: `${provider.id}/${model}`, row }
  }

  #notFound(name: string): Problem {
    const slash = name.indexOf('/')
    const provider = slash > 0 ? this.#byId.get(name.slice(0, slash)) : undefined
    const candidates = this.#near(name, provider)
    const shown = quoteText(redactText(name), 200)
    const list = provider === undefined ? '' : ` ${provider.id}`
    const fix = candidates.length > 0 ? [`Did you mean ${candidates.map(c => `"${c}"`).join(' or ')}?`] : []
    if (provider !== undefined) {
      const id = shown.slice(slash + 1, slash + 81)
      fix.push(`If the provider has a new model, add { id: "${id}" } to models.providers.${provider.id}.models.`)
    }
    return problem('model_not_found', `No model is called "${shown}".`, {
      fix: [...fix, `Run "candor models${list}", or ask GET /v1/models, for what can be called.`],
      ...(provider === undefined ? {} : { provider: provider.id }),
      ...(candidates.length > 0 ? { candidates } : {}),
    })
  }

  /** Names so like it that they may be meant: the provider's own where it is known, else everybody's. */
  #near(name: string, provider: ProviderSetup | undefined): string[] {
    if (provider !== undefined) {
      const refs = this.list()
        .filter(m => m.provider === provider)
        .map(m => m.ref)
      const aliases = Object.keys(provider.modelAliases).map(id => `${provider.id}/${id}`)
      return nearest(name, [...refs, ...aliases])
    }
    const usable = this.list().filter(m => m.available)
    const models = usable.flatMap(m => (name.includes('/') ? [m.ref] : [m.ref, m.row.id]))
    return nearest(name, [...this.#routesByName.keys(), ...models], 5)
  }
}

/** A key in the place of a name was a slip. It is not sent to the provider, nor kept as a name. */
function isLikeKey(model: string): boolean {
  return redactText(model) !== model
}

function unavailable(provider: ProviderSetup, model: string): Problem {
  return problem('provider_unavailable', `The provider "${provider.id}" cannot be used: ${provider.unavailable}.`, {
    provider: provider.id,
    model: quoteText(redactText(model), 200),
    fix: [
      `See what is missing: candor doctor ${provider.id}.`,
      `The key belongs in the environment or under models.providers.${provider.id}.apiKey.`,
    ],
  })
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

/** What a name stands for: exact aliases first, then the longest pattern that fits. */
export function aliasFor<T>(aliases: Readonly<Record<string, T>>, name: string): T | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name]
  let best: string | undefined
  for (const pattern of Object.keys(aliases)) {
    const fits = pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))
    if (fits && pattern.length > (best?.length ?? -1)) best = pattern
  }
  return best === undefined ? undefined : aliases[best]
}
