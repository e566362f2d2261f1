import type { ProtocolId } from '../canon/protocol.ts'
import type { Sim } from './start-sim.ts'

/** The surface a configuration names a provider by, the first of these it has: what most configurations in the world do. */
const NAMED_BY: readonly ProtocolId[] = ['google-generative-ai', 'openai-completions', 'anthropic-messages']

/**
 * A candor.json5 whose providers are these simulated ones, each under one of its surfaces. The others come along by the row of the
 * catalogue.
 */
export function describeSims(sims: readonly Sim[]): string {
  return `{\n  models: {\n    providers: {\n${sims.map(entry).join('')}    },\n  },\n}\n`
}

function entry(sim: Sim): string {
  const [surface] = NAMED_BY.flatMap(protocol => sim.surfaces.filter(row => row.protocol === protocol))
  if (surface === undefined) return ''
  const fields = { baseUrl: surface.baseUrl, apiKey: sim.key, api: surface.protocol }
  const text = Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  return `      ${JSON.stringify(sim.kind)}: { ${text.join(', ')} },\n`
}
