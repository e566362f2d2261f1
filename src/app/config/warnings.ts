import { basename } from 'node:path'
import { isLoopback } from './base-url.ts'
import type { Config } from './config.ts'
import type { ConfigWarning } from './fault.ts'
import { isCredentialHeader } from './headers.ts'
import type { SecretSource } from './secret-source.ts'
import { type Path, showPath } from './tree.ts'

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
    warnings.push({ message: `Other users may write ${name}, and so decide where your keys are sent.`, fix: close })
  const literals = secretsOf(config).filter(({ source }) => source.from === 'text' && source.literal)
  if ((file.mode & OTHERS_READ) !== 0 && literals.length > 0)
    warnings.push({
      message: `Other users may read ${name}, which holds ${literals.length === 1 ? 'a key' : `${literals.length} keys`}.`,
      fix: close,
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
  const routes = Object.keys(config.routes)
  if (routes.length > 0)
    warnings.push({
      message: `Routes (${routes.join(', ')}) are not served by this version: a call that names one is told so.`,
      ...placeOf(config, ['routes']),
    })
  if (!isLoopback(config.gateway.host) && config.gateway.keys.length === 0)
    warnings.push({
      message: `The gateway will not listen on ${config.gateway.host} without keys: anybody there could spend your plan.`,
      fix: 'Set gateway.keys.',
      ...placeOf(config, ['gateway', 'host']),
    })
  return warnings
}

/** Every secret of the configuration, with its place. */
function secretsOf(config: Config): { readonly path: Path; readonly source: SecretSource }[] {
  const keys = Object.entries(config.models.providers).flatMap(([id, { apiKey }]) =>
    apiKey === undefined ? [] : [{ path: ['models', 'providers', id, 'apiKey'], source: apiKey }],
  )
  return [...keys, ...config.gateway.keys.map((source, i) => ({ path: ['gateway', 'keys', i], source }))]
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
