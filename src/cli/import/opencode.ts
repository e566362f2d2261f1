import { dirname, isAbsolute, join } from 'node:path'
import type { Path } from '../../app/config/tree.ts'
import { asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import { type FoundKey, keyFrom, referenceTo, shownName } from './found-key.ts'
import { type Harvest, headersFrom, leaveOut, leaveOutKeys, openHarvest } from './harvest.ts'
import { modelId, modelRow } from './model-facts.ts'
import { placeProvider } from './place-provider.ts'
import { refFrom } from './refs.ts'
import type { SourceDocument } from './source-document.ts'

/** Which protocol each package speaks: opencode.ai/docs/providers, and the packages' own documentation. */
const PACKAGES: Readonly<Record<string, ProtocolId>> = {
  '@ai-sdk/openai-compatible': 'openai-completions',
  '@ai-sdk/openai': 'openai-responses',
  '@ai-sdk/anthropic': 'anthropic-messages',
  '@ai-sdk/google': 'google-generative-ai',
}

/** opencode's `opencode.json(c)`: `provider` and `model`. Formats: opencode.ai/docs/config and opencode.ai/docs/providers. */
export function harvestOpencode(document: SourceDocument, { home }: { readonly home: string }): Harvest {
  const harvest = openHarvest(document)
  const renames = new Map<string, string>()
  for (const [name, entry] of Object.entries(asObject(document.value['provider']) ?? {})) {
    const path = ['provider', name]
    const id = isObject(entry) ? provider(harvest, name, entry, home) : undefined
    if (!isObject(entry)) leaveOut(harvest, path, `the provider ${shownName(name)}`, 'it is no object')
    if (id !== undefined) renames.set(name, id)
  }
  const model = document.value['model']
  const ref = refFrom(model, renames)
  if (ref !== undefined) harvest.defaultModel = { ref, path: ['model'] }
  else if (typeof model === 'string')
    leaveOut(harvest, ['model'], `the default model ${shownName(model)}`, 'its provider is not known here')
  leaveOutKeys(harvest, [], document.value, {
    small_model: ['the client asks for it by name'],
    disabled_providers: ['Candor uses only what it has a key for', 'Write enabled: false on a provider.'],
    enabled_providers: ['Candor uses only what it has a key for', 'Write enabled: false on the others.'],
  })
  return harvest
}

function provider(harvest: Harvest, name: string, entry: JsonObject, home: string): string | undefined {
  const path = ['provider', name]
  const what = `the provider ${shownName(name)}`
  if (name === 'candor') return void leaveOut(harvest, path, what, 'it is Candor itself')
  const options = asObject(entry['options']) ?? {}
  const npm = asString(entry['npm'])
  const api = npm === undefined || !Object.hasOwn(PACKAGES, npm) ? undefined : PACKAGES[npm]
  const baseUrl = filledIn(asString(options['baseURL']) ?? asString(entry['api']))
  if (npm !== undefined && api === undefined && baseUrl !== undefined)
    return void leaveOut(
      harvest,
      [...path, 'npm'],
      what,
      `what the package ${shownName(npm)} speaks is not one of the four protocols`,
    )
  const placed = placeProvider(name, baseUrl, api)
  if (!placed.ok) return void leaveOut(harvest, path, what, placed.why, placed.fix)
  const key = keyOf(options['apiKey'], harvest.document.file, home)
  const label = asString(entry['name'])
  harvest.providers.push({
    ...placed,
    ...(label === undefined || modelId(label) === undefined ? {} : { name: label }),
    keys: key === undefined ? [] : [key],
    headers: headersFrom(harvest, [...path, 'options', 'headers'], filledHeaders(options['headers']), placed.id),
    models: models(harvest, asObject(entry['models']) ?? {}, [...path, 'models']),
    path,
  })
  leaveOutKeys(harvest, [...path, 'options'], options, {
    timeout: ['Candor has a limit for each phase', 'Write timeouts: { connectMs, firstByteMs, idleMs, totalMs }'],
    chunkTimeout: ['Candor has a limit for each phase', 'Write timeouts: { idleMs }'],
    setCacheKey: ["Candor sends the client's own fields"],
  })
  leaveOutKeys(harvest, path, entry, {
    whitelist: ['which models a key may use is set on a gateway key', 'candor keys create NAME --model PATTERN'],
    blacklist: ['which models a key may use is set on a gateway key', 'candor keys create NAME --model PATTERN'],
  })
  return placed.id
}

const ENV = /^\{env:([A-Za-z_]\w*)\}$/

/** opencode's `{env:NAME}` anywhere in a text, as Candor writes it. */
function filledIn(text: string | undefined): string | undefined {
  return text?.replace(/\{env:([A-Za-z_]\w*)\}/g, (_, name: string) => referenceTo(name))
}

function filledHeaders(headers: JsonValue | undefined): JsonObject {
  const entries = Object.entries(asObject(headers) ?? {})
  return Object.fromEntries(entries.map(([name, value]) => [name, filledIn(asString(value)) ?? value]))
}

function keyOf(value: JsonValue | undefined, source: string, home: string): FoundKey | undefined {
  const text = asString(value) ?? ''
  if (text === '') return undefined
  const file = /^\{file:([^}]+)\}$/.exec(text)?.[1]
  if (file === undefined) return keyFrom(text, [ENV])
  const whole = file.startsWith('~/') ? join(home, file.slice(2)) : join(dirname(source), file)
  return { from: 'file', file: isAbsolute(file) ? file : whole }
}

function models(harvest: Harvest, entries: JsonObject, path: Path): JsonObject[] {
  return Object.entries(entries).flatMap(([key, value]) => {
    const entry = asObject(value) ?? {}
    const id = modelId(entry['id']) ?? modelId(key)
    if (id === undefined) {
      leaveOut(harvest, [...path, key], 'a model', 'it has no id that can be carried over')
      return []
    }
    leaveOutKeys(harvest, [...path, key], entry, {
      options: ["Candor sends the client's own parameters"],
      headers: ['headers of a single model are not carried over', 'Write headers on the model.'],
      variants: ['each variant is asked for by the client'],
    })
    const limit = asObject(entry['limit'])
    const cost = asObject(entry['cost'])
    return [
      modelRow(id, {
        name: entry['name'],
        contextWindow: limit?.['context'],
        maxOutputTokens: limit?.['output'],
        reasoning: entry['reasoning'],
        input: asObject(entry['modalities'])?.['input'],
        price: {
          input: cost?.['input'],
          output: cost?.['output'],
          cacheRead: cost?.['cache_read'],
          cacheWrite: cost?.['cache_write'],
        },
      }),
    ]
  })
}
