// npm run fuzz [-- --seconds N --seed S --target NAME]: random and mutated input for everything that reads what strangers write.
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { makeCase } from './cases.ts'
import { keepCase } from './found-cases.ts'
import { allTargets } from './targets.ts'
import type { Order, Word } from './worker.ts'

/** A case that takes longer than this never ends. */
const HANG_MS = 20_000

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    target: { type: 'string', multiple: true },
  },
})
const [seconds, seed] = [Number(values.seconds), Number(values.seed)]
const targets = allTargets().filter(({ name }) => values.target?.some(wanted => name.startsWith(wanted)) ?? true)
if (!(seconds > 0) || !Number.isSafeInteger(seed) || targets.length === 0) {
  console.error(`usage: npm run fuzz -- [--seconds N] [--seed N] [--target NAME]
  targets: ${allTargets()
    .map(({ name }) => name)
    .join(', ')}`)
  process.exit(2)
}

let faults = 0

function tell(target: string, fault: string, bytes: Uint8Array): void {
  faults += 1
  console.log(`${target}: ${fault}\n  kept in ${relative(process.cwd(), keepCase(target, bytes))}`)
}

const progress = new Int32Array(new SharedArrayBuffer(8))
const worker = new Worker(new URL('./worker.ts', import.meta.url).href)
worker.onmessage = (message: MessageEvent<Word>) => {
  const word = message.data
  if (word.type === 'found') tell(word.target, word.fault, word.bytes)
  else if (word.type === 'done') console.log(`${word.target.padEnd(32)} ${word.cases} cases`)
  else process.exit(faults === 0 ? 0 : 1)
}
worker.onerror = error => {
  console.error(error.message)
  process.exit(1)
}
console.log(`fuzzing ${targets.length} targets for ${seconds} s, seed ${seed}`)
const order: Order = { targets: targets.map(({ name }) => name), seed, seconds, progress }
worker.postMessage(order)

let last = ''
let since = performance.now()
setInterval(() => {
  const now = progress.join()
  if (now !== last) {
    last = now
    since = performance.now()
  } else if (performance.now() - since > HANG_MS) {
    const target = targets[progress[0] ?? 0]
    if (target) tell(target.name, `does not end within ${HANG_MS / 1000} s`, makeCase(target, seed, progress[1] ?? 0))
    process.exit(1)
  }
}, 500)
