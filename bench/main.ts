import { parseArgs } from 'node:util'
import { ensureDebian } from '../tools/debian.ts'
import { type Running, startAll } from './places.ts'
import { LARGE, measureRequests, SMALL } from './requests.ts'
import { measureLanes, measureMemory, measureStreams } from './streams.ts'
import { round } from './table.ts'

// Candor against nginx and against no gateway at all, on the same upstream, in the same run. Only the ratios mean anything.

interface Part {
  readonly name: string
  /** Compares with nginx, and is loaded by wrk. */
  readonly compares: boolean
  measure(running: Running): Promise<void>
}

const PARTS: readonly Part[] = [
  {
    name: 'requests',
    compares: true,
    async measure({ places }) {
      measureRequests(places, 'Small JSON', SMALL)
      measureRequests(places, '256 KB request', LARGE)
    },
  },
  { name: 'streams', compares: true, measure: measureStreams },
  { name: 'lanes', compares: false, measure: measureLanes },
  { name: 'memory', compares: false, measure: measureMemory },
]

/** The parts named behind `--only`, or all of them. Undefined: a name is not known. */
function chosen(): readonly Part[] | undefined {
  const { only } = parseArgs({ options: { only: { type: 'string' } } }).values
  if (only === undefined) return PARTS
  const names = only.split(',')
  const known = names.every(name => PARTS.some(part => part.name === name))
  return known ? PARTS.filter(({ name }) => names.includes(name)) : undefined
}

async function main(parts: readonly Part[]): Promise<void> {
  const compares = parts.some(part => part.compares)
  if (compares) {
    ensureDebian([
      { program: 'nginx', package: 'nginx-light' },
      { program: 'wrk', package: 'wrk' },
    ])
  }
  const running = await startAll(compares, SMALL)
  console.log(
    `# Candor's cost on this machine, ledger on, one core for the gateway (${new Date().toISOString().slice(0, 10)})`,
  )
  console.log(`\nIdle: ${round(running.candor.program.rssMib())} MiB resident.`)
  try {
    for (const part of parts) await part.measure(running)
  } finally {
    await running.stop()
  }
}

const parts = chosen()
if (parts === undefined) {
  console.error(`usage: npm run bench -- --only ${PARTS.map(({ name }) => name).join(',')}`)
  process.exitCode = 2
} else await main(parts)
