import { parseArgs } from 'node:util'
import { ensureDebian } from '../tools/debian.ts'
import { measureLedger } from './ledger.ts'
import { type Running, startAll } from './places.ts'
import { measurePolicies } from './policies.ts'
import { LARGE, measureRequests, SMALL } from './requests.ts'
import { measureLanes, measureMemory, measureStreams } from './streams.ts'
import { round } from './table.ts'

// Candor against nginx and against no gateway at all, on the same upstream, in the same run. Only the ratios mean anything.

/** How long after its start a gateway counts as idle. */
const IDLE_AFTER_MS = 3_000

interface Part {
  readonly name: string
  /** What it needs beside Candor: wrk to load it, and nginx to compare with. */
  readonly needs: readonly ('nginx' | 'wrk')[]
  /** With the running places that most parts share; they are started when the first part asks for them. */
  measure(running: () => Promise<Running>): Promise<void>
}

const PARTS: readonly Part[] = [
  {
    name: 'requests',
    needs: ['nginx', 'wrk'],
    async measure(running) {
      const { places } = await running()
      measureRequests(places, 'Small JSON', SMALL)
      measureRequests(places, '256 KB request', LARGE)
    },
  },
  { name: 'streams', needs: ['nginx'], measure: async running => await measureStreams(await running()) },
  { name: 'lanes', needs: [], measure: async running => await measureLanes(await running()) },
  { name: 'memory', needs: [], measure: async running => await measureMemory(await running()) },
  { name: 'policies', needs: ['wrk'], measure: measurePolicies },
  { name: 'ledger', needs: [], measure: measureLedger },
]

/** The parts named behind `--only`, or all of them. Undefined: a name is not known. */
function chosen(): readonly Part[] | undefined {
  const { only } = parseArgs({ options: { only: { type: 'string' } } }).values
  if (only === undefined) return PARTS
  const names = only.split(',')
  const known = names.every(name => PARTS.some(part => part.name === name))
  return known ? PARTS.filter(({ name }) => names.includes(name)) : undefined
}

const DEBIAN = { nginx: 'nginx-light', wrk: 'wrk' } as const

async function main(parts: readonly Part[]): Promise<void> {
  const needed = [...new Set(parts.flatMap(part => part.needs))]
  ensureDebian(needed.map(program => ({ program, package: DEBIAN[program] })))
  console.log(
    `# Candor's cost on this machine, ledger on, one core for the gateway (${new Date().toISOString().slice(0, 10)})`,
  )
  let shared: Running | undefined
  const running = async () => {
    if (shared === undefined) {
      shared = await startAll(needed.includes('nginx'), SMALL)
      // What the start itself needed is given back by then.
      await Bun.sleep(IDLE_AFTER_MS)
      console.log(`\nIdle: ${round(shared.candor.program.rssMib())} MiB resident, three seconds after the start.`)
    }
    return shared
  }
  try {
    for (const part of parts) await part.measure(running)
  } finally {
    await shared?.stop()
  }
}

const parts = chosen()
if (parts === undefined) {
  console.error(`usage: npm run bench -- --only ${PARTS.map(({ name }) => name).join(',')}`)
  process.exitCode = 2
} else await main(parts)
