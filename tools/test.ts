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
/** The storm takes a minute and all there is of the machine. */
const STORM = 'test/e2e/storm.test.ts'
const stormSeed = process.env['CANDOR_STORM_SEED'] ?? String(Math.floor(Math.random() * 1e9))
process.env['CANDOR_STORM_SEED'] = stormSeed

// Alone, because some tests measure how soon something happens.
const usual = await runSteps([tests('tests', ['./test/'], [`**/${STORM}`])])
const storm = await runSteps([tests(`storm, seed ${stormSeed}`, [`./${STORM}`])])
const results = [...quiet, ...usual, ...storm]
console.log(summary(results))
process.exit(results.some(result => result.failed > 0) ? 1 : 0)
