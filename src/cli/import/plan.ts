import { isLoopback } from '../../app/config/base-url.ts'
import type { Path } from '../../app/config/tree.ts'
import { asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { ProblemCode } from '../../canon/problem.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import type { Billing } from '../../catalog/provider.ts'
import { valueAt } from '../clients/file-format.ts'
import { type ConfigBefore, type ConfigEdit, tryEdit } from '../init/draft.ts'
import { type KeyFile, placeForKey } from '../init/store.ts'
import { type FoundKey, referenceTo, shownName } from './found-key.ts'
import { type FoundName, type FoundProvider, type Harvest, leaveOut, remark } from './harvest.ts'

/** What would be written, and all that is to be said about it. */
export interface ImportPlan {
  readonly harvest: Harvest
  readonly before: ConfigBefore
  readonly after: string
  readonly edits: readonly ConfigEdit[]
  readonly keyFiles: readonly KeyFile[]
  /** Variables that have to be set for what would be written. */
  readonly variables: readonly string[]
}

/** A plan that is being made. */
interface Draft {
  readonly harvest: Harvest
  readonly before: ConfigBefore
  readonly toFiles: boolean
  after: string
  readonly edits: ConfigEdit[]
  readonly keyFiles: KeyFile[]
  readonly variables: Set<string>
  readonly providers: Map<string, FoundProvider>
}

/**
 * Lays what was found over the configuration; what is there already stays. Every entry is tried by itself: one that would make the
 * configuration invalid is left out and told, so that the rest can be had.
 */
export async function planImport(harvest: Harvest, before: ConfigBefore, toFiles: boolean): Promise<ImportPlan> {
  const draft: Draft = {
    harvest,
    before,
    toFiles,
    after: before.text ?? '',
    edits: [],
    keyFiles: [],
    variables: new Set(),
    providers: new Map(),
  }
  for (const provider of harvest.providers) await addProvider(draft, provider)
  for (const name of harvest.names) addName(draft, name)
  addDefault(draft)
  const { after, edits, keyFiles, variables } = draft
  return { harvest, before, after, edits, keyFiles, variables: [...variables] }
}

const ALREADY = 'it stands in your configuration already, and that stays as it is'

/** Puts an entry in, or says why not: `against` it, or because it would not be valid. */
function put(draft: Draft, path: Path, what: string, edit: ConfigEdit, against: string | undefined): boolean {
  const text = draft.edits.length === 0 ? draft.before.text : draft.after
  const tried = against === undefined ? tryEdit({ ...draft.before, text }, edit) : { fault: against }
  if ('text' in tried) {
    draft.after = tried.text
    draft.edits.push(edit)
    return true
  }
  leaveOut(draft.harvest, path, what, against ?? `it would not be valid: ${tried.fault}`)
  return false
}

async function addProvider(draft: Draft, provider: FoundProvider): Promise<void> {
  const { harvest, before } = draft
  const { id, path } = provider
  const what = `the provider "${id}"`
  const place = ['models', 'providers', id]
  const isThere = valueAt(before.value, place) !== undefined || draft.providers.has(id)
  const entry = isThere ? undefined : await entryOf(draft, provider)
  if (!put(draft, path, what, { path: place, value: entry?.value ?? {} }, isThere ? ALREADY : undefined)) return
  draft.providers.set(id, provider)
  draft.keyFiles.push(...(entry?.keyFiles ?? []))
  for (const each of entry?.variables ?? []) draft.variables.add(each)
  remark(harvest, path, { kind: 'mapped', what: `${what}, ${factsOf(provider)}` })
  if (provider.allowHttp === true)
    remark(harvest, path, {
      kind: 'proposal',
      what: `allowHttp for "${id}"`,
      why: 'its address is http:// on another machine, so its key travels unprotected; without this Candor would refuse',
    })
}

function factsOf({ row, baseUrl, models, keys, calledThere }: FoundProvider): string {
  const parts = [
    ...(calledThere === undefined ? [] : [`which is ${shownName(calledThere)} there`]),
    baseUrl === undefined ? "at the catalogue's address" : `at ${baseUrl}`,
    ...(row === undefined ? ['not in the catalogue'] : []),
    ...(models.length === 0 ? [] : [models.length === 1 ? '1 model' : `${models.length} models`]),
    ...(keys.length > 1 ? [`${keys.length} keys`] : []),
  ]
  return parts.join(', ')
}

/** A provider's entry, and what it needs beside it. */
interface Entry {
  readonly value: JsonObject
  readonly keyFiles: readonly KeyFile[]
  readonly variables: readonly string[]
}

async function entryOf(draft: Draft, provider: FoundProvider): Promise<Entry> {
  const { name, baseUrl, api, allowHttp, headers, models } = provider
  const keys: KeyReference[] = []
  for (const [i, key] of provider.keys.entries()) {
    const referred = await keyReference(draft, provider, key, i)
    if (referred !== undefined) keys.push(referred)
  }
  const [first] = keys
  const many = keys.map(({ value }, i) => ({ name: `key-${i + 1}`, key: value }))
  const value: JsonObject = {
    ...(name === undefined ? {} : { name }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(keys.length > 1 ? { apiKeys: many } : first === undefined ? {} : { apiKey: first.value }),
    ...(api === undefined ? {} : { api }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(allowHttp === undefined ? {} : { allowHttp }),
    ...(models.length === 0 ? {} : { models: unique(models) }),
  }
  return {
    value,
    keyFiles: keys.flatMap(({ keyFile }) => (keyFile === undefined ? [] : [keyFile])),
    variables: keys.flatMap(({ variable }) => (variable === undefined ? [] : [variable])),
  }
}

function unique(models: readonly JsonObject[]): readonly JsonObject[] {
  return models.filter((model, i) => models.findIndex(({ id }) => id === model['id']) === i)
}

interface KeyReference {
  readonly value: JsonValue
  readonly keyFile?: KeyFile
  readonly variable?: string
}

/** How a key is referred to. A key that stands in the source itself is never written into the configuration. */
async function keyReference(
  draft: Draft,
  provider: FoundProvider,
  key: FoundKey,
  at: number,
): Promise<KeyReference | undefined> {
  const { id, row, path, baseUrl } = provider
  if (key.from === 'environment') return { value: referenceTo(key.name) }
  if (key.from === 'file') return { value: { file: key.file } }
  const isHere =
    baseUrl === undefined ? row?.billing === 'local' : URL.canParse(baseUrl) && isLoopback(new URL(baseUrl).hostname)
  if (isHere) {
    leaveOut(
      draft.harvest,
      path,
      `the key of "${id}"`,
      'a server on this machine usually wants none',
      `If it does: candor config set models.providers.${id}.apiKey '\${NAME}'`,
    )
    return undefined
  }
  if (draft.toFiles) {
    const keyFile = await placeForKey(draft.before.file, at === 0 ? id : `${id}-${at + 1}`, key.key)
    remark(draft.harvest, path, { kind: 'mapped', what: `the key of "${id}"`, why: `it goes into ${keyFile.file}` })
    return { value: { file: keyFile.file }, keyFile }
  }
  const usual = row?.env[0] ?? `${id.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_API_KEY`
  const variable = `${/^\d/.test(usual) ? '_' : ''}${usual}${at === 0 ? '' : `_${at + 1}`}`
  leaveOut(
    draft.harvest,
    path,
    `the key of "${id}"`,
    `it stands in the source itself; \${${variable}} is written in its place`,
    `Set ${variable} where Candor starts, or let the key go into a file only you can read: --keys-to-files`,
  )
  return { value: referenceTo(variable), variable }
}

/** What a proposed route falls back on: what another program takes for a failure of the provider. */
const FALLBACK_ON: readonly ProblemCode[] = ['overloaded', 'rate_limited', 'plan_exhausted', 'timeout', 'unreachable']

function addName(draft: Draft, found: FoundName): void {
  const { harvest, before } = draft
  const { name, path } = found
  const targets = found.targets.filter(ref => hasProvider(draft, ref))
  const [first] = targets
  const isRoute = targets.length > 1
  const what = isRoute ? `the route "${name}"` : `the alias "${name}"`
  const place = isRoute ? ['routes', name] : ['models', 'aliases', name]
  const isThere = valueAt(before.value, place) !== undefined
  const against = first === undefined ? 'its provider is not carried over' : isThere ? ALREADY : undefined
  const balance = found.balanced === true ? { balance: 'weighted' } : {}
  const value = isRoute ? { targets, fallbackOn: FALLBACK_ON, ...balance } : (first ?? '')
  if (!put(draft, path, what, { path: place, value }, against)) return
  const lanes = targets.map(ref => `${ref} (${laneOf(draft, ref)})`).join(', ')
  if (isRoute) remark(harvest, path, { kind: 'proposal', what: `${what}: ${lanes}`, ...laneWords(draft, targets) })
  else remark(harvest, path, { kind: 'mapped', what: `${what} for ${first}` })
}

/** A route stays in the billing lane of its first target unless it is told otherwise. */
function laneWords(draft: Draft, targets: readonly string[]): { why: string; fix?: string } {
  const [first = '', ...others] = targets
  const lane = laneOf(draft, first)
  const asked =
    'ask for it by its name; it falls back when a provider is overloaded, limits the rate, is used up or cannot be reached'
  const fenced = others.filter(ref => laneOf(draft, ref) !== lane)
  if (fenced.length === 0) return { why: asked }
  return {
    why: `${asked}. It stays in the lane "${lane}"; of other lanes, and not asked: ${fenced.join(', ')}`,
    fix: 'To allow it: crossBilling: true, or { maxUsdPerDay } on the route.',
  }
}

function laneOf({ providers, before }: Draft, ref: string): Billing {
  const id = ref.slice(0, ref.indexOf('/'))
  const configured = asString(valueAt(before.value, ['models', 'providers', id, 'billing']))
  const lane = (['plan', 'metered', 'free', 'local'] as const).find(each => each === configured)
  const url = providers.get(id)?.baseUrl ?? ''
  const own = URL.canParse(url) && isLoopback(new URL(url).hostname) ? 'local' : 'metered'
  return lane ?? PROVIDERS.find(row => row.id === id)?.billing ?? own
}

function hasProvider({ providers, before }: Draft, ref: string): boolean {
  const id = ref.slice(0, ref.indexOf('/'))
  return (
    providers.has(id) ||
    valueAt(before.value, ['models', 'providers', id]) !== undefined ||
    PROVIDERS.some(row => row.id === id)
  )
}

function addDefault(draft: Draft): void {
  const { harvest, before } = draft
  if (harvest.defaultModel === undefined) return
  const { ref, path } = harvest.defaultModel
  const what = `the default model ${ref}`
  const place = ['models', 'default']
  const isThere = valueAt(before.value, place) !== undefined
  const against = isThere ? ALREADY : hasProvider(draft, ref) ? undefined : 'its provider is not carried over'
  if (put(draft, path, what, { path: place, value: ref }, against)) remark(harvest, path, { kind: 'mapped', what })
}
