// Runs the real agents through Candor: npm run test:clients [-- client…]. They are installed into a cache folder, so this is no part of
// npm test. The last line is "N passed, N failed".
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AGENTS, type Agent } from '../test/clients/agents.ts'
import { cacheFolder, installAgent, installNode } from '../test/clients/install.ts'
import { openScene } from '../test/clients/lanes.ts'
import { messageOnThePlan } from '../test/clients/plan-scenario.ts'
import { type Bench, type TurnResult, takeTurn } from '../test/clients/turn.ts'

/** How much of an agent's output is shown when something went wrong, in characters. */
const OUTPUT_CHARS_MAX = 3_000

const wanted = process.argv.slice(2)
const strange = wanted.filter(name => !AGENTS.some(({ id }) => id === name))
if (strange.length > 0) {
  console.error(`Not an agent: ${strange.join(', ')}. The agents are ${AGENTS.map(({ id }) => id).join(', ')}.`)
  process.exit(2)
}
const cache = cacheFolder(process.env)
const homes = join(cache, 'homes')
mkdirSync(homes, { recursive: true })
const results: TurnResult[] = []

const node = await installNode(cache)
const home = mkdtempSync(join(homes, 'candor-'))
const scene = await openScene(home)
// Whoever ends this program ends the gateway with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void close().then(() => process.exit(1)))
try {
  for (const agent of AGENTS.filter(({ id }) => wanted.length === 0 || wanted.includes(id)))
    await runAgent(agent, { bin: await installAgent(cache, agent, node), homes, scene })
} finally {
  await close()
}
const failed = results.filter(({ faults }) => faults.length > 0).length
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 && results.length > 0 ? 0 : 1)

async function close(): Promise<void> {
  await scene.stop()
  rmSync(home, { recursive: true, force: true })
}

/** Every provider protocol by `candor run`, and one that is not the agent's own by `candor connect`. */
async function runAgent(agent: Agent, bench: Bench): Promise<void> {
  console.log(`\n${agent.package}@${agent.version}, ${agent.protocol}`)
  for (const lane of bench.scene.lanes) tell(`run to ${lane.protocol}`, await takeTurn(agent, lane, 'run', bench))
  const other = bench.scene.lanes.find(({ protocol }) => protocol !== agent.protocol)
  if (other !== undefined) tell(`connect to ${other.protocol}`, await takeTurn(agent, other, 'connect', bench))
  if (agent.id === 'openclaw') tell('a message on the plan', await messageOnThePlan(bench))
}

function tell(what: string, result: TurnResult): void {
  results.push(result)
  const { faults, seconds, userAgent, refused, isRefusal, output } = result
  const verdict = faults.length > 0 ? 'FAILED' : isRefusal ? 'refused' : 'ok'
  console.log(`  ${what.padEnd(34)}${verdict.padEnd(8)}${seconds.toFixed(1).padStart(6)} s  ${userAgent.slice(0, 60)}`)
  for (const [words, count] of counted(refused)) console.log(`      refused ${count} times before: ${words}`)
  for (const fault of faults) console.log(`      ${fault}`)
  if (faults.length > 0) console.log(output.slice(-OUTPUT_CHARS_MAX).replace(/^/gm, '      | '))
}

function counted(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}
