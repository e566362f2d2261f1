import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { SimKindId } from '../../src/sim/sim-kind.ts'
import { type Sim, type SimOptions, startSim } from '../../src/sim/start-sim.ts'

/** The configuration entry that points a provider of the catalogue at its simulation. */
export function entryOf(
  sim: Sim,
  key: string = sim.key,
  protocol?: ProtocolId,
): { baseUrl: string; apiKey: string; api: ProtocolId } {
  const surface = sim.surfaces.find(each => protocol === undefined || each.protocol === protocol)
  if (surface === undefined) throw new Error(`${sim.kind} has no surface ${protocol}`)
  return { baseUrl: surface.baseUrl, apiKey: key, api: surface.protocol }
}

/** A configuration with these simulations under their catalogue ids. */
export function configOf(sims: readonly Sim[], gateway: object = {}, models: object = {}) {
  return { models: { providers: Object.fromEntries(sims.map(sim => [sim.kind, entryOf(sim)])), ...models }, gateway }
}

/** A running simulation of this kind. */
export function simulate(kind: SimKindId, options: Omit<SimOptions, 'kind'> = {}): Promise<Sim> {
  return startSim({ kind, ...options })
}

/** The simulation of this kind among some. Throws if there is none. */
export function simOf(sims: readonly Sim[], kind: string): Sim {
  const sim = sims.find(each => each.kind === kind)
  if (sim === undefined) throw new Error(`${kind} is not simulated here`)
  return sim
}

/** `provider/model` of a simulation's usual model. */
export function refOf(sim: Sim): string {
  return `${sim.kind}/${sim.model}`
}

/** The value of a header as a provider received it. */
export function headerOf(
  request: { readonly headers: readonly (readonly [string, string])[] } | undefined,
  name: string,
): string | undefined {
  return request?.headers.find(([key]) => key.toLowerCase() === name)?.[1]
}
