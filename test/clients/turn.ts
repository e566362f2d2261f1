import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { childEnvironment, command } from '../e2e/harness.ts'
import { headerOf } from '../e2e/providers.ts'
import { type Agent, promptFor, type Workplace, workplaceIn } from './agents.ts'
import type { Lane, Scene } from './lanes.ts'

/** How an agent is led to the gateway. */
export type Way = 'run' | 'connect'

/** One turn of an agent through one lane: what went wrong, empty if nothing did. */
export interface TurnResult {
  readonly faults: readonly string[]
  /** What the agent printed. */
  readonly output: string
  readonly userAgent: string
  /** Calls that were refused before the agent said the same in another way. */
  readonly refused: readonly string[]
  /** The agent was to be refused, and to say so. */
  readonly isRefusal: boolean
  readonly seconds: number
}

/** An installed agent and the folder its home is made in. */
export interface Bench {
  readonly bin: string
  readonly homes: string
  readonly scene: Scene
}

/** Longest time for one turn, in milliseconds. */
const TURN_MS_MAX = 60_000
/** What the simulated model says when its tools have answered. */
const ANSWER = 'The tools said:'

/** Lets an agent edit a file through a lane, and looks at everything that is to be seen of it. */
export async function takeTurn(agent: Agent, lane: Lane, way: Way, bench: Bench): Promise<TurnResult> {
  const home = join(bench.homes, `${agent.id}-${lane.protocol}-${way}`)
  rmSync(home, { recursive: true, force: true })
  const place = workplaceIn(join(home, 'work'))
  mkdirSync(place.folder, { recursive: true })
  writeFileSync(place.note, 'alpha\nbeta\n')
  lane.sim.clear()
  const before = new Set((await bench.scene.gateway.receipts(200)).map(({ id }) => id))
  const begun = performance.now()
  const { code, output } = await (way === 'run' ? started : connected)(agent, lane, place, home, bench)
  const seconds = (performance.now() - begun) / 1000
  const receipts = (await bench.scene.gateway.receipts(200)).filter(({ id }) => !before.has(id))
  const expected = agent.refused?.protocol === lane.protocol ? agent.refused : undefined
  const faults =
    expected === undefined
      ? doneFaults(agent, lane, place, { code, output, receipts })
      : refusalFaults(expected.says, { code, output, receipts })
  if (faults.length === 0) rmSync(home, { recursive: true, force: true })
  return {
    faults,
    output,
    userAgent: receipts[0]?.client ?? '',
    refused: receipts
      .filter(({ ending }) => ending === 'failed')
      .map(({ problem }) => `${problem?.code} ${problem?.what}`),
    isRefusal: expected !== undefined,
    seconds,
  }
}

/** What is left of a turn when the agent has ended. */
interface Remains {
  readonly code: number
  readonly output: string
  readonly receipts: readonly Receipt[]
}

function doneFaults(
  agent: Agent,
  lane: Lane,
  place: Workplace,
  { code, output, receipts }: Remains,
): readonly string[] {
  return [
    ...(code === 0 ? [] : [`it ended with ${code}`]),
    ...fileFaults(place),
    ...(output.includes(ANSWER) ? [] : ['the answer is not in what it printed']),
    ...receiptFaults(agent, lane, receipts),
    ...nameFaults(agent, lane),
  ]
}

/** A refusal is one the person reads, and one a receipt tells. */
function refusalFaults(says: RegExp, { code, output, receipts }: Remains): readonly string[] {
  return [
    ...(code === 0 ? ['it ended as if all were well'] : []),
    ...(says.test(output) ? [] : ['it did not say what was refused']),
    ...(receipts.length > 0 && receipts.every(({ ending }) => ending === 'failed') ? [] : ['no receipt tells of it']),
  ]
}

/** `candor run`: the agent's files are not there, and are not made. */
async function started(agent: Agent, lane: Lane, place: Workplace, home: string, bench: Bench) {
  const { url } = bench.scene.gateway
  const args = [
    'run',
    agent.id,
    '--url',
    url,
    '--model',
    lane.refFor(agent),
    '--',
    ...agent.turn(promptFor(agent, place), place),
  ]
  return await ended(command(args), agent, place, home, bench)
}

/** `candor connect`, and then the agent by itself. */
async function connected(agent: Agent, lane: Lane, place: Workplace, home: string, bench: Bench) {
  const { url } = bench.scene.gateway
  const args = ['connect', agent.id, '--url', url, '--model', lane.refFor(agent), '--yes']
  const set = await ended(command(args), agent, place, home, bench)
  if (set.code !== 0) return set
  const line = [join(bench.bin, agent.id), ...agent.turn(promptFor(agent, place), place)]
  return await ended(line, agent, place, home, bench)
}

async function ended(line: readonly string[], agent: Agent, place: Workplace, home: string, { bin }: Bench) {
  const env = childEnvironment(home, { ...agent.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` })
  const child = Bun.spawn([...line], {
    cwd: place.folder,
    env,
    stdin: agent.readsInput === true ? new Blob([promptFor(agent, place)]) : 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: TURN_MS_MAX,
  })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, output: Bun.stripANSI(`${out}${err}`) }
}

function fileFaults({ note }: Workplace): readonly string[] {
  const text = readFileSync(note, 'utf8')
  return text === 'alpha\ngamma\n' ? [] : [`the file says ${JSON.stringify(text)}`]
}

/** At least two calls went the whole way: the one that asked for the tool, and the one with its result. */
function receiptFaults(agent: Agent, lane: Lane, receipts: readonly Receipt[]): readonly string[] {
  const complete = receipts.filter(({ ending, operation }) => ending === 'complete' && operation === 'generate')
  const strange = complete.filter(
    ({ servedModel, clientProtocol, upstreamProtocol, attempts }) =>
      servedModel !== lane.refFor(agent) ||
      clientProtocol !== agent.protocol ||
      upstreamProtocol !== lane.protocol ||
      attempts.length !== 1 ||
      attempts[0]?.identity.source !== 'client',
  )
  return [
    ...(complete.length < 2 ? [`${complete.length} complete calls have a receipt`] : []),
    ...strange.map(({ id }) => `the receipt ${id} tells of another way`),
  ]
}

/** What the provider was told about who calls. */
function nameFaults(agent: Agent, lane: Lane): readonly string[] {
  const names = lane.sim.requests().map(request => headerOf(request, 'user-agent') ?? '')
  const others = names.filter(name => !agent.userAgent.test(name))
  if (names.length === 0) return ['nothing arrived at the provider']
  return others.length === 0 ? [] : [`the provider was called by "${others[0]}"`]
}
