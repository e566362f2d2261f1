// Everything there is to check. The last line is "N passed, N failed"; a step that is no test counts as one.
import { ensureDebian } from './debian.ts'
import { LINT, program, runSteps, summary, TYPES, tests, WEB_TYPES } from './steps.ts'

/** Long enough for some ten thousand cases a target. `npm run fuzz` goes on as long as one likes. */
const FUZZ_SECONDS = 10
const FUZZ_SEED = 1

ensureDebian([
  { program: 'chromium', package: 'chromium' },
  // The completions are tried in the shells they are for.
  { program: 'zsh', package: 'zsh' },
  { program: 'fish', package: 'fish' },
])

const quiet = await runSteps([
  TYPES,
  WEB_TYPES,
  LINT,
  // Built once and first, so that no test builds it for itself, and within its size.
  program('dashboard', 'tools/build-web.ts'),
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
/** Each of these files has a browser of its own. */
const BROWSER = 'test/web/*'
const stormSeed = process.env['CANDOR_STORM_SEED'] ?? String(Math.floor(Math.random() * 1e9))
process.env['CANDOR_STORM_SEED'] = stormSeed

// Alone, because some tests measure how soon something happens.
const usual = await runSteps([tests('tests', ['./test/'], [`**/${STORM}`, `**/${BROWSER}`])])
const browser = await runSteps([tests('browser', ['./test/web/'])])
const storm = await runSteps([tests(`storm, seed ${stormSeed}`, [`./${STORM}`])])
const results = [...quiet, ...usual, ...browser, ...storm]
console.log(summary(results))
process.exit(results.some(result => result.failed > 0) ? 1 : 0)
