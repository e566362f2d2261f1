import type { Path } from '../../app/config/tree.ts'
import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { PROTOCOL_IDS } from '../../canon/protocol.ts'
import { type FoundKey, keyFrom, referenceTo, shownName } from './found-key.ts'
import { type Harvest, headersFrom, leaveOut, leaveOutKeys, openHarvest, remark } from './harvest.ts'
import { modelId, modelRow } from './model-facts.ts'
import { placeProvider } from './place-provider.ts'
import { refFrom } from './refs.ts'
import type { SourceDocument } from './source-document.ts'

/**
 * OpenClaw's `openclaw.json`: `models.providers`, `agents.defaults.model` with its fallbacks, and the aliases in `agents.defaults.models`.
 * Formats: docs/gateway/config-tools/custom-providers, docs/gateway/config-agents/models and docs/gateway/config-secrets-env of OpenClaw's
 * documentation.
 */
export function harvestOpenClaw(document: SourceDocument): Harvest {
  const harvest = openHarvest(document)
  const renames = new Map<string, string>()
  const providers = asObject(asObject(document.value['models'])?.['providers']) ?? {}
  for (const [name, entry] of Object.entries(providers)) {
    const path = ['models', 'providers', name]
    const id = isObject(entry) ? provider(harvest, name, entry, path) : undefined
    if (!isObject(entry)) leaveOut(harvest, path, `the provider ${shownName(name)}`, 'it is no object')
    if (id !== undefined) renames.set(name, id)
  }
  defaults(harvest, renames)
  otherSections(harvest)
  return harvest
}

const PROVIDER_KEYS = {
  auth: ['Candor sends the key the way the protocol demands'],
  authHeader: ['Candor sends the key the way the protocol demands'],
  request: ['proxies, TLS and other headers of a request are set elsewhere', 'A proxy is taken from HTTPS_PROXY.'],
  timeoutSeconds: ['Candor has a limit for each phase', 'Write timeouts: { connectMs, firstByteMs, idleMs, totalMs }'],
  maxTokens: ["Candor sends the client's own limit"],
  params: ["Candor sends the client's own parameters"],
  localService: ['Candor starts no model servers'],
} as const

function provider(harvest: Harvest, name: string, entry: JsonObject, path: Path): string | undefined {
  const what = `the provider ${shownName(name)}`
  const spoken = asString(entry['api'])
  const api = PROTOCOL_IDS.find(id => id === spoken)
  if (name === 'candor') return void leaveOut(harvest, path, what, 'it is Candor itself')
  if (spoken !== undefined && api === undefined)
    return void leaveOut(harvest, [...path, 'api'], what, `Candor does not speak ${shownName(spoken)}`)
  const placed = placeProvider(name, asString(entry['baseUrl']), api)
  if (!placed.ok) return void leaveOut(harvest, path, what, placed.why, placed.fix)
  const key = keyOf(harvest, entry['apiKey'], [...path, 'apiKey'])
  harvest.providers.push({
    ...placed,
    keys: key === undefined ? [] : [key],
    headers: headersFrom(harvest, [...path, 'headers'], entry['headers'], placed.id),
    models: models(harvest, asArray(entry['models']), [...path, 'models']),
    path,
  })
  leaveOutKeys(harvest, path, entry, PROVIDER_KEYS)
  return placed.id
}

const REFERENCES = [
  /^\$\{([A-Z_][A-Z0-9_]*)(?::-[^}]*)?\}$/,
  /^([A-Z][A-Z0-9]*_[A-Z0-9_]+)$/,
  /^secretref-env:([A-Z_][A-Z0-9_]*)$/,
]

function keyOf(harvest: Harvest, value: JsonValue | undefined, path: Path): FoundKey | undefined {
  if (typeof value === 'string' && value !== '') return keyFrom(value, REFERENCES)
  const ref = asObject(value)
  if (ref === undefined) return undefined
  const name = asString(ref['id']) ?? ''
  if (ref['source'] === 'env' && /^[A-Z_][A-Z0-9_]*$/.test(name)) return { from: 'environment', name }
  leaveOut(
    harvest,
    path,
    'the key',
    "it is in OpenClaw's own store of secrets",
    `Refer to it yourself: ${referenceTo('NAME')}, { file } or { exec }`,
  )
  return undefined
}

function models(harvest: Harvest, list: readonly JsonValue[], path: Path): JsonObject[] {
  return list.flatMap((item, i) => {
    const entry = asObject(item)
    const id = modelId(entry?.['id'])
    if (entry === undefined || id === undefined) {
      leaveOut(harvest, [...path, i], 'a model', 'it has no id that can be carried over')
      return []
    }
    leaveOutKeys(harvest, [...path, i], entry, {
      compat: ["the catalogue knows what each provider's dialect needs"],
      api: ['a protocol belongs to a provider', 'Make a second provider for this model.'],
      params: ["Candor sends the client's own parameters"],
    })
    const { name, contextWindow, maxTokens, reasoning, input, cost } = entry
    return [
      modelRow(id, { name, contextWindow, maxOutputTokens: maxTokens, reasoning, input, price: asObject(cost) ?? {} }),
    ]
  })
}

function defaults(harvest: Harvest, renames: ReadonlyMap<string, string>): void {
  const path = ['agents', 'defaults']
  const section = asObject(asObject(harvest.document.value['agents'])?.['defaults']) ?? {}
  const model = section['model']
  const primaryPath = typeof model === 'string' ? [...path, 'model'] : [...path, 'model', 'primary']
  const named = typeof model === 'string' ? model : asObject(model)?.['primary']
  const primary = refFrom(named, renames)
  if (primary !== undefined) harvest.defaultModel = { ref: primary, path: primaryPath }
  else if (typeof named === 'string')
    leaveOut(harvest, primaryPath, `the default model ${shownName(named)}`, 'its provider is not known here')
  fallbacks(harvest, primary, asArray(asObject(model)?.['fallbacks']), renames)
  for (const [ref, entry] of Object.entries(asObject(section['models']) ?? {})) {
    const alias = modelId(asObject(entry)?.['alias'])
    const target = refFrom(ref, renames)
    const at = [...path, 'models', ref]
    if (alias === undefined) continue
    if (target === undefined) leaveOut(harvest, at, `the alias ${shownName(alias)}`, 'its provider is not known here')
    else harvest.names.push({ name: alias, targets: [target], path: at })
  }
  leaveOutKeys(harvest, path, section, {
    imageModel: ['Candor chooses no model by what a request holds', 'Name it in the client.'],
    utilityModel: ['the client asks for it by name'],
    params: ["Candor sends the client's own parameters"],
  })
}

function fallbacks(
  harvest: Harvest,
  primary: string | undefined,
  list: readonly JsonValue[],
  renames: ReadonlyMap<string, string>,
): void {
  const path = ['agents', 'defaults', 'model', 'fallbacks']
  if (list.length === 0) return
  const targets = list.flatMap((item, i) => {
    const ref = refFrom(item, renames)
    if (ref !== undefined) return [ref]
    leaveOut(harvest, [...path, i], `the fallback ${shownName(String(item))}`, 'its provider is not known here')
    return []
  })
  if (primary === undefined || targets.length === 0) return
  harvest.names.push({ name: 'openclaw-default', targets: [...new Set([primary, ...targets])], path })
}

/** Sections that say something about models or keys; all others are for OpenClaw alone. */
function otherSections(harvest: Harvest): void {
  const { value } = harvest.document
  const reasons = {
    $include: [
      'files that are included are not followed',
      'Take each of them over by its name: candor import openclaw FILE',
    ],
    auth: [
      "logins and stored keys stay OpenClaw's own",
      'Set the key in the environment; candor providers shows the names.',
    ],
    env: ['variables that stand in the file are not carried over: they may be keys', 'Set them where Candor starts.'],
    secrets: [
      "OpenClaw's own store of secrets",
      `Refer to each key yourself: ${referenceTo('NAME')}, { file } or { exec }`,
    ],
  } as const
  leaveOutKeys(harvest, [], value, reasons)
  leaveOutKeys(harvest, ['models'], asObject(value['models']) ?? {}, {
    mode: ['Candor always lays your entries over its catalogue'],
    pricing: ['Candor has prices in its catalogue, and price on a model'],
  })
  const known = new Set(['models', 'agents', ...Object.keys(reasons)])
  const others = Object.keys(value).filter(key => !known.has(key) && /^[a-z][A-Za-z]{0,30}$/.test(key))
  if (others.length > 0)
    remark(harvest, [], { kind: 'left out', what: others.join(', '), why: 'these sections are for OpenClaw itself' })
}
