import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { entryOf, refOf, simOf, simulate } from '../e2e/providers.ts'
import type { Agent } from './agents.ts'

/** A provider that is reached in one protocol only, so that a run through it shows what that protocol does. */
export interface Lane {
  readonly protocol: ProtocolId
  /** The model an agent is to ask for. */
  readonly refFor: (agent: Agent) => string
  readonly sim: Sim
}

/** A gateway with simulated providers behind it. */
export interface Scene {
  readonly gateway: Gateway
  readonly lanes: readonly Lane[]
  /** The simulated coding plan, which admits only listed clients to its Chat Completions. */
  readonly plan: Sim
  stop(): Promise<void>
}

/** Models of the providers without a row of their own: those have one surface, so nothing is chosen. */
const KIMI = 'kimi-k3'
const GPT = 'gpt-4.1'
/** Codex asks for reasoning, and that model has none. */
const REASONING_GPT = 'gpt-5'
const GEMINI = 'gemini-3.5-flash'
/** As the report this project began with names it. */
const K2P5 = { id: 'k2p5', name: 'Kimi K2.5 (Code)', contextWindow: 256_000 }

/** Starts the simulated providers and the gateway. */
export async function openScene(home: string): Promise<Scene> {
  const sims = await Promise.all(
    (['moonshot', 'openai', 'anthropic', 'google', 'kimi-coding'] as const).map(kind => simulate(kind)),
  )
  const sim = (kind: string) => simOf(sims, kind)
  const providers = {
    // A row of the catalogue with one surface, and quirks like those of many servers.
    together: { ...entryOf(sim('moonshot'), undefined, 'openai-completions'), models: [{ id: KIMI }] },
    'sim-responses': {
      ...entryOf(sim('openai'), undefined, 'openai-responses'),
      models: [{ id: GPT }, { id: REASONING_GPT }],
    },
    anthropic: entryOf(sim('anthropic')),
    'sim-gemini': { ...entryOf(sim('google'), undefined, 'google-generative-ai'), models: [{ id: GEMINI }] },
    'kimi-coding': { ...entryOf(sim('kimi-coding'), undefined, 'openai-completions'), models: [K2P5] },
  }
  const gateway = await startGateway({ config: { models: { providers } }, home })
  return {
    gateway,
    plan: sim('kimi-coding'),
    lanes: [
      { protocol: 'openai-completions', refFor: () => `together/${KIMI}`, sim: sim('moonshot') },
      {
        protocol: 'openai-responses',
        refFor: ({ reasons }) => `sim-responses/${reasons === true ? REASONING_GPT : GPT}`,
        sim: sim('openai'),
      },
      { protocol: 'anthropic-messages', refFor: () => refOf(sim('anthropic')), sim: sim('anthropic') },
      { protocol: 'google-generative-ai', refFor: () => `sim-gemini/${GEMINI}`, sim: sim('google') },
    ],
    async stop() {
      await gateway.stop()
      await Promise.all(sims.map(each => each.stop()))
    },
  }
}
