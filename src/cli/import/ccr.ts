import type { Path } from '../../app/config/tree.ts'
import { asArray, asObject, asString, isObject, type JsonObject } from '../../base/json-value.ts'
import { keyFrom, referenceTo, shownName } from './found-key.ts'
import { type Harvest, leaveOut, leaveOutKeys, openHarvest, remark } from './harvest.ts'
import { modelId } from './model-facts.ts'
import { placeProvider } from './place-provider.ts'
import type { Renames } from './refs.ts'
import type { SourceDocument } from './source-document.ts'

/**
 * claude-code-router's `config.json`: `Providers` and `Router`. Formats: its README, "Configuration", and docs/configuration. Newer versions
 * keep their settings in a database; what they export has them under `config`.
 */
export function harvestCcr(document: SourceDocument): Harvest {
  const harvest = openHarvest(document)
  const exported = asObject(document.value['config'])
  const top: Path = document.value['Providers'] === undefined && exported !== undefined ? ['config'] : []
  const settings = top.length === 0 ? document.value : (exported ?? {})
  const key = settings['Providers'] === undefined ? 'providers' : 'Providers'
  const renames = new Map<string, string>()
  for (const [i, entry] of asArray(settings[key]).entries()) {
    const path = [...top, key, i]
    const name = isObject(entry) ? asString(entry['name']) : undefined
    if (!isObject(entry) || name === undefined) leaveOut(harvest, path, 'a provider', 'it has no name')
    else {
      const id = provider(harvest, name, entry, path)
      if (id !== undefined) renames.set(name, id)
    }
  }
  router(harvest, asObject(settings['Router']) ?? {}, [...top, 'Router'], renames)
  leaveOutKeys(harvest, top, settings, SETTINGS)
  return harvest
}

const SETTINGS = {
  APIKEY: ["a gateway key of Candor's own takes its place", 'candor keys create NAME'],
  HOST: ['Candor listens on 127.0.0.1', 'candor config set gateway.host ADDRESS'],
  PORT: ['Candor listens on 8787', 'candor config set gateway.port PORT'],
  PROXY_URL: ['a proxy is taken from the environment', 'Set HTTPS_PROXY where Candor starts.'],
  API_TIMEOUT_MS: ['Candor has a limit for each phase', 'candor config set gateway.timeouts.totalMs MS'],
  CUSTOM_ROUTER_PATH: ['Candor runs no scripts of others'],
  transformers: ['Candor runs no scripts of others'],
} as const

function provider(harvest: Harvest, name: string, entry: JsonObject, path: Path): string | undefined {
  const what = `the provider ${shownName(name)}`
  const placed = placeProvider(name, referred(asString(entry['api_base_url'])), undefined)
  if (!placed.ok) return void leaveOut(harvest, path, what, placed.why, placed.fix)
  const text = asString(entry['api_key']) ?? ''
  const models = asArray(entry['models']).flatMap((each, i) => {
    const id = modelId(each)
    if (id === undefined)
      leaveOut(harvest, [...path, 'models', i], 'a model', 'it has no name that can be carried over')
    return id === undefined ? [] : [{ id }]
  })
  const keys = text === '' ? [] : [keyFrom(text, [/^\$\{?([A-Za-z_]\w*)\}?$/])]
  harvest.providers.push({ ...placed, keys, headers: {}, models, path })
  leaveOutKeys(harvest, path, entry, {
    transformer: ["Candor knows each provider's dialect by its catalogue, and translates by itself"],
  })
  return placed.id
}

/** `$NAME` and `${NAME}` in a text, as Candor writes them. */
function referred(text: string | undefined): string | undefined {
  return text?.replace(/\$([A-Za-z_]\w*)/g, (_, name: string) => referenceTo(name))
}

/** Kinds of requests for which the router has a model of its own. */
const KINDS = ['think', 'longContext', 'webSearch', 'image'] as const

/** Every request goes where the router says, whatever it asks for: the names Claude Code asks for lead there. */
function router(harvest: Harvest, entries: JsonObject, path: Path, renames: Renames): void {
  const ref = (key: string) => {
    const text = asString(entries[key]) ?? ''
    const comma = text.indexOf(',')
    const id = renames.get(text.slice(0, comma).trim())
    const model = modelId(text.slice(comma + 1))
    if (comma > 0 && id !== undefined && model !== undefined) return `${id}/${model}`
    if (text !== '')
      leaveOut(harvest, [...path, key], `the model for ${key}`, 'its provider is not among those carried over')
    return undefined
  }
  const standard = ref('default')
  if (standard !== undefined) {
    harvest.defaultModel = { ref: standard, path: [...path, 'default'] }
    harvest.names.push({ name: 'claude-*', targets: [standard], path: [...path, 'default'] })
  }
  const background = ref('background')
  // Claude Code does its small background work with the model called haiku.
  if (background !== undefined)
    harvest.names.push({ name: 'claude-haiku-*', targets: [background], path: [...path, 'background'] })
  for (const kind of KINDS)
    if (asString(entries[kind]) !== undefined && entries[kind] !== '')
      remark(harvest, [...path, kind], {
        kind: 'left out',
        what: `the model for ${kind}`,
        why: 'Candor does not choose a model by what a request looks like: the client names it',
      })
}
