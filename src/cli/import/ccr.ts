import type { Path } from '../../app/config/tree.ts'
import { asArray, asObject, asString, isObject, type JsonObject } from '../../base/json-value.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import { type FoundKey, keyFrom, referenceTo, shownName } from './found-key.ts'
import { type Harvest, headersFrom, leaveOut, leaveOutKeys, openHarvest, remark } from './harvest.ts'
import { modelId } from './model-facts.ts'
import { placeProvider } from './place-provider.ts'
import type { Renames } from './refs.ts'
import type { SourceDocument } from './source-document.ts'

/**
 * The settings of claude-code-router: `Providers` and `Router`, from its `config.json` (README, "Configuration") or, since version 3, its database
 * (fields: packages/core/src/contracts/app.ts). What version 3 exports has them under `config`.
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
  const routerThere = asObject(settings['Router']) ?? {}
  router(harvest, routerThere, [...top, 'Router'], renames)
  leaveOutKeys(harvest, top, settings, SETTINGS)
  leaveOutKeys(harvest, [...top, 'Router'], routerThere, ruleReasons(routerThere))
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
  if (entry['enabled'] === false) return void leaveOut(harvest, path, what, 'it is switched off there')
  const url = firstText(entry, ['api_base_url', 'baseUrl', 'baseurl'])
  const placed = placeProvider(name, referred(url), PROTOCOLS[asString(entry['type']) ?? ''])
  if (!placed.ok) return void leaveOut(harvest, path, what, placed.why, placed.fix)
  const models = asArray(entry['models']).flatMap((each, i) => {
    const id = modelId(each)
    if (id === undefined)
      leaveOut(harvest, [...path, 'models', i], 'a model', 'it has no name that can be carried over')
    return id === undefined ? [] : [{ id }]
  })
  const headers = headersFrom(harvest, [...path, 'extraHeaders'], entry['extraHeaders'], placed.id)
  harvest.providers.push({ ...placed, keys: keysOf(entry), headers, models, path })
  leaveOutKeys(harvest, path, entry, {
    transformer: ["Candor knows each provider's dialect by its catalogue, and translates by itself"],
  })
  return placed.id
}

/** What version 3 calls the protocols. */
const PROTOCOLS: Readonly<Record<string, ProtocolId>> = {
  openai_chat_completions: 'openai-completions',
  openai_responses: 'openai-responses',
  anthropic_messages: 'anthropic-messages',
  gemini_generate_content: 'google-generative-ai',
}

/** A pool of keys takes the place of the one key; those that are switched off there stay away. */
function keysOf(entry: JsonObject): readonly FoundKey[] {
  const pool = asArray(entry['credentials']).map(each => asObject(each) ?? {})
  const texts = pool.filter(({ enabled }) => enabled !== false).flatMap(each => firstText(each, KEY_NAMES) ?? [])
  const single = firstText(entry, KEY_NAMES)
  const used = texts.length > 0 || single === undefined ? texts : [single]
  return used.map(text => keyFrom(text, [/^\$\{?([A-Za-z_]\w*)\}?$/]))
}

const KEY_NAMES = ['api_key', 'apiKey', 'apikey']

function firstText(object: JsonObject, names: readonly string[]): string | undefined {
  return names.map(name => asString(object[name])).find(text => text !== undefined && text !== '')
}

/** `$NAME` and `${NAME}` in a text, as Candor writes them. */
function referred(text: string | undefined): string | undefined {
  return text?.replace(/\$([A-Za-z_]\w*)/g, (_, name: string) => referenceTo(name))
}

/** Rules and fallbacks of version 3 that would do something. */
function ruleReasons({ rules, fallback }: JsonObject): Record<string, readonly [string, string?]> {
  const chain = asArray(asObject(fallback)?.['models'])
  return {
    ...(asArray(rules).length === 0
      ? {}
      : { rules: ['Candor does not choose a model by what a request looks like: the client names it'] as const }),
    ...(chain.length === 0
      ? {}
      : { fallback: ['it holds for all models there', 'Write a route: docs/routes.md'] as const }),
  }
}

/** Kinds of requests for which the router has a model of its own. */
const KINDS = ['think', 'longContext', 'webSearch', 'image'] as const

/** Every request goes where the router says, whatever it asks for: the names Claude Code asks for lead there. */
function router(harvest: Harvest, entries: JsonObject, path: Path, renames: Renames): void {
  const ref = (key: string) => {
    const text = asString(entries[key]) ?? ''
    // Version 3 writes `provider/model` too.
    const comma = text.includes(',') ? text.indexOf(',') : text.indexOf('/')
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
