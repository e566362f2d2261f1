import { isAbsolute } from 'node:path'
import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { nearest } from '../../base/nearest.ts'
import type { Provider } from '../../catalog/provider.ts'
import { checkBaseUrl } from './base-url.ts'
import { checkHeaderName, checkHeaderValue } from './headers.ts'
import type { Finding } from './issues.ts'
import { checkRoutes } from './meaning-routes.ts'
import { isPlainWord } from './plain-word.ts'
import type { SecretShape } from './secret-source.ts'
import { hasReference, isTemplate, REFERENCE_FORMS } from './template.ts'
import { type Path, showPath } from './tree.ts'

/**
 * What the shape alone cannot tell. Looks at the file's plain values, whatever shape they have, so that its findings stand beside the
 * schema's and all faults are told at once.
 */
export function checkMeaning(root: JsonValue, catalogue: readonly Provider[]): Finding[] {
  const file = asObject(root) ?? {}
  const providers = entries(asObject(file['models'])?.['providers'])
  return [
    ...checkReferences(root, []),
    ...providers.flatMap(([id, entry]) => checkProvider(id, entry, catalogue)),
    ...checkAliases(asObject(asObject(file['models'])?.['aliases']) ?? {}),
    ...checkRoutes(file, catalogue),
    ...checkGateway(asObject(file['gateway']) ?? {}),
    ...checkTelemetry(asObject(asObject(file['telemetry'])?.['otlp'])),
  ]
}

function entries(value: JsonValue | undefined): [string, JsonObject][] {
  return Object.entries(asObject(value) ?? {}).flatMap(([id, entry]) => (isObject(entry) ? [[id, entry]] : []))
}

/** `*` stands for one step, `**` for the rest. */
const REFERENCE_PLACES: readonly (readonly string[])[] = [
  ['models', 'providers', '*', 'apiKey'],
  ['models', 'providers', '*', 'apiKey', 'file'],
  ['models', 'providers', '*', 'apiKeys', '*', 'key'],
  ['models', 'providers', '*', 'apiKeys', '*', 'key', 'file'],
  ['models', 'providers', '*', 'baseUrl'],
  ['models', 'providers', '*', 'headers', '*'],
  ['models', 'providers', '*', 'models', '*', 'headers', '*'],
  ['gateway', 'keys', '*'],
  ['gateway', 'keys', '*', 'file'],
  ['telemetry', 'otlp', 'headers', '*'],
  ['telemetry', 'otlp', 'headers', '*', 'file'],
]

/** Texts in `exec` are passed to the program as they are: `${` there is the program's own business. */
function checkReferences(value: JsonValue | undefined, path: Path): Finding[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => checkReferences(item, [...path, i]))
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => checkReferences(item, [...path, key]))
  if (typeof value !== 'string' || !value.includes('${') || path.includes('exec')) return []
  const allowed = REFERENCE_PLACES.some(
    place => place.length === path.length && place.every((step, i) => step === '*' || step === path[i]),
  )
  if (!allowed)
    return [
      {
        path,
        message: `${showPath(path)} cannot refer to the environment.`,
        expected: `a value written out; only keys, URLs and headers may hold \${NAME}`,
      },
    ]
  if (isTemplate(value)) return []
  return [{ path, message: `A reference in ${showPath(path)} cannot be read.`, expected: REFERENCE_FORMS }]
}

function checkProvider(id: string, entry: JsonObject, catalogue: readonly Provider[]): Finding[] {
  const path: Path = ['models', 'providers', id]
  return [
    ...checkKnown(path, id, entry, catalogue),
    ...checkUrl(path, entry),
    ...checkSecret([...path, 'apiKey'], entry['apiKey']),
    ...checkKeys(path, entry),
    ...checkHeaders([...path, 'headers'], entry['headers']),
    ...checkModels([...path, 'models'], asArray(entry['models'])),
  ]
}

/** A provider the catalogue does not have must say where it is and what it speaks; one it has must speak what is asked of it. */
function checkKnown(path: Path, id: string, entry: JsonObject, catalogue: readonly Provider[]): Finding[] {
  const row = catalogue.find(provider => provider.id === id)
  const absent = ['baseUrl', 'api'].filter(key => entry[key] === undefined)
  const api = asString(entry['api'])
  if (row !== undefined) {
    const spoken = row.endpoints.map(endpoint => endpoint.protocol)
    if (api === undefined || entry['baseUrl'] !== undefined || spoken.some(protocol => protocol === api)) return []
    return [
      {
        path: [...path, 'api'],
        message: `The catalogue knows no ${api} address of ${id}.`,
        expected: `one of ${spoken.map(protocol => `"${protocol}"`).join(', ')}`,
        fix: 'Write baseUrl as well, if the provider has such an address.',
      },
    ]
  }
  if (absent.length === 0) return []
  const close = nearest(
    id,
    catalogue.map(provider => provider.id),
    2,
  )
  const meant = close.length > 0 ? `Did you mean ${close.map(name => `"${name}"`).join(' or ')}?` : undefined
  return [
    {
      path,
      onKey: true,
      message: `The catalogue has no provider "${id}", and the entry has no ${absent.join(' and no ')}.`,
      expected: 'a provider of the catalogue, or an entry with baseUrl and api',
      ...(meant === undefined ? {} : { fix: meant }),
    },
  ]
}

/** Ends of a URL that are a call's own path, copied from an example. */
const CALL_PATHS = /\/(?:chat\/completions|completions|messages|responses|embeddings|models)$/

function checkUrl(provider: Path, entry: JsonObject): Finding[] {
  const text = asString(entry['baseUrl'])
  if (text === undefined || hasReference(text) || !isTemplate(text)) return []
  const path = [...provider, 'baseUrl']
  const checked = checkBaseUrl(text, entry['allowHttp'] === true)
  if (!checked.ok) {
    const { reason, expected, fix } = checked
    return [{ path, message: `baseUrl ${reason}.`, expected, ...(fix === undefined ? {} : { fix }) }]
  }
  const call = CALL_PATHS.exec(checked.path)?.[0]
  const surplus = call ?? (entry['api'] === 'anthropic-messages' && checked.path.endsWith('/v1') ? '/v1' : undefined)
  if (surplus === undefined) return []
  const shorter = checked.url.slice(0, -surplus.length)
  return [
    {
      path,
      message: `baseUrl ends with ${surplus}, which Candor appends itself.`,
      expected: 'the address up to where the path of the call begins',
      fix: `Write "${entry['api'] === 'anthropic-messages' ? shorter.replace(/\/v1$/, '') : shorter}".`,
    },
  ]
}

function checkSecret(path: Path, value: JsonValue | undefined): Finding[] {
  const file = asString(asObject(value)?.['file'])
  if (file === undefined || hasReference(file) || isAbsolute(file)) return []
  return [
    {
      path: [...path, 'file'],
      message: `${showPath([...path, 'file'])} is a relative path.`,
      expected: 'an absolute path, such as "/run/secrets/key"',
    },
  ]
}

function checkKeys(provider: Path, entry: JsonObject): Finding[] {
  const path = [...provider, 'apiKeys']
  if (entry['apiKeys'] === undefined) return []
  const both: Finding[] =
    entry['apiKey'] === undefined
      ? []
      : [{ path, onKey: true, message: 'apiKey and apiKeys both stand there.', expected: 'one of the two' }]
  const seen = new Set<string>()
  const each = asArray(entry['apiKeys']).flatMap((item, i): Finding[] => {
    const name = asString(asObject(item)?.['name'])
    const twice = name !== undefined && seen.has(name)
    if (name !== undefined) seen.add(name)
    const found = checkSecret([...path, i, 'key'], asObject(item)?.['key'])
    if (!twice) return found
    return [
      ...found,
      { path: [...path, i, 'name'], message: `The key "${name}" stands twice.`, expected: 'each name once' },
    ]
  })
  return [...both, ...each]
}

function checkHeaders(path: Path, value: JsonValue | undefined): Finding[] {
  const seen = new Map<string, string>()
  return Object.entries(asObject(value) ?? {}).flatMap(([name, text]): Finding[] => {
    const twin = seen.get(name.toLowerCase())
    seen.set(name.toLowerCase(), name)
    if (twin !== undefined)
      return [
        {
          path: [...path, name],
          onKey: true,
          message: `The header "${name}" stands twice: "${twin}" is the same one.`,
          expected: 'each header once; upper and lower case do not matter',
        },
      ]
    const nameFault = checkHeaderName(name)
    if (nameFault !== undefined) return [{ ...nameFault, path: [...path, name], onKey: true }]
    const valueFault = typeof text === 'string' ? checkHeaderValue(name, text) : undefined
    return valueFault === undefined ? [] : [{ ...valueFault, path: [...path, name] }]
  })
}

function checkModels(path: Path, models: readonly JsonValue[]): Finding[] {
  const seen = new Set<string>()
  return models.flatMap((model, i) => {
    const entry = asObject(model) ?? {}
    const id = asString(entry['id'])
    const twice = id !== undefined && seen.has(id)
    if (id !== undefined) seen.add(id)
    const found = checkHeaders([...path, i, 'headers'], entry['headers'])
    if (twice)
      found.push({ path: [...path, i, 'id'], message: `The model "${id}" stands twice.`, expected: 'each model once' })
    return found
  })
}

function checkAliases(aliases: JsonObject): Finding[] {
  return Object.entries(aliases).flatMap(([alias, target]): Finding[] => {
    const path = ['models', 'aliases', alias]
    if (alias.slice(0, -1).includes('*'))
      return [
        {
          path,
          onKey: true,
          message: `"${alias}" has a * that is not at its end.`,
          expected: 'a name, or a beginning followed by one *',
        },
      ]
    if (typeof target === 'string' && Object.hasOwn(aliases, target))
      return [
        {
          path,
          message: `"${target}" is an alias itself, and aliases are not followed twice.`,
          expected: 'the name of a model, such as provider/model',
        },
      ]
    return []
  })
}

function checkTelemetry(otlp: JsonObject | undefined): Finding[] {
  const path: Path = ['telemetry', 'otlp']
  const text = asString(otlp?.['endpoint'])
  const isUrl = text === undefined || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
  return [
    ...(isUrl
      ? []
      : [
          {
            path: [...path, 'endpoint'],
            message: 'endpoint is no address.',
            expected: 'a URL such as "http://127.0.0.1:4318"',
          },
        ]),
    ...checkHeaders([...path, 'headers'], otlp?.['headers']),
  ]
}

/** A gateway key: recognisable by its beginning, and long enough not to be guessed. */
export const GATEWAY_KEY: SecretShape = {
  pattern: /^cnd_[A-Za-z0-9_-]{16,}$/,
  expected: '"cnd_" and at least 16 letters, digits, dashes or underscores',
}

function checkGateway(gateway: JsonObject): Finding[] {
  const keys = asArray(gateway['keys']).flatMap((key, i): Finding[] => {
    const path = ['gateway', 'keys', i]
    if (typeof key !== 'string') return checkSecret(path, key)
    if (hasReference(key) || GATEWAY_KEY.pattern.test(key.trim())) return []
    return [{ path, message: `${showPath(path)} is not a key of Candor's.`, expected: GATEWAY_KEY.expected }]
  })
  const hosts = asArray(gateway['allowedHosts']).flatMap((host, i): Finding[] => {
    if (typeof host !== 'string' || /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host)) return []
    return [
      {
        path: ['gateway', 'allowedHosts', i],
        message: `${isPlainWord(host) ? JSON.stringify(host) : 'This text'} is not a host name.`,
        expected: '"name" or "name:port", without scheme and path',
      },
    ]
  })
  return [...keys, ...hosts]
}
