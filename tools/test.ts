// Everything there is to check. The last line is "N passed, N failed"; a step that is no test counts as one.
import { LINT, program, runSteps, summary, TYPES, tests } from './steps.ts'

/** Long enough for some ten thousand cases a target. `npm run fuzz` goes on as long as one likes. */
const FUZZ_SECONDS = 10
const FUZZ_SEED = 1

const quiet = await runSteps([
  TYPES,
  LINT,
  program(
    `fuzz, seed ${FUZZ_SEED}`,
    'test/fuzz/main.ts',
    '--seconds',
    String(FUZZ_SECONDS),
    '--seed',
    String(FUZZ_SEED),
  ),
])
// Alone, because some tests measure how soon something happens.
const results = [...quiet, ...(await runSteps([tests('tests', ['./test/'])]))]
console.log(summary(results))
process.exit(results.some(result => result.failed > 0) ? 1 : 0)
