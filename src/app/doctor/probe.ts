import type { Severity } from '../../admin/doctor.ts'
import { showDuration } from '../../admin/story/amounts.ts'
import { oneLine } from '../../base/one-line.ts'
import { type Blame, PROBLEMS, type Problem } from '../../canon/problem.ts'
import type { House } from '../../pipeline/call.ts'
import type { ListedModel } from '../../pipeline/model-directory.ts'
import type { CredentialSetup, ProviderSetup } from '../../upstream/provider-setup.ts'
import type { Check, Found } from './check.ts'
import { ONE_TOKEN, type ShortCall, shortCall, withOneKey } from './short-call.ts'

/**
 * One real call with each key of each provider, through the same pipeline as any other. Nothing less proves a key: some providers list their models to
 * anybody, and a plan that is used up still has a valid key.
 */
export const probeCheck: Check = {
  id: 'probe',
  about: 'one call for one token with each key',
  asks: true,
  async run({ probed }, tell) {
    for await (const { found } of probed()) tell(found)
  },
}

/** What became of asking with one key. */
export interface Probed {
  readonly found: Found
  /** The model that answered, and the house it was asked in; absent: none did. */
  readonly answered?: { readonly ref: string; readonly house: House }
  readonly told?: ShortCall['told']
}

/** What is to be asked. */
export interface ProbePlan {
  readonly house: House
  readonly providers: readonly ProviderSetup[]
  /** The model to ask for, as `provider/model`; absent: one of the provider's. */
  readonly model?: string | undefined
  /** A call is about to be made. */
  asking(ref: string): void
}

/**
 * Asks with each key when somebody wants to know what became of it, one after the other (calls at the same moment could meet a limit that no single
 * call would), and each once, however often that is asked.
 */
export function openProbes(plan: ProbePlan): () => AsyncIterable<Probed> {
  const keys = plan.providers
    .filter(({ unavailable }) => unavailable === undefined)
    .flatMap(provider => provider.credentials.map(credential => ({ provider, credential })))
  const made: Promise<Probed>[] = []
  return async function* () {
    for (const [i, { provider, credential }] of keys.entries()) {
      made[i] ??= probe(provider, credential, plan)
      yield await made[i]
    }
  }
}

async function probe(provider: ProviderSetup, credential: CredentialSetup, plan: ProbePlan): Promise<Probed> {
  const hasOthers = provider.credentials.length > 1
  const house = hasOthers ? withOneKey(plan.house, provider, credential) : plan.house
  const id = `provider.${provider.id}.probe`
  const ref = plan.model ?? cheapest(house.directory.list(), provider)
  if (ref === undefined) return { found: nothingToAsk(provider, id) }
  plan.asking(ref)
  const { receipt, told } = await shortCall(ref, ONE_TOKEN, house)
  const { problem } = receipt
  const heard = told === undefined ? {} : { told }
  const key = hasOthers ? `, with the key "${credential.name}"` : ''
  if (problem !== undefined) return { found: verdict({ provider, id, ref, key, problem }), ...heard }
  const message = `${provider.name} answered as ${oneLine(receipt.servedModel ?? ref)} over ${receipt.upstreamProtocol ?? 'its own protocol'}, ${receipt.billing ?? provider.billing}, in ${showDuration(receipt.totalMs)}${key}.`
  return { found: { id, severity: 'ok', message }, answered: { ref, house }, ...heard }
}

/** The cheapest listed model by its price of output; where nothing has a price, the first: the user's own come first. */
function cheapest(all: readonly ListedModel[], provider: ProviderSetup): string | undefined {
  const own = all.filter(model => model.provider.id === provider.id)
  const configured = own.find(model => provider.models.some(each => each.id === model.row.id))
  if (configured !== undefined) return configured.ref
  const priced = own.filter(model => model.row.price !== undefined && provider.billing === 'metered')
  const [best] = priced.sort((a, b) => (a.row.price?.output ?? 0) - (b.row.price?.output ?? 0))
  return (best ?? own[0])?.ref
}

function nothingToAsk({ id: provider, name }: ProviderSetup, id: string): Found {
  return {
    id,
    severity: 'warning',
    message: `${name} was not asked: no model of it is known. Its own list of models would prove nothing about the key.`,
    fixHint: `Name one: candor doctor ${provider}/MODEL`,
  }
}

/** Failures that pass by themselves say nothing against the key or the configuration. */
const BLAME_SEVERITY: Readonly<Record<Blame, Severity>> = {
  client: 'error',
  credential: 'error',
  plan: 'error',
  provider: 'warning',
  network: 'error',
  gateway: 'error',
}

interface Failure {
  readonly provider: ProviderSetup
  readonly id: string
  readonly ref: string
  readonly key: string
  readonly problem: Problem
}

function verdict({ provider, id, ref, key, problem }: Failure): Found {
  const { code, what, why, fix = [], upstream } = problem
  if (code === 'upstream_bad_request')
    return {
      id: `${id}.${code}`,
      severity: 'warning',
      message: `${provider.name} accepts the key but calls the shortest possible request to ${ref} invalid${key}: "${oneLine(upstream?.message ?? what, 300)}"`,
      fixHint: `Try another model: candor doctor ${provider.id}/MODEL`,
    }
  const said = upstream?.message === undefined ? '' : ` The provider said: "${oneLine(upstream.message, 300)}"`
  const because = why === undefined ? '' : ` ${oneLine(why, 500)}`
  return {
    id: `${id}.${code}`,
    severity: BLAME_SEVERITY[PROBLEMS[code].blame],
    message: `${oneLine(what, 500)} (${code}${key})${because}${said}`,
    ...(fix.length === 0 ? {} : { fixHint: fix.map(each => oneLine(each, 400)).join(' ') }),
  }
}
