import type { Path } from '../../app/config/tree.ts'
import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { findModel } from '../../catalog/models.ts'
import { type FoundKey, keyFrom, referenceTo, sameKey, shownName } from './found-key.ts'
import {
  type FoundProvider,
  type Harvest,
  headersFrom,
  leaveOut,
  leaveOutKeys,
  openHarvest,
  remark,
} from './harvest.ts'
import { readFallbacks, readGroupAliases } from './litellm-fallbacks.ts'
import { type Deployment, placeDeployment } from './litellm-place.ts'
import { modelId, modelRow } from './model-facts.ts'
import type { SourceDocument } from './source-document.ts'

/**
 * LiteLLM's `config.yaml`: `model_list` with `litellm_params`, fallbacks, and `os.environ/NAME`. Formats: docs.litellm.ai/docs/proxy/configs and
 * /docs/proxy/reliability.
 */
export function harvestLiteLlm(document: SourceDocument): Harvest {
  const harvest = openHarvest(document)
  const groups = new Map<string, Group>()
  const providers = new Map<string, Growing>()
  for (const [i, item] of asArray(document.value['model_list']).entries()) {
    const path = ['model_list', i]
    const entry = asObject(item) ?? {}
    const ref = deployment(harvest, entry, path, providers)
    const name = modelId(entry['model_name'])
    if (ref === undefined || name === undefined || name.includes('*')) continue
    const group = groups.get(name) ?? { path, targets: [] }
    groups.set(name, group)
    if (!group.targets.includes(ref)) group.targets.push(ref)
  }
  harvest.providers.push(...providers.values())
  const fallbacks = readFallbacks(harvest, groups)
  for (const [name, { path, targets }] of groups) {
    const more = fallbacks.get(name)
    if (more !== undefined) harvest.names.push({ name, targets: [...new Set([...targets, ...more])], path })
    else if (targets.length > 1) harvest.names.push({ name, targets, balanced: true, path })
    else if (targets[0] !== name) harvest.names.push({ name, targets, path })
  }
  readGroupAliases(harvest, groups)
  otherSettings(harvest)
  return harvest
}

/** The deployments that share a name. */
export interface Group {
  readonly path: Path
  readonly targets: string[]
}

/** A provider to which further deployments are added. */
type Growing = FoundProvider & { readonly keys: FoundKey[]; readonly models: JsonObject[] }

function deployment(
  harvest: Harvest,
  entry: JsonObject,
  path: Path,
  providers: Map<string, Growing>,
): string | undefined {
  const named = asObject(entry['litellm_params']) ?? {}
  const params = { ...credentials(harvest, named['litellm_credential_name']), ...named }
  const at = [...path, 'litellm_params']
  const what = `the deployment ${shownName(asString(entry['model_name']) ?? 'without a name')}`
  const placed = placeDeployment(asString(params['model']) ?? '', referred(asString(params['api_base'])))
  if (!placed.ok) return void leaveOut(harvest, at, what, placed.why, placed.fix)
  if (Object.keys(params).some(name => name.startsWith('aws_') || name.startsWith('vertex_')))
    return void leaveOut(
      harvest,
      at,
      what,
      'its requests are signed with credentials of a cloud, which Candor does not do',
    )
  const provider = providerFor(placed, path, providers)
  const text = asString(params['api_key']) ?? ''
  const key = text === '' ? undefined : keyFrom(text, [/^os\.environ\/([A-Za-z_]\w*)$/])
  if (key !== undefined && !provider.keys.some(each => sameKey(each, key))) provider.keys.push(key)
  if (placed.model !== '*') addModel(harvest, provider, placed.model, entry, at)
  leaveOutKeys(harvest, at, params, PARAMETERS)
  return placed.model === '*' ? undefined : `${provider.id}/${placed.model}`
}

const OWN_PARAMETERS = ["Candor sends the client's own parameters"] as const
const PARAMETERS = {
  api_version: ["Candor speaks the provider's unversioned API"],
  azure_ad_token: ['tokens that live an hour are not for a file', 'Use a key.'],
  organization: ['it is a header', 'Write headers: { "OpenAI-Organization": … }'],
  rpm: ['limits are set on gateway keys', 'candor keys create NAME --rpm N'],
  tpm: ['limits are set on gateway keys', 'candor keys create NAME --input-tpm N'],
  timeout: ['Candor has a limit for each phase', 'Write timeouts: { connectMs, firstByteMs, idleMs, totalMs }'],
  stream_timeout: ['Candor has a limit for each phase', 'Write timeouts: { firstByteMs }'],
  max_retries: ['Candor retries only where a route says so', 'Write retry: { max } on a route.'],
  temperature: OWN_PARAMETERS,
  max_tokens: OWN_PARAMETERS,
  seed: OWN_PARAMETERS,
} as const

/** `os.environ/NAME` as Candor writes it. */
function referred(text: string | undefined): string | undefined {
  return text?.replace(/^os\.environ\/([A-Za-z_]\w*)$/, (_, name: string) => referenceTo(name))
}

function credentials(harvest: Harvest, name: JsonValue | undefined): JsonObject {
  const list = asArray(harvest.document.value['credential_list']).map(each => asObject(each))
  const found = name === undefined ? undefined : list.find(each => each?.['credential_name'] === name)
  return asObject(found?.['credential_values']) ?? {}
}

/** One provider for each place: another address of the same provider gets a name of its own. */
function providerFor(placed: Deployment & { ok: true }, path: Path, providers: Map<string, Growing>): Growing {
  const { model: _, ok: __, ...place } = placed
  for (let count = 1; ; count += 1) {
    const id = count === 1 ? place.id : `${place.id}-${count}`
    const there = providers.get(id)
    if (there !== undefined && there.baseUrl !== place.baseUrl) continue
    if (there !== undefined) return there
    const isFirst = count === 1
    const fresh: Growing = {
      ...place,
      id,
      row: isFirst ? place.row : undefined,
      ...(isFirst || place.api !== undefined ? {} : { api: 'openai-completions' }),
      keys: [],
      headers: {},
      models: [],
      path,
    }
    providers.set(id, fresh)
    return fresh
  }
}

function addModel(harvest: Harvest, provider: Growing, id: string, entry: JsonObject, at: Path): void {
  if (modelId(id) === undefined || provider.models.some(each => each['id'] === id)) return
  const info = asObject(entry['model_info']) ?? {}
  const params = asObject(entry['litellm_params']) ?? {}
  const extra = Object.entries(asObject(params['extra_headers']) ?? {})
  const filled = Object.fromEntries(extra.map(([name, value]) => [name, referred(asString(value)) ?? value]))
  const headers = headersFrom(harvest, [...at, 'extra_headers'], filled, provider.id)
  const row = modelRow(id, {
    contextWindow: info['max_input_tokens'],
    maxOutputTokens: info['max_output_tokens'],
    price: {
      input: perMillion(info['input_cost_per_token'] ?? params['input_cost_per_token']),
      output: perMillion(info['output_cost_per_token'] ?? params['output_cost_per_token']),
    },
  })
  const isKnown = provider.row !== undefined && findModel(provider.row, id) !== undefined
  const hasHeaders = Object.keys(headers).length > 0
  if (isKnown && !hasHeaders && Object.keys(row).length === 1) return
  provider.models.push({ ...row, ...(hasHeaders ? { headers } : {}) })
}

function perMillion(value: JsonValue | undefined): number | undefined {
  const price = asNumber(value)
  return price === undefined ? undefined : Math.round(price * 1e12) / 1e6
}

function otherSettings(harvest: Harvest): void {
  const { value } = harvest.document
  leaveOutKeys(harvest, ['general_settings'], asObject(value['general_settings']) ?? {}, {
    master_key: ["a gateway key of Candor's own takes its place", 'candor keys create NAME --admin'],
    database_url: ['Candor has a ledger of its own'],
    alerting: ['Candor sends no alerts; it has metrics', 'See docs/operations.md.'],
  })
  leaveOutKeys(harvest, ['router_settings'], asObject(value['router_settings']) ?? {}, {
    routing_strategy: ['a route says how its targets are balanced', 'Write balance on the route.'],
    num_retries: ['Candor retries only where it is told to', 'candor config set gateway.retry.max N'],
    redis_host: ['Candor counts in its own process'],
  })
  leaveOutKeys(harvest, ['litellm_settings'], asObject(value['litellm_settings']) ?? {}, {
    drop_params: ['Candor refuses what it cannot say, and says so', 'What may be lost: translate.allowLoss'],
    num_retries: ['Candor retries only where it is told to', 'candor config set gateway.retry.max N'],
    request_timeout: ['Candor has a limit for each phase', 'candor config set gateway.timeouts.totalMs MS'],
    cache: ['answers are cached only by a route that says so', 'Write cache: { ttlSeconds } on the route.'],
  })
  leaveOutKeys(harvest, [], value, {
    environment_variables: [
      'variables that stand in the file are not carried over: they may be keys',
      'Set them where Candor starts.',
    ],
    include: ['files that are included are not followed', 'Take each of them over by its name.'],
  })
  if (value['model_list'] === undefined)
    remark(harvest, [], { kind: 'left out', what: 'all of it', why: 'there is no model_list in the file' })
}
