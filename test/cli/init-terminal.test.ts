import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSim } from '../../src/sim/start-sim.ts'
import { removeHome, temporaryHome } from '../e2e/harness.ts'
import { openTerminal, type Terminal } from '../e2e/terminal.ts'

type Sim = Awaited<ReturnType<typeof startSim>>

let sim: Sim
let silent: Sim
beforeAll(async () => {
  sim = await startSim({ kind: 'openai' })
  silent = await startSim({ kind: 'openai', fault: 'stall=never;after=0' })
})
afterAll(async () => {
  await sim.stop()
  await silent.stop()
})

let home = ''
const open: Terminal[] = []
beforeEach(() => {
  home = temporaryHome()
})
afterEach(async () => {
  for (const terminal of open.splice(0)) {
    terminal.kill9()
    await terminal.exited
  }
  removeHome(home)
})

const urlOf = ({ surfaces }: Sim) => surfaces.find(({ protocol }) => protocol === 'openai-completions')?.baseUrl ?? ''
const file = () => join(home, 'config', 'candor', 'candor.json5')
const written = () => {
  const folder = join(home, 'config')
  return existsSync(folder) ? readdirSync(folder, { recursive: true }) : []
}

function start(args: readonly string[], at: Sim, key = at.key): Terminal {
  const terminal = openTerminal(args, home, { OPENAI_API_KEY: key, OPENAI_BASE_URL: urlOf(at) })
  open.push(terminal)
  return terminal
}

const ENTER = '\r'
const CTRL_C = '\x03'
const ESCAPE = '\x1b'
const DOWN = '\x1b[B'

/** Sees the question and answers with Enter. */
async function enter(terminal: Terminal, question: RegExp): Promise<void> {
  await terminal.shows(question)
  terminal.type(ENTER)
}

test('candor alone: two keystrokes to an answer, then a configuration and the way on', async () => {
  const terminal = start([], sim)
  await enter(terminal, /Which provider[\s\S]*Enter: confirm/)
  await enter(terminal, /Which model[\s\S]*Enter: confirm/)
  await terminal.shows(/This is the simulated model/)
  await terminal.shows(/Start the gateway now\?[\s\S]*No/)
  expect(readFileSync(file(), 'utf8')).toContain(`openai: { baseUrl: "${urlOf(sim)}", apiKey: "\${OPENAI_API_KEY}" }`)
  expect(terminal.text()).not.toContain(sim.key)
  terminal.type('n')
  expect(await terminal.exited).toBe(0)
})

test('Escape goes back to the question before, also out of a key that is being typed', async () => {
  const terminal = start(['init', '--model', 'gpt-4o'], sim)
  await terminal.shows(/Which provider shall[\s\S]*Enter: confirm/)
  terminal.type(DOWN)
  await terminal.shows(/● Another provider/)
  terminal.type(ENTER)
  await terminal.shows(/Which provider\?[\s\S]*type to search/)
  terminal.type('openai')
  await terminal.shows(/Which provider\?[\s\S]*openai, metered/)
  terminal.type(ENTER)
  await terminal.shows(/The key for OpenAI/)
  terminal.type('sk-half')
  await terminal.shows(/•{7}/)
  terminal.type(ESCAPE)
  await terminal.shows(/The key for OpenAI[\s\S]*Which provider\?[\s\S]*type to search/)
  terminal.type(ESCAPE)
  await terminal.shows(/The key for OpenAI[\s\S]*Which provider shall answer first/)
  terminal.type(ESCAPE)
  expect(await terminal.exited).toBe(130)
  expect(terminal.text()).not.toContain('sk-half')
  expect(written()).toEqual([])
})

/** Ways to the questions before anything is written, each with what stands on the terminal there. */
const QUESTIONS: readonly { readonly at: string; readonly go: (terminal: Terminal) => Promise<void> }[] = [
  { at: 'the provider', go: terminal => terminal.shows(/Which provider[\s\S]*Enter: confirm/) },
  {
    at: 'the model',
    async go(terminal) {
      await enter(terminal, /Which provider[\s\S]*Enter: confirm/)
      await terminal.shows(/Which model[\s\S]*Enter: confirm/)
    },
  },
]

const ENDS: readonly {
  readonly how: string
  readonly end: (terminal: Terminal) => void
  readonly exit: number | undefined
}[] = [
  { how: 'Ctrl-C', end: terminal => terminal.type(CTRL_C), exit: 130 },
  { how: 'SIGKILL', end: terminal => terminal.kill9(), exit: undefined },
]

describe.each(ENDS.flatMap(end => QUESTIONS.map(question => ({ ...end, ...question }))))(
  '$how at $at',
  ({ end, go, exit }) => {
    test('leaves nothing', async () => {
      const terminal = start(['init'], sim)
      await go(terminal)
      end(terminal)
      const code = await terminal.exited
      if (exit !== undefined) expect(code).toBe(exit)
      expect(written()).toEqual([])
    })
  },
)

describe.each([...ENDS])('$how at a key that is pasted', ({ end, exit }) => {
  test('leaves nothing, and the key was not shown', async () => {
    const terminal = openTerminal(['init', '--provider', 'openai', '--model', 'gpt-4o'], home)
    open.push(terminal)
    await terminal.shows(/The key for OpenAI/)
    terminal.type('sk-proj-typed-by-hand')
    await terminal.shows(/•{21}/)
    expect(terminal.text()).not.toContain('typed-by-hand')
    end(terminal)
    const code = await terminal.exited
    if (exit !== undefined) expect(code).toBe(exit)
    expect(written()).toEqual([])
  })
})

describe.each([...ENDS])('$how while the model is asked', ({ end, exit }) => {
  test('leaves nothing', async () => {
    const before = silent.requests().length
    const terminal = start(['init', '--provider', 'openai', '--model', 'gpt-4o'], silent)
    await terminal.shows(/Ctrl-C stops it/)
    await silent.when(requests => requests.length > before)
    end(terminal)
    const code = await terminal.exited
    if (exit !== undefined) expect(code).toBe(exit)
    expect(written()).toEqual([])
  })
})

test('Ctrl-C at the question about a configuration that is there leaves it as it was', async () => {
  const first = start(['init', '--model', 'gpt-4o'], sim)
  await enter(first, /Which provider[\s\S]*Enter: confirm/)
  await first.shows(/Start the gateway now\?[\s\S]*No/)
  first.type('n')
  await first.exited
  const before = readFileSync(file(), 'utf8')
  const second = start(['init', '--model', 'gpt-4o-mini'], sim)
  await enter(second, /Which provider[\s\S]*Enter: confirm/)
  await second.shows(/\+ {4}default: "openai\/gpt-4o-mini"[\s\S]*Change .*\?/)
  second.type(CTRL_C)
  expect(await second.exited).toBe(130)
  expect(readFileSync(file(), 'utf8')).toBe(before)
})
