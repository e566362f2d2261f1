import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json-value.ts'
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '../../src/canon/problem.ts'
import type { Billing, Provider } from '../../src/catalog/provider.ts'
import type { Balance, ProviderSetup } from '../../src/upstream/provider-setup.ts'
import type { Reply } from './scripted-network.ts'

/** A key as the configuration has it. `present`: its variable is set. */
export interface AnyCredential {
  readonly name: string
  readonly lane: Billing
  readonly priority: number
  readonly weight: number
  readonly present: boolean
}

export interface AnyProvider {
  readonly id: string
  readonly credentials: readonly AnyCredential[]
  readonly balance: Balance
  /** Where it is, if not at a host of its own name. */
  readonly host?: string
  /** Whether what its models cost is known. */
  readonly priced: boolean
}

export interface AnyTarget {
  readonly model: string
  readonly priority: number | undefined
  readonly weight: number
}

export interface AnyRoute {
  readonly name: string
  readonly targets: readonly AnyTarget[]
  readonly fallbackOn: readonly ProblemCode[]
  readonly balance: Balance
  readonly crossBilling: boolean | { readonly maxUsdPerDay: number }
  readonly retryMax: number | undefined
  readonly affinity: boolean
}

/** What a provider does with the next request it gets. */
export type Fate =
  | Exclude<Reply, { type: 'refusal' | 'body' | 'answer' }>
  | { readonly type: 'answer'; readonly tells: boolean }
  | { readonly type: 'problem'; readonly code: ProblemCode; readonly retryAfterS: number | undefined }

/** Calls that come at the same time, after a pause. */
export interface AnyBatch {
  readonly pauseMs: number
  readonly stream: boolean
  /** Which of the callable names: counted from 0, round and round. */
  readonly names: readonly number[]
}

export interface AnyGateway {
  readonly providers: readonly AnyProvider[]
  readonly routes: readonly AnyRoute[]
  readonly retryMax: number
  /** One for each request, in the order in which they come, round and round. */
  readonly fates: readonly Fate[]
  readonly batches: readonly AnyBatch[]
  readonly seed: number
}

const LANES: readonly Billing[] = ['plan', 'metered', 'free', 'local']
const BALANCES: readonly Balance[] = ['order', 'weighted', 'least-busy']
export const MODELS = ['m1', 'm2'] as const
/** Dollars per million tokens, in and out. A hundred tokens cost ten cents. */
export const PRICE_USD = 1_000

/** The codes a provider's answer may mean. */
export const FAILURES = PROBLEM_CODES.filter(code => PROBLEMS[code].fallback !== 'never')

/** By statuses from here on the script tells the codes apart; no general rule knows most of them, and a sign comes before the others. */
const FIRST_STATUS = 460

const mostly = (share: number) => fc.integer({ min: 1, max: share }).map(rolled => rolled > 1)
const rank = fc.integer({ min: 1, max: 2 })
const weight = fc.integer({ min: 1, max: 5 })
const balance = fc.constantFrom(...BALANCES)

const credential = fc.record({
  lane: fc.constantFrom(...LANES),
  priority: rank,
  weight,
  present: mostly(8),
})

const provider = fc.record({
  credentials: fc
    .array(credential, { minLength: 1, maxLength: 3 })
    .map(all => all.map((each, i) => ({ ...each, name: `k${i + 1}` }))),
  balance,
  priced: mostly(5),
})

function routes(ids: readonly string[]): fc.Arbitrary<readonly AnyRoute[]> {
  const target = fc.record({
    model: fc.constantFrom(...ids.flatMap(id => MODELS.map(model => `${id}/${model}`))),
    priority: fc.option(rank, { nil: undefined }),
    weight,
  })
  const route = fc.record({
    targets: fc.array(target, { minLength: 1, maxLength: 5 }),
    fallbackOn: fc.oneof(fc.subarray(FAILURES), fc.constant(FAILURES)),
    balance,
    crossBilling: fc.oneof(fc.boolean(), fc.record({ maxUsdPerDay: fc.constantFrom(0.05, 0.15, 0.35, 1) })),
    retryMax: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
    affinity: fc.boolean(),
  })
  return fc
    .array(route, { minLength: 1, maxLength: 3 })
    .map(all => all.map((each, i) => ({ ...each, name: `route-${i + 1}` })))
}

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('answer' as const), tells: mostly(4) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('problem' as const),
      code: fc.constantFrom(...FAILURES),
      retryAfterS: fc.option(fc.constantFrom(1, 3, 60), { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Fate>(
      { type: 'unreachable' },
      { type: 'lost' },
      { type: 'silent' },
      { type: 'cut', behind: 'head' },
      { type: 'cut', behind: 'first piece' },
      { type: 'error event', behind: 'head' },
      { type: 'error event', behind: 'first piece' },
    ),
  },
)

const batch: fc.Arbitrary<AnyBatch> = fc.record({
  pauseMs: fc.constantFrom(0, 0, 500, 3_000, 70_000, 50_000_000),
  stream: fc.boolean(),
  names: fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 3 }),
})

/** A gateway with one to five providers of all lanes, its routes, the calls it gets, and what becomes of each request. */
export const anyGateway: fc.Arbitrary<AnyGateway> = fc
  .array(provider, { minLength: 1, maxLength: 5 })
  .map(all => all.map((each, i) => ({ ...each, id: `p${i + 1}` })))
  .chain(providers =>
    fc.record({
      providers: fc.constant(providers),
      routes: routes(providers.map(({ id }) => id)),
      retryMax: fc.integer({ min: 0, max: 2 }),
      fates: fc.array(fate, { minLength: 1, maxLength: 40 }),
      batches: fc.array(batch, { minLength: 1, maxLength: 15 }),
      seed: fc.nat(),
    }),
  )

/** All names a client may call: the routes, an alias of each, and the models. */
export function namesOf({ providers, routes: known }: AnyGateway): string[] {
  return [
    ...known.map(({ name }) => name),
    ...known.map(({ name }) => `as-${name}`),
    ...providers.flatMap(({ id }) => MODELS.map(model => `${id}/${model}`)),
  ]
}

/** The key of a credential, as a provider sees it. */
export function keyOf(providerId: string, name: string): string {
  return `sk-${providerId}-${name}`
}

/** The configuration file of a gateway. */
export function configOf(gateway: AnyGateway): JsonObject {
  return {
    models: {
      providers: Object.fromEntries(gateway.providers.map(each => [each.id, entryOf(each)])),
      aliases: Object.fromEntries(gateway.routes.map(({ name }) => [`as-${name}`, name])),
    },
    routes: Object.fromEntries(gateway.routes.map(each => [each.name, routeOf(each)])),
    gateway: {
      retry: { max: gateway.retryMax, baseMs: 100, capMs: 500, waitMsMax: 5_000 },
      timeouts: { firstByteMs: 2_000, idleMs: 2_000, totalMs: 60_000 },
    },
  }
}

function entryOf({ id, credentials, balance: how, priced, host = `${id}.test` }: AnyProvider): JsonObject {
  const price = priced ? { price: { input: PRICE_USD, output: PRICE_USD } } : {}
  return {
    baseUrl: `https://${host}/v1`,
    api: 'openai-completions',
    balance: how,
    apiKeys: credentials.map(each => ({
      name: each.name,
      key: each.present ? keyOf(id, each.name) : '${' + 'NOT_SET}',
      billing: each.lane,
      priority: each.priority,
      weight: each.weight,
    })),
    models: MODELS.map(model => ({ id: model, ...price })),
  }
}

function routeOf(route: AnyRoute): JsonObject {
  return {
    targets: route.targets.map(({ model, priority, weight: share }) => ({
      model,
      weight: share,
      ...(priority === undefined ? {} : { priority }),
    })),
    fallbackOn: route.fallbackOn,
    balance: route.balance,
    affinity: route.affinity,
    crossBilling: route.crossBilling,
    ...(route.retryMax === undefined ? {} : { retry: { max: route.retryMax, baseMs: 100, capMs: 500 } }),
  }
}

/** The same provider with a row by whose signs every code can be told. */
export function withSigns(setup: ProviderSetup): ProviderSetup {
  const row: Provider = {
    id: setup.id,
    name: setup.id,
    billing: 'metered',
    env: [],
    modelList: 'open',
    endpoints: [
      { protocol: 'openai-completions', baseUrl: `https://${setup.id}.test/v1`, auth: 'bearer', clients: 'any' },
    ],
    signs: FAILURES.map(code => ({ code, status: statusOf(code) })),
  }
  return { ...setup, row }
}

function statusOf(code: ProblemCode): number {
  return FIRST_STATUS + FAILURES.indexOf(code)
}

/** What a provider does that meets this fate, if the caller allows so much output. */
export function replyOf(fate: Fate, maxTokens: number): Reply {
  if (fate.type === 'answer') return fate.tells ? { type: 'answer', usage: { input: 3, output: maxTokens } } : fate
  if (fate.type !== 'problem') return fate
  const headers = fate.retryAfterS === undefined ? {} : { 'retry-after': String(fate.retryAfterS) }
  const message = fate.code === 'upstream_model_not_found' ? 'The model does not exist' : 'No.'
  return { type: 'refusal', status: statusOf(fate.code), error: { message }, headers }
}
