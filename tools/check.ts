// The quick look before a commit: types, lint, the project's laws, and the tests that start nothing.
import { LINT, runSteps, summary, TYPES, tests, WEB_TYPES } from './steps.ts'

/** Folders of tests that need no process, no socket and no database. */
const FAST = ['./test/base/', './test/canon/', './test/catalog/', './test/wire/']

/** Those that cut every recorded stream at every byte: `npm test` runs them. */
const LONG = ['**/*-recorded.test.ts', '**/openai-completions-decoding.test.ts']

const results = await runSteps([
  TYPES,
  WEB_TYPES,
  LINT,
  tests('floors and tidy', ['./test/floors.test.ts', './test/tidy.test.ts']),
  tests('unit tests', FAST, LONG),
])
console.log(summary(results))
process.exit(results.some(result => result.failed > 0) ? 1 : 0)
