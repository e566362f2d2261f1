import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import type { Config, LoadResult } from '../../app/config/config.ts'
import type { Environment } from '../../app/config/paths.ts'
import { isPlainWord } from '../../app/config/plain-word.ts'
import { resolveProviders } from '../../app/config/providers.ts'
import { resolveCollectorHeaders, resolveGatewayKeys } from '../../app/config/references.ts'
import { openSource } from '../../app/config/source.ts'
import { plainValue, SyntaxFault } from '../../app/config/tree.ts'
import type { Clock } from '../../base/clock.ts'
import { asObject, type JsonValue } from '../../base/json-value.ts'
import type { Secret } from '../../base/secret.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import type { ProviderSetup } from '../../upstream/provider-setup.ts'
import { isHarmlessHeader } from './cleaner.ts'

/** Shorter texts are no secrets, and are found in every other text. */
const SECRET_CHARS_MIN = 6

/** What {@link knownSecrets} looks at. */
export interface SecretPlaces {
  readonly configFile: string
  readonly loaded: LoadResult
  readonly env: Environment
  readonly clock: Clock
  /** With their keys looked up, if they are already: programs that give keys are not run twice. */
  readonly providers?: readonly ProviderSetup[] | undefined
  /** Of the gateway that runs. */
  readonly adminToken?: string | undefined
}

/**
 * Everything that is known to be secret here: what the configuration file holds where a secret may be, what the environment holds under names of
 * keys or is referred to, and what files and programs give that the configuration takes keys from.
 */
export async function knownSecrets(places: SecretPlaces): Promise<ReadonlySet<string>> {
  const { configFile, loaded, env, adminToken } = places
  const text = await readFile(configFile, 'utf8').catch(() => '')
  const found = [
    ...(adminToken === undefined ? [] : [adminToken]),
    ...writtenSecrets(text),
    ...environmentSecrets(env, referencedIn(text)),
    ...(loaded.ok ? await resolvedSecrets(loaded.config, places) : []),
  ]
  return new Set(found.map(each => each.trim()).filter(each => each.length >= SECRET_CHARS_MIN))
}

/** What the file itself holds where a secret may be: what a fault's excerpt shows as dots, and headers whatever they look like. */
function writtenSecrets(text: string): readonly string[] {
  const { hidden, root } = openSource('', text)
  const values = root instanceof SyntaxFault ? [] : secretTexts(plainValue(root), [])
  const pieces = hidden.map(({ start, end }) => text.slice(start, end))
  const written = values.flatMap(withoutReferences)
  return [...written, ...written.flatMap(value => value.split(/\s+/)), ...pieces.flatMap(guessed)]
}

/** Of a comment, or of all that is behind the place where a broken file could not be read on, what is no usual word. */
function guessed(piece: string): readonly string[] {
  if (!/\s/.test(piece)) return withoutReferences(piece)
  return [...(piece.length > PHRASE_CHARS_MAX ? [] : [piece]), ...unusualWords(piece)]
}

/** Texts that stand for headers and keys. */
function secretTexts(value: JsonValue | undefined, path: readonly string[]): readonly string[] {
  if (typeof value === 'string') return mayBeSecret(path) ? [value] : []
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => secretTexts(item, path))
  return Object.entries(asObject(value) ?? {}).flatMap(([key, inner]) => secretTexts(inner, [...path, key]))
}

function mayBeSecret(path: readonly string[]): boolean {
  const [above, key = ''] = path.slice(-2)
  return above === 'headers' ? !isHarmlessHeader(key) : /^(?:apiKeys?|keys?)$/.test(key)
}

/** A longer text is prose or a whole part of the file. */
const PHRASE_CHARS_MAX = 200

function unusualWords(text: string): readonly string[] {
  return text
    .split(/[\s"'`,:{}[\]]+/)
    .filter(word => word.length >= SECRET_CHARS_MIN && (!isPlainWord(word) || /\d/.test(word)))
}

/** What a text holds itself: in `${NAME:-default}` only the default is secret, and what stands beside it. `$${` is a literal `${`. */
function withoutReferences(text: string): readonly string[] {
  if (!text.includes('${')) return [text]
  const literal = text.replaceAll('$${', '${')
  return [...text.split(/\$\{\w+(?::-)?|\}/), ...(literal === text ? [] : [literal])]
}

function referencedIn(text: string): readonly string[] {
  return [...text.matchAll(/\$\{(\w+)/g)].map(match => match[1] ?? '')
}

/** Names under which people keep secrets. */
const SECRET_NAME = /key|token|secret|passw|auth|credential|cookie/i

function environmentSecrets(env: Environment, referenced: readonly string[]): readonly string[] {
  const named = new Set([...referenced, ...PROVIDERS.flatMap(({ env: names }) => names)])
  return Object.entries(env).flatMap(([name, value = '']) => {
    if (/proxy/i.test(name)) return secretsOfUrl(value)
    // Where a key lies is no secret; it is shown, if at all, without the home folder.
    if (isAbsolute(value) && existsSync(value)) return []
    return named.has(name) || SECRET_NAME.test(name) ? [value] : []
  })
}

function secretsOfUrl(value: string): readonly string[] {
  if (!URL.canParse(value)) return []
  const { username, password, searchParams } = new URL(value)
  return [...[username, password].map(decoded), ...searchParams.values()]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

async function resolvedSecrets(
  config: Config,
  { env, clock, providers: known }: SecretPlaces,
): Promise<readonly string[]> {
  const inputs = { env, clock }
  const [providers, gateway, collector] = await Promise.all([
    known ?? resolveProviders(config, PROVIDERS, inputs),
    resolveGatewayKeys(config, inputs),
    resolveCollectorHeaders(config, inputs),
  ])
  const keys: readonly (Secret | undefined)[] = [
    ...providers.flatMap(({ credentials }) => credentials.map(({ key }) => key)),
    ...gateway.keys,
    ...Object.values(collector.headers),
  ]
  return keys.flatMap(key => key?.reveal() ?? [])
}
