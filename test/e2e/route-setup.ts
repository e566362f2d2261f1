import type { ProviderView } from '../../src/admin/contract.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import type { HealthView } from '../../src/upstream/health.ts'
import { parse } from './clients.ts'
import type { Gateway } from './harness.ts'
import { entryOf } from './providers.ts'

/** Where a simulation is, for an entry that names keys of its own. */
export function placeOf(sim: Sim): { readonly baseUrl: string; readonly api: ProtocolId } {
  const { baseUrl, api } = entryOf(sim)
  return { baseUrl, api }
}

/** The model a provider was asked for, in any protocol that names it in the body. */
function modelAsked(request: { readonly body: string }): string {
  return parse<{ readonly model?: string }>(request.body || '{}').model ?? ''
}

/** Requests for this model that the provider received. */
export function requestsFor(sim: Sim, model: string) {
  return sim.requests().filter(request => modelAsked(request) === model)
}

/** Lays a fault on the first so many requests for this model. */
export function failFirst(sim: Sim, count: number, fault: string, model: string): void {
  let met = 0
  sim.setFault(fault, request => modelAsked(request) === model && met++ < count)
}

/** Lays a fault on every request for this model. */
export function failAlways(sim: Sim, fault: string, model: string): void {
  failFirst(sim, Number.POSITIVE_INFINITY, fault, model)
}

/** What `/candor/providers` tells of one model of a provider, once it fits: the gateway tells, not a clock. */
export async function healthThat(
  gateway: Gateway,
  ref: string,
  fits: (view: HealthView) => boolean,
): Promise<HealthView> {
  for (;;) {
    const views = await healthOf(gateway, ref)
    const found = views.find(fits)
    if (found !== undefined) return found
  }
}

/** What `/candor/providers` tells of one model of a provider, a credential each. */
export async function healthOf(gateway: Gateway, ref: string): Promise<readonly HealthView[]> {
  const response = await gateway.fetch('/candor/providers')
  const { data } = parse<{ readonly data: readonly ProviderView[] }>(await response.text())
  return data.flatMap(({ health = [] }) => health).filter(({ provider, model }) => `${provider}/${model}` === ref)
}

/** The `candor-…` headers that tell who answered, and on which purse. */
export function answeredBy(headers: Headers): Record<string, string | null> {
  return Object.fromEntries(
    ['model', 'fallback', 'attempts', 'billing'].map(name => [name, headers.get(`candor-${name}`)]),
  )
}
