import { basename } from 'node:path'
import { PROBLEMS } from '../../canon/problem.ts'
import { isLoopback } from './base-url.ts'
import type { Config } from './config.ts'
import type { ConfigWarning } from './fault.ts'
import { isCredentialHeader } from './headers.ts'
import type { SecretSource } from './secret-source.ts'
import { type Path, showPath } from './tree.ts'

/** Its owner alone: may read and write. */
const OWNER_ONLY = 0o600
/** Group and others: may read, may write. */
const OTHERS_READ = 0o044
const OTHERS_WRITE = 0o022

/** What is doubtful about the file itself: who else may write it, or read a key in it. */
export function fileWarnings(
  file: { readonly mode: number; readonly isLink: boolean },
  config: Config,
): ConfigWarning[] {
  const name = basename(config.source.file)
  const close = `Run: chmod 600 ${config.source.file}`
  const warnings: ConfigWarning[] = []
  if ((file.mode & OTHERS_WRITE) !== 0)
    warnings.push({
      message: `Other users may write ${name}, and so decide where your keys are sent.`,
      fix: close,
      mode: OWNER_ONLY,
    })
  const literals = secretsOf(config).filter(({ source }) => source.from === 'text' && source.literal)
  if ((file.mode & OTHERS_READ) !== 0 && literals.length > 0)
    warnings.push({
      message: `Other users may read ${name}, which holds ${literals.length === 1 ? 'a key' : `${literals.length} keys`}.`,
      fix: close,
      mode: OWNER_ONLY,
      ...placeOf(config, literals[0]?.path ?? []),
    })
  if (file.isLink)
    warnings.push({
      message: `${name} is a symbolic link: whoever may change its target decides where your keys are sent.`,
    })
  return warnings
}

/** What is doubtful about the settings. */
export function settingWarnings(config: Config): ConfigWarning[] {
  const warnings: ConfigWarning[] = []
  for (const [id, entry] of Object.entries(config.models.providers)) {
    const base: Path = ['models', 'providers', id]
    warnings.push(...credentialHeaders(config, [...base, 'headers'], entry.headers))
    entry.models?.forEach((model, i) => {
      warnings.push(...credentialHeaders(config, [...base, 'models', i, 'headers'], model.headers))
    })
  }
  warnings.push(...routeWarnings(config))
  if (!isLoopback(config.gateway.host) && config.gateway.keys.length === 0)
    warnings.push({
      message: `The gateway will not listen on ${config.gateway.host} without keys, of the configuration or made by candor keys: anybody there could spend your plan.`,
      fix: 'Set gateway.keys.',
      ...placeOf(config, ['gateway', 'host']),
    })
  return warnings
}

/** A route with more than one target that never falls back, and codes that hide what should be mended. */
function routeWarnings(config: Config): ConfigWarning[] {
  return Object.entries(config.routes).flatMap(([name, route]) => {
    const hiding = route.fallbackOn.filter(code => PROBLEMS[code].fallback === 'named')
    const path: Path = ['routes', name]
    const names = route.targets.map(({ model }) => model)
    const twice = names.findIndex((each, i) => names.indexOf(each) < i)
    return [
      ...(twice < 0
        ? []
        : [
            {
              message: `The route "${name}" names "${names[twice]}" twice: it counts where it stands first.`,
              fix: 'Take one of them out.',
              ...placeOf(config, [...path, 'targets', twice]),
            },
          ]),
      ...(route.targets.length > 1 && route.fallbackOn.length === 0 && route.balance === 'order'
        ? [
            {
              message: `The route "${name}" has ${route.targets.length} targets and never falls back: only the first is asked.`,
              fix: 'Name the problems on which the next one is tried: fallbackOn: ["overloaded", "unreachable"].',
              ...placeOf(config, path),
            },
          ]
        : []),
      ...(hiding.length > 0
        ? [
            {
              message: `The route "${name}" falls back on ${hiding.join(', ')}: what should be mended may go unseen. Each such answer says so.`,
              ...placeOf(config, [...path, 'fallbackOn']),
            },
          ]
        : []),
    ]
  })
}

/** Every secret of the configuration, with its place. */
function secretsOf(config: Config): { readonly path: Path; readonly source: SecretSource }[] {
  const keys = Object.entries(config.models.providers).flatMap(([id, { apiKey, apiKeys }]) => {
    const path: Path = ['models', 'providers', id]
    return [
      ...(apiKey === undefined ? [] : [{ path: [...path, 'apiKey'], source: apiKey }]),
      ...(apiKeys ?? []).map(({ key }, i) => ({ path: [...path, 'apiKeys', i, 'key'], source: key })),
    ]
  })
  const collector = Object.entries(config.telemetry.otlp?.headers ?? {}).map(([name, source]) => ({
    path: ['telemetry', 'otlp', 'headers', name],
    source,
  }))
  return [...keys, ...collector, ...config.gateway.keys.map((source, i) => ({ path: ['gateway', 'keys', i], source }))]
}

function credentialHeaders(
  config: Config,
  path: Path,
  headers: Readonly<Record<string, string | null>> | undefined,
): ConfigWarning[] {
  return Object.keys(headers ?? {})
    .filter(name => headers?.[name] !== null && isCredentialHeader(name))
    .map(name => ({
      message: `The header "${name}" looks like a credential.`,
      fix: 'Write the key as apiKey: there it is bound to its origin and never shown.',
      ...placeOf(config, [...path, name]),
    }))
}

function placeOf(config: Config, path: Path): { path?: string; line?: number } {
  const position = config.source.positionOf(path)
  return position === undefined ? {} : { path: showPath(path), line: position.line }
}
