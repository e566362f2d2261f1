import type { Sim } from './start-sim.ts'

/**
 * A candor.json5 whose providers are these simulated ones. A provider with a Chat Completions surface is given by it, since that is how
 * most configurations in the world name it.
 */
export function describeSims(sims: readonly Sim[]): string {
  return `{\n  models: {\n    providers: {\n${sims.map(entry).join('')}    },\n  },\n}\n`
}

function entry(sim: Sim): string {
  const [first] = sim.surfaces
  const surface = sim.surfaces.find(row => row.protocol === 'openai-completions') ?? first
  if (surface === undefined) return ''
  const fields = { baseUrl: surface.baseUrl, apiKey: sim.key, api: surface.protocol }
  const text = Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  return `      ${JSON.stringify(sim.kind)}: { ${text.join(', ')} },\n`
}
