import type { ProblemCode } from '../../src/canon/problem.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Billing } from '../../src/catalog/provider.ts'
import { headerOf } from '../../src/sim/http-reader.ts'
import type { SimRequest } from '../../src/sim/recorder.ts'
import type { SimKindId } from '../../src/sim/sim-kind.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { faultFrom } from './storm-faults.ts'
import { partOf } from './storm-random.ts'

/** One key of a provider in the storm. */
interface StormKey {
  readonly name: string
  readonly key: string
  readonly billing: Billing
}

/** A provider in the storm: each serves one model. */
export interface StormProvider {
  readonly id: string
  readonly kind: SimKindId
  readonly api: ProtocolId
  readonly model: string
  readonly keys: readonly StormKey[]
}

const keyOf = (name: string, key: string, billing: Billing): StormKey => ({ name, key, billing })

/** Between them: every lane, every protocol, one key and several, and one provider whose keys are of two lanes. */
export const STORM_PROVIDERS: readonly StormProvider[] = [
  {
    id: 'kimi-coding',
    kind: 'kimi-coding',
    api: 'openai-completions',
    model: 'kimi-for-coding',
    keys: [keyOf('one', 'sk-kimi-storm-one', 'plan'), keyOf('two', 'sk-kimi-storm-two', 'plan')],
  },
  {
    id: 'moonshot',
    kind: 'moonshot',
    api: 'openai-completions',
    model: 'kimi-k2.7-code',
    keys: [keyOf('one', 'sk-storm-one', 'metered'), keyOf('two', 'sk-storm-two', 'metered')],
  },
  {
    id: 'openai',
    kind: 'openai',
    api: 'openai-responses',
    model: 'gpt-4.1',
    keys: [
      keyOf('paid', 'sk-proj-storm-paid', 'metered'),
      keyOf('spare', 'sk-proj-storm-spare', 'metered'),
      keyOf('grant', 'sk-proj-storm-grant', 'free'),
    ],
  },
  {
    id: 'anthropic',
    kind: 'anthropic',
    api: 'anthropic-messages',
    model: 'claude-sonnet-5-5',
    keys: [keyOf('one', 'sk-ant-api03-storm-one', 'metered')],
  },
  {
    id: 'google',
    kind: 'google',
    api: 'google-generative-ai',
    model: 'gemini-3.5-flash',
    keys: [keyOf('one', 'AIza-storm-one', 'free')],
  },
  {
    id: 'house',
    kind: 'openai',
    api: 'openai-completions',
    model: 'gpt-house',
    keys: [keyOf('one', 'sk-house', 'local')],
  },
]

/** The provider that listens nowhere. */
export const GONE = 'gone'

/** Nano-dollars for a token of input, whether cached or not, and of output. */
export const PRICE = { input: 2_000, output: 10_000 }

/** Most tokens of one answer, as the models' rows say: what a call reserves that names no limit. */
export const OUTPUT_MAX = 600

const refs = Object.fromEntries(STORM_PROVIDERS.map(({ id, model }) => [id, `${id}/${model}`]))
const ref = (id: string): string => refs[id] ?? `${id}/gpt-none`

const USUAL: readonly ProblemCode[] = [
  'rate_limited',
  'overloaded',
  'upstream_error',
  'unreachable',
  'timeout',
  'stream_truncated',
  'upstream_protocol',
  'plan_exhausted',
  'balance_exhausted',
  'provider_unavailable',
]
const HASTY = { max: 2, baseMs: 5, capMs: 40, waitMsMax: 100 }

/** A route as the configuration has it, and as the checks read it. */
export interface StormRoute {
  readonly targets: readonly string[]
  readonly fallbackOn: readonly ProblemCode[]
  readonly crossBilling?: boolean | { readonly maxUsdPerDay: number }
  readonly balance?: 'order' | 'weighted' | 'least-busy'
  readonly retry?: typeof HASTY
  readonly affinity?: boolean
  readonly cache?: { readonly ttlSeconds: number }
}

/** What the route `allowance` may spend outside of its lane in a day. */
export const ALLOWANCE_USD = 0.004

/** Routes of every kind. */
export const STORM_ROUTES: Readonly<Record<string, StormRoute>> = {
  steady: { targets: [ref('moonshot'), ref('openai'), ref('anthropic')], fallbackOn: USUAL, retry: HASTY },
  busy: {
    targets: [ref('moonshot'), ref('openai'), ref('anthropic')],
    fallbackOn: ['overloaded', 'timeout'],
    balance: 'least-busy',
  },
  weighted: {
    targets: [ref('anthropic'), ref('moonshot')],
    fallbackOn: ['unreachable'],
    balance: 'weighted',
    affinity: false,
  },
  strict: { targets: [ref('moonshot'), ref('anthropic')], fallbackOn: [], retry: HASTY },
  fenced: { targets: [ref('kimi-coding'), ref('moonshot'), ref('house')], fallbackOn: USUAL },
  crossing: { targets: [ref('kimi-coding'), ref('moonshot'), ref('google')], fallbackOn: USUAL, crossBilling: true },
  allowance: {
    targets: [ref('house'), ref('anthropic'), ref('google')],
    fallbackOn: USUAL,
    crossBilling: { maxUsdPerDay: ALLOWANCE_USD },
  },
  kept: { targets: [ref('google')], fallbackOn: [], cache: { ttlSeconds: 600 } },
  away: { targets: [ref(GONE), ref('anthropic')], fallbackOn: ['unreachable'] },
  grants: { targets: [ref('google'), ref('openai')], fallbackOn: USUAL, crossBilling: false },
}

/** Everything a client of the storm may ask for. */
export const STORM_NAMES: readonly string[] = [...Object.keys(STORM_ROUTES), ...Object.values(refs), ref(GONE)]

/** The simulated providers, and where redirects lead. */
export interface StormSims {
  readonly sims: ReadonlyMap<string, Sim>
  /** Redirects lead here. */
  readonly elsewhere: Sim
  /** What all providers received, by the client's tag. */
  received(): readonly Received[]
  /** How many requests came so far. */
  count(): number
  /** Resolves once so many have come. */
  reached(requests: number): Promise<void>
  stop(): Promise<void>
}

/** A request as a provider of the storm received it. */
export interface Received {
  readonly tag: string
  readonly provider: string
  readonly credential: string
  readonly billing: Billing
  readonly model: string
  readonly request: SimRequest
  /** What was made to go wrong with its answer. */
  readonly fault: string | undefined
}

/** The tag a client of the storm puts into its `User-Agent`. */
export function tagIn(userAgent: string): string {
  return /\(([\w.-]+)\)/.exec(userAgent)?.[1] ?? ''
}

/** Starts all providers, each failing by chance. */
export async function startStormSims(seed: number): Promise<StormSims> {
  const elsewhere = await startSim({ kind: 'openai' })
  const faults = new Map<string, (string | undefined)[]>()
  const waiting: { readonly requests: number; readonly done: () => void }[] = []
  let count = 0
  const onRequest = () => {
    count += 1
    for (const each of waiting) if (count >= each.requests) each.done()
  }
  const started = await Promise.all(
    STORM_PROVIDERS.map(async ({ id, kind, model }, part) => {
      const random = partOf(seed, 1_000 + part)
      const chosen: (string | undefined)[] = []
      faults.set(id, chosen)
      const sim = await startSim({
        kind,
        models: [model],
        admits: ['storm/'],
        keepRequests: Number.POSITIVE_INFINITY,
        chooseFault() {
          const fault = faultFrom(random, `${elsewhere.origin}/v1`)
          chosen.push(fault)
          return fault
        },
        onRequest,
      })
      return [id, sim] as const
    }),
  )
  const sims = new Map(started)
  return {
    sims,
    elsewhere,
    count: () => count,
    received: () =>
      STORM_PROVIDERS.flatMap(provider =>
        (sims.get(provider.id)?.requests() ?? []).map((request, at) =>
          receivedBy(provider, request, faults.get(provider.id)?.[at]),
        ),
      ),
    reached: requests =>
      new Promise(done => {
        if (count >= requests) done()
        else waiting.push({ requests, done })
      }),
    async stop() {
      await Promise.all([elsewhere, ...sims.values()].map(sim => sim.stop()))
    },
  }
}

function receivedBy(provider: StormProvider, request: SimRequest, fault: string | undefined): Received {
  const sent = request.headers.map(([, value]) => value.replace(/^Bearer /, ''))
  const key = provider.keys.find(each => sent.includes(each.key))
  if (key === undefined) throw new Error(`${provider.id} received a key that is not its own`)
  const inBody = /"model":\s*"([^"]+)"/.exec(request.body)?.[1]
  const inPath = /models\/([^:]+):/.exec(request.path)?.[1]
  return {
    tag: tagIn(headerOf(request.headers, 'user-agent') ?? ''),
    provider: provider.id,
    credential: key.name,
    billing: key.billing,
    model: inPath ?? inBody ?? '',
    request,
    fault,
  }
}

/** The configuration of the storm. `round` changes with every reload. */
export function stormConfig(sims: ReadonlyMap<string, Sim>, gonePort: number, round: number) {
  const providers = Object.fromEntries(
    STORM_PROVIDERS.map(({ id, api, model, keys }) => {
      const surface = sims.get(id)?.surfaces.find(each => each.protocol === api)
      const billing = keys[0]?.billing
      const price = { input: 2, output: 10, cacheRead: 2, cacheWrite: 2 }
      return [
        id,
        {
          baseUrl: surface?.baseUrl ?? '',
          api,
          ...(billing === undefined ? {} : { billing }),
          apiKeys: keys.map(key => ({ ...key })),
          models: [
            {
              id: model,
              contextWindow: 100_000,
              maxOutputTokens: OUTPUT_MAX,
              ...(keys.some(key => key.billing === 'metered') ? { price } : {}),
            },
          ],
        },
      ]
    }),
  )
  const gone = {
    baseUrl: `http://127.0.0.1:${gonePort}/v1`,
    api: 'openai-completions' as const,
    apiKey: 'sk-gone',
    billing: 'metered' as const,
    models: [{ id: 'gpt-none', maxOutputTokens: OUTPUT_MAX, price: { input: 2, output: 10 } }],
  }
  return {
    models: { providers: { ...providers, [GONE]: gone } },
    routes: STORM_ROUTES,
    gateway: {
      quotaPollMs: 0,
      heartbeatMs: 60 + round,
      drainMs: DRAIN_MS,
      timeouts: { connectMs: 2_000, firstByteMs: 900, idleMs: 900, totalMs: 6_000 },
      limits: { replyBytesMax: 1_048_576 },
    },
    translate: { allowLoss: ['*' as const] },
    logs: { format: 'json' as const },
  }
}

/** Time the gateway of the storm has to stop, in milliseconds. */
export const DRAIN_MS = 10_000
