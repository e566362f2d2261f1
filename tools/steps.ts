import { fileURLToPath } from 'node:url'

/** One check of the project: a command that ends with 0 if all is well. */
export interface Step {
  readonly name: string
  readonly command: readonly string[]
  /** It runs tests and says how many: each counts by itself. Any other step counts as one. */
  readonly tests?: boolean
}

/** How a step went. */
export interface StepResult {
  readonly name: string
  readonly seconds: number
  readonly passed: number
  readonly failed: number
  /** What it printed, both streams together. */
  readonly output: string
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** A step that takes longer hangs, and is ended. */
const STEP_MS_MAX = 15 * 60_000

/** The pinned Bun, as this program itself was started. */
const BUN = [process.execPath, ...process.execArgv]

/** The strict compiler over everything TypeScript. */
export const TYPES: Step = { name: 'types', command: [...BUN, 'node_modules/typescript/bin/tsc', '-p', '.'] }

/** The same over the dashboard, which lives in a browser. */
export const WEB_TYPES: Step = {
  name: 'types, web',
  command: [...BUN, 'node_modules/typescript/bin/tsc', '-p', 'web'],
}

/** Lint rules and formatting. */
export const LINT: Step = {
  name: 'lint and format',
  command: [...BUN, 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
}

/** Tests below the given paths, but for the patterns. A single one may take half a minute, for slow machines. */
export function tests(name: string, paths: readonly string[], except: readonly string[] = []): Step {
  const left = except.map(pattern => `--path-ignore-patterns=${pattern}`)
  return {
    name,
    command: [...BUN, 'test', '--parallel', '--only-failures', '--timeout=30000', ...left, ...paths],
    tests: true,
  }
}

/** A program of this project, run with the pinned Bun. */
export function program(name: string, file: string, ...parameters: readonly string[]): Step {
  return { name, command: [...BUN, file, ...parameters] }
}

/** Runs the steps side by side and prints a line as each one ends, with all it said if it failed. */
export function runSteps(steps: readonly Step[]): Promise<readonly StepResult[]> {
  return Promise.all(
    steps.map(async step => {
      const result = await runStep(step)
      console.log(describeResult(result))
      return result
    }),
  )
}

/** The closing line: everything that passed and failed, added up. */
export function summary(results: readonly StepResult[]): string {
  const sum = (count: (result: StepResult) => number) => results.reduce((total, result) => total + count(result), 0)
  return `${sum(result => result.passed)} passed, ${sum(result => result.failed)} failed`
}

async function runStep(step: Step): Promise<StepResult> {
  const begun = performance.now()
  const child = Bun.spawn([...step.command], {
    cwd: ROOT,
    // What was set since the start, too.
    env: { ...process.env },
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: STEP_MS_MAX,
  })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  const output = Bun.stripANSI(`${out}${err}`)
  const seconds = (performance.now() - begun) / 1000
  return { name: step.name, seconds, output, ...countResults(step, output, code) }
}

function countResults(step: Step, output: string, code: number): { passed: number; failed: number } {
  if (step.tests !== true) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  const passed = told(output, 'pass')
  const failed = told(output, 'fail') + told(output, 'skip') + told(output, 'todo')
  // A run that ended badly without naming a failed test (a crash, no tests at all) is itself the failure.
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed }
}

/** The number before a word in the test runner's closing lines; the last such line counts. */
function told(output: string, word: string): number {
  const lines = [...output.matchAll(new RegExp(`^ *(\\d+) ${word}$`, 'gm'))]
  return Number(lines.at(-1)?.[1] ?? 0)
}

function describeResult({ name, seconds, passed, failed, output }: StepResult): string {
  const verdict = failed === 0 ? 'ok' : 'FAILED'
  const count = passed + failed > 1 ? `  ${passed} passed, ${failed} failed` : ''
  const line = `${name.padEnd(18)}${verdict.padEnd(8)}${seconds.toFixed(1).padStart(6)} s${count}`
  return failed === 0 ? line : `${line}\n\n${withoutEmptyFiles(output).trim()}\n`
}

/** The test runner names every file; those with nothing to tell are left out. */
function withoutEmptyFiles(output: string): string {
  return output.replace(/^\S+\.test\.ts:\n(?:\n|(?=\S+\.test\.ts:\n))/gm, '')
}
