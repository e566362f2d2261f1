import type { AppOptions } from '../app/app.ts'
import { setInText } from '../app/config/splice.ts'
import { PROVIDERS } from '../catalog/index.ts'
import { describeSims } from '../sim/describe.ts'
import { SIM_KIND_IDS } from '../sim/sim-kind.ts'
import { type Sim, startSim } from '../sim/start-sim.ts'

/** Simulated providers that run in this process, and how to open an app that knows them. */
export interface SimulatedProviders {
  readonly sims: readonly Sim[]
  /** The options with the simulated providers in place of the file, and without the keys of real ones. */
  alone(options: AppOptions): AppOptions
  /** The options with the simulated providers wherever the configuration has none that can be used. */
  standingIn(options: AppOptions): AppOptions
  stop(): Promise<void>
}

/** A pause between two events, so that a person sees that the answer streams. Milliseconds. */
const PACE_MS = 15

/** Starts one simulated provider of each kind on free ports. */
export async function startSimulated(): Promise<SimulatedProviders> {
  const sims = await Promise.all(SIM_KIND_IDS.map(kind => startSim({ kind, paceMs: PACE_MS })))
  const real = new Set(PROVIDERS.flatMap(row => [...row.env, ...(row.variables ?? []).flatMap(each => each.env)]))
  const described = { text: withDefault(sims), label: 'the simulated providers' }
  return {
    sims,
    alone: options => ({
      ...options,
      env: Object.fromEntries(Object.entries(options.env).filter(([name]) => !real.has(name))),
      configText: described,
    }),
    standingIn: options => ({ ...options, standIn: described }),
    stop: async () => void (await Promise.all(sims.map(sim => sim.stop()))),
  }
}

/** So that `candor chat` has an answer without a model being named. */
function withDefault(sims: readonly Sim[]): string {
  return setInText(describeSims(sims), ['models', 'default'], refOf(sims))
}

function refOf([first]: readonly Sim[]): string {
  return `${first?.kind}/${first?.model}`
}

/**
 * A command to paste: one call to a simulated model through the gateway at this address. `locked`: the gateway asks for a key, which the shell
 * then takes from `CANDOR_KEY`.
 */
export function curlLine(url: string, { sims }: SimulatedProviders, locked: boolean): string {
  const body = { model: refOf(sims), messages: [{ role: 'user', content: 'Hello' }] }
  const key = locked ? ` -H "authorization: Bearer $CANDOR_KEY"` : ''
  return `curl -s ${url}/v1/chat/completions${key} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
}
