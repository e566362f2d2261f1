import { assert } from '../../base/assert.ts'
import { newId } from '../../base/ids.ts'
import { OWN_USER_AGENT } from '../../base/version.ts'
import { type Blame, PROBLEMS } from '../../canon/problem.ts'
import type { Call, House } from '../../pipeline/call.ts'
import { SSE } from '../../pipeline/framing.ts'
import type { ListedModel } from '../../pipeline/model-directory.ts'
import { runCall } from '../../pipeline/run-call.ts'
import type { ProviderSetup } from '../../upstream/provider-setup.ts'
import { showDuration } from '../amounts.ts'
import { oneLine } from '../terminal-text.ts'
import { type Trouble, troubleOf } from '../trouble.ts'
import type { Check, Finding, Patient, Severity } from './finding.ts'
import { lookedAt } from './providers.ts'

/**
 * One real call to each provider, through the same pipeline as any other. Nothing less proves a key: some providers list their models to
 * anybody, and a plan that is used up still has a valid key.
 */
export const probeCheck: Check = {
  id: 'probe',
  async run(patient) {
    if (!patient.probe) return []
    const findings: Finding[] = []
    // One after the other: calls at the same moment could meet a limit that no single call would.
    for (const provider of lookedAt(patient)) {
      if (provider.unavailable === undefined) findings.push(await probe(provider, patient))
    }
    return findings
  },
}

async function probe(provider: ProviderSetup, patient: Patient): Promise<Finding> {
  const { app, desk, model } = patient
  const id = `provider.${provider.id}.probe`
  const ref = model ?? cheapest(app?.house().directory.list() ?? [], provider)
  if (app === undefined || ref === undefined) return nothingToAsk(provider, id)
  desk.print.note(`Asking ${ref} for one token: this costs one short call.`)
  const house = app.house()
  const began = house.clock.monotonicMs()
  const response = await runCall(probeCall(ref, house), { ...house, policies: [] })
  const took = showDuration(house.clock.monotonicMs() - began)
  if (!response.ok) return verdict(provider, id, ref, await troubleOf(response))
  await response.body?.cancel()
  const protocol = response.headers.get('candor-protocol') ?? 'its own protocol'
  const purse = response.headers.get('candor-billing') ?? provider.billing
  return {
    id,
    severity: 'ok',
    message: `${provider.name} answered as ${oneLine(response.headers.get('candor-model') ?? ref)} over ${protocol.split('>').at(-1)}, ${purse}, in ${took}.`,
  }
}

/** A call for one token, made in Candor's own name. The gateway's own keys and limits are not what is looked at. */
function probeCall(ref: string, { clock, protocols }: House): Call {
  const protocol = protocols.get('openai-completions')
  assert(protocol !== undefined, 'Chat Completions is spoken')
  const at = clock.now()
  const body = { model: ref, messages: [{ role: 'user', content: 'Say ok.' }], max_tokens: 1 }
  return {
    id: newId('req', at),
    at,
    startedMs: clock.monotonicMs(),
    operation: 'generate',
    protocol,
    framing: SSE,
    body: new TextEncoder().encode(JSON.stringify(body)),
    headers: new Headers({ 'user-agent': OWN_USER_AGENT, 'content-type': 'application/json' }),
    key: undefined,
    leaving: new AbortController().signal,
    ended() {},
  }
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

function nothingToAsk({ id: provider, name }: ProviderSetup, id: string): Finding {
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

function verdict({ name }: ProviderSetup, id: string, ref: string, trouble: Trouble): Finding {
  const { code, what, why, fix, upstream } = trouble
  if (code === 'upstream_bad_request')
    return {
      id: `${id}.${code}`,
      severity: 'warning',
      message: `${name} accepts the key but calls the shortest possible request to ${ref} invalid: "${oneLine(upstream?.message ?? what, 300)}"`,
      fixHint: 'Try another model: candor doctor PROVIDER/MODEL',
    }
  const said = upstream?.message === undefined ? '' : ` The provider said: "${oneLine(upstream.message, 300)}"`
  const because = why === undefined ? '' : ` ${oneLine(why, 500)}`
  return {
    id: `${id}.${code}`,
    severity: code === 'unknown' ? 'error' : BLAME_SEVERITY[PROBLEMS[code].blame],
    message: `${oneLine(what, 500)} (${code})${because}${said}`,
    ...(fix.length === 0 ? {} : { fixHint: fix.map(each => oneLine(each, 400)).join(' ') }),
  }
}
