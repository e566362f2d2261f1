import type { Config } from '../../app/config/config.ts'
import type { Environment } from '../../app/config/paths.ts'
import type { SecretSource } from '../../app/config/secret-source.ts'
import { expand, filled, referencedNames } from '../../app/config/template.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import { isOwnNoProxy } from '../no-proxy.ts'

/** A variable the gateway would look at. */
export interface Variable {
  readonly name: string
  /** The configuration names it; else the catalogue does, or the runtime. */
  readonly configured: boolean
  /** The configuration names it, and has nothing else in its place. */
  readonly needed: boolean
  /** It is set where this command runs. */
  readonly isSet: boolean
}

/** The way out through a proxy, which the runtime reads. */
const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy']
/** What is not asked through it; without a proxy it says nothing. */
const NO_PROXIES = ['NO_PROXY', 'no_proxy']
/** Certificates of the user's own. */
const CERTIFICATES = 'NODE_EXTRA_CA_CERTS'

/** Every variable the configuration refers to, and those of the catalogue and the runtime that are set now. */
export function variablesFor(config: Config | undefined, env: Environment): readonly Variable[] {
  const uses = config === undefined ? [] : usesIn(config)
  const configured = new Set(uses.flatMap(({ names }) => names))
  const known = PROVIDERS.flatMap(row => [...row.env, ...(row.variables ?? []).flatMap(each => each.env)])
  const isSet = (name: string) => filled(env, name) !== undefined && !isOwnNoProxy(name, env)
  const ofTheRuntime = [...PROXIES, ...(PROXIES.some(isSet) ? NO_PROXIES : []), CERTIFICATES]
  const others = [...known, ...ofTheRuntime].filter(isSet)
  return [...new Set([...configured, ...others])].map(name => ({
    name,
    configured: configured.has(name),
    needed: uses.some(use => use.names.includes(name) && !use.worksWithout(name)),
    isSet: isSet(name),
  }))
}

/** A place of the configuration that refers to the environment. */
interface Use {
  readonly names: readonly string[]
  worksWithout(name: string): boolean
}

function usesIn(value: unknown): readonly Use[] {
  if (typeof value === 'string') return templateUse(value)
  if (Array.isArray(value)) return value.flatMap(usesIn)
  if (typeof value !== 'object' || value === null) return []
  return isSecretSource(value) ? secretUse(value) : Object.values(value).flatMap(usesIn)
}

function isSecretSource(value: object): value is SecretSource {
  return 'from' in value && ['text', 'file', 'exec'].includes(String(value.from))
}

function templateUse(template: string): readonly Use[] {
  const names = referencedNames(template)
  return names.length === 0 ? [] : [{ names, worksWithout: name => expand(template, without(name, names)).ok }]
}

function secretUse(source: SecretSource): readonly Use[] {
  if (source.from === 'file') return templateUse(source.file)
  // What a program may see of the environment, it may do without.
  if (source.from === 'exec') return [{ names: source.env, worksWithout: () => true }]
  const { names } = source
  return [{ names, worksWithout: name => source.fill(without(name, names)).ok }]
}

/** All the variables of a place but one, with something in them. */
function without(name: string, names: readonly string[]): Environment {
  return Object.fromEntries(names.filter(each => each !== name).map(each => [each, 'x']))
}
