import { describe, expect, test } from 'bun:test'
import { VERSION } from '../../src/base/version.ts'
import { runCli } from '../../src/cli/run.ts'
import { isInteractive } from '../../src/cli/shell.ts'
import { widthOf } from '../../src/cli/terminal-text.ts'
import { CliFault, type Verb, wholeNumber } from '../../src/cli/verb.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { FAULTS } from '../../src/sim/faults.ts'
import { fakeShell, given } from './fake-shell.ts'

async function run(argv: readonly string[], verbs: readonly Verb[] = VERBS) {
  const shell = fakeShell({ columns: 120 })
  const exit = await runCli(argv, verbs, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

interface Path {
  readonly words: string
  readonly verb: Verb
}

const paths = (verbs: readonly Verb[], above = ''): Path[] =>
  verbs.flatMap(verb => {
    const words = `${above}${verb.name}`
    return [{ words, verb }, ...paths(verb.verbs ?? [], `${words} `)]
  })

describe.each(paths(VERBS))('candor $words --help', ({ words, verb }) => {
  test('shows what it does and an example that begins with it', async () => {
    const { exit, out, err } = await run([...words.split(' '), '--help'])
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toContain(`Usage: candor ${words}`)
    expect(out).toContain(`${verb.summary}.`)
    expect(verb.examples.length).toBeGreaterThan(0)
    for (const { line } of verb.examples) {
      expect(line).toContain(`candor ${words}`)
      expect(out).toContain(line)
    }
  })
})

describe.each([80, 100, 200])('help on a terminal of %p columns', columns => {
  const all = ['', ...paths(VERBS).map(({ words }) => words)]
  test.each(all)('candor %s', async words => {
    const shell = fakeShell({ tty: true, columns })
    await runCli([...words.split(' ').filter(word => word !== ''), '--help'], VERBS, shell)
    const isOneLine = (line: string) => line.includes('candor ') || !line.trim().includes(' ')
    const wide = shell.stdout
      .text()
      .split('\n')
      .filter(line => widthOf(line) > columns && !isOneLine(line))
    expect(wide).toEqual([])
  })
})

describe('the command line', () => {
  test('without an argument prints the help', async () => {
    const { exit, out } = await run([])
    expect(exit).toBe(0)
    for (const { name } of VERBS) expect(out).toContain(`\n  ${name}`)
  })

  test.each([
    [['servee'], 'Did you mean "candor serve" or "candor service"?'],
    [['modles', 'openai'], 'Did you mean "candor models"?'],
    [['config', 'chekc'], 'Did you mean "candor config check"?'],
    [['xyzzy'], 'See all commands: candor --help'],
    [['config', 'zzzz'], 'See all commands: candor config --help'],
  ])('%j is no command', async (argv, advice) => {
    const { exit, out, err } = await run(argv)
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toContain(advice)
  })

  test.each([
    [['version', '--jsno'], '--json'],
    [['version', 'extra'], 'too many arguments'],
    [['serve', '--port'], 'argument missing'],
    [['serve', '--port', 'x'], '--port must be a whole number from 0 to 65535'],
    [['config', 'set', 'gateway.port'], 'missing required argument'],
  ])('%j is wrong usage', async (argv, words) => {
    const { exit, out, err } = await run(argv)
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toContain(words)
  })

  test.each([
    [['version', '--jsno', '--json'], { what: "unknown option '--jsno'", fix: ['Did you mean --json?'] }],
    [['keys', 'create', '--json'], { what: "missing required argument 'name'", fix: [] }],
  ])('%j is told as one document', async (argv, error) => {
    const { exit, out } = await run(argv)
    expect(exit).toBe(2)
    expect(JSON.parse(out)).toEqual({ schemaVersion: 1, error })
  })

  test('a bug of its own is told as one document too', async () => {
    const bad: Verb = { name: 'bad', summary: 'Fails', examples: [], run: () => Promise.reject(new Error('oh')) }
    const { exit, out } = await run(['bad', '--json'], [bad])
    expect(exit).toBe(1)
    expect(JSON.parse(out).error).toMatchObject({ why: expect.stringContaining('oh') })
  })

  test.each([
    ['help', '--help'],
    ['help keys create', 'keys create --help'],
  ])('%s is %s', async (words, same) => {
    expect(await run(words.split(' '))).toEqual(await run(same.split(' ')))
  })

  test('prints its version', async () => {
    expect(await run(['--version'])).toEqual({ exit: 0, out: `${VERSION}\n`, err: '' })
  })

  test('sim --help lists every fault with its parameters', async () => {
    const { out } = await run(['sim', '--help'])
    for (const { name, parameters } of FAULTS) {
      expect(out).toMatch(new RegExp(`^ {2}${name}[=[]`, 'm'))
      for (const parameter of parameters) expect(out).toContain(`${parameter.name}: ${parameter.about}`)
    }
  })
})

const failing = (error: Error): Verb => ({
  name: 'fail',
  summary: 'Fail',
  examples: [{ line: 'candor fail', about: 'fails' }],
  run: async () => {
    throw error
  },
})

describe('a failure', () => {
  const fault = new CliFault(69, 'It is not there.', { why: 'Nobody started it.', fix: ['Start it.'] })

  test('is told as what, why and fix', async () => {
    expect(await run(['fail'], [failing(fault)])).toEqual({
      exit: 69,
      out: '',
      err: 'error: It is not there.\n  why: Nobody started it.\n  fix: Start it.\n',
    })
  })

  test('is wrapped to a terminal, but not within a command', async () => {
    const words = 'word '.repeat(20).trim()
    const shell = fakeShell({ tty: true, columns: 40, env: { NO_COLOR: '1' } })
    await runCli(
      ['fail'],
      [failing(new CliFault(1, words, { why: words, fix: [words, 'See the names there are: candor models --all'] }))],
      shell,
    )
    const lines = shell.stderr.text().split('\n')
    expect(lines.filter(line => line.length > 40)).toEqual([])
    expect(lines[1]).toBe('       word word word word word word')
    expect(lines.at(-2)).toBe('       candor models --all')
  })

  test('is one JSON document where one is wanted', async () => {
    const { exit, out } = await run(['fail', '--json'], [failing(fault)])
    expect(exit).toBe(69)
    expect(JSON.parse(out)).toEqual({
      schemaVersion: 1,
      error: { what: 'It is not there.', why: 'Nobody started it.', fix: ['Start it.'] },
    })
  })

  test('of our own making asks for a report', async () => {
    const { exit, err } = await run(['fail'], [failing(new TypeError('x is not a function'))])
    expect(exit).toBe(1)
    expect(err).toContain('Candor has a bug')
  })
})

describe('--no-input', () => {
  const told: string[] = []
  const asking: Verb = {
    name: 'ask',
    summary: 'Ask',
    asks: true,
    examples: [{ line: 'candor ask', about: 'asks' }],
    run: async (_, { shell }) => {
      told.push(isInteractive(shell) ? 'asks' : 'does not ask')
      return 0
    },
  }
  const { asks: _, ...silent } = asking
  const terminal = () => fakeShell({ tty: true })

  test.each([
    [['ask'], 'asks'],
    [['ask', '--no-input'], 'does not ask'],
  ])('%j', async (argv, words) => {
    expect(await runCli(argv, [asking], terminal())).toBe(0)
    expect(told.pop()).toBe(words)
  })

  test('is taken by a command that never asks, whose help does not show it', async () => {
    expect(await runCli(['ask', '--no-input'], [silent], terminal())).toBe(0)
    expect(told.pop()).toBe('does not ask')
    expect((await run(['ask', '--help'], [silent])).out).not.toContain('--no-input')
    expect((await run(['ask', '--help'], [asking])).out).toContain('--no-input')
  })

  test.each(['init', 'import', 'connect', 'keys revoke', 'service install'])('is in the help of %s', async words => {
    expect((await run([...words.split(' '), '--help'])).out).toContain('--no-input')
  })
})

describe('whole numbers', () => {
  test.each(['', '-1', '1.5', '1e3', ' 5', '65536'])('%j is none up to 65535', text => {
    expect(() => wholeNumber(given([], { port: text }), 'port', 0, 65_535)).toThrow('--port must be')
  })

  test('an absent one is absent', () => {
    expect(wholeNumber(given(), 'port', 0, 1)).toBeUndefined()
  })
})
