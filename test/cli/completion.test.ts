import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { completionScript } from '../../src/cli/completion/scripts.ts'
import { COMPLETION_SHELLS, type CompletionShell } from '../../src/cli/completion/shells.ts'
import { completionTable } from '../../src/cli/completion/table.ts'
import { PLACES, placeNames } from '../../src/cli/completion/values.ts'
import type { Verb } from '../../src/cli/verb.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { proposals } from './completion-shells.ts'

/** A table with everything a real one has: commands below commands, arguments, options that take something and options that do not. */
const SMALL: readonly Verb[] = [
  verb('serve', {
    options: [
      { flags: '--port <port>', about: 'p' },
      { flags: '--config <file>', about: "it's a file" },
    ],
  }),
  verb('usage', {
    args: [{ syntax: '[period]', about: 'a' }],
    options: [{ flags: '--by <what>', about: 'b' }],
    verbs: [verb('quota', { args: [{ syntax: '[provider]', about: 'c' }] })],
  }),
  verb('chat', {
    args: [
      { syntax: '[model]', about: 'm' },
      { syntax: '[prompt...]', about: 'q' },
    ],
    options: [
      { flags: '-m, --model <name>', about: 'm' },
      { flags: '--fast', about: 'f' },
    ],
  }),
  verb('sim', { args: [{ syntax: '[kind...]', about: 'k' }] }),
]

function verb(name: string, more: Partial<Verb>): Verb {
  return { name, summary: `To ${name}: all`, examples: [], run: async () => 0, ...more }
}

const folder = mkdtempSync(join(tmpdir(), 'candor-shells-'))
const scripts = new Map<string, string>()
beforeAll(() => {
  const program = join(folder, 'candor')
  writeFileSync(
    program,
    `#!/bin/sh\n[ "$1 $2" = "complete models" ] && printf 'a/llama:8b\\tlocal\\na/llama:70b\\nfast\\troute\\n'\nexit 0\n`,
  )
  chmodSync(program, 0o755)
  writeFileSync(join(folder, 'my file.json5'), '')
  for (const shell of COMPLETION_SHELLS) {
    const script = join(folder, `small.${shell}`)
    writeFileSync(script, completionScript(shell, SMALL))
    scripts.set(shell, script)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ask = (shell: CompletionShell, line: string) =>
  proposals(shell, line, { script: scripts.get(shell) ?? '', folder })

/** Words in the order of the code points, as the proposals are sorted. */
const LINES: readonly (readonly [string, string])[] = [
  ['candor s', 'serve sim'],
  ['candor usage ', 'all month quota today week'],
  ['candor usage q', 'quota'],
  ['candor usage month q', ''],
  ['candor usage --by client t', 'today'],
  ['candor usage --by cl', 'client'],
  ['candor usage -- q', ''],
  ['candor serve --p', '--port'],
  ['candor serve --port ', ''],
  ['candor serve --port 1 --c', '--config'],
  ['candor chat --', '--fast --help --json --model'],
  ['candor chat f', 'fast'],
  ['candor chat -m f', 'fast'],
  ['candor chat --fast f', 'fast'],
  ['candor chat fast f', ''],
  ['candor sim open', 'openai'],
  ['candor sim openai goo', 'google'],
  ['candor nothing ', ''],
]

describe.each([...COMPLETION_SHELLS])('%s', shell => {
  test.each(LINES)('%s', (line, words) => {
    expect(ask(shell, line).join(' ')).toBe(words)
  })

  test('a name with a colon goes on behind it', () => {
    const whole = ['a/llama:70b', 'a/llama:8b']
    const behind = shell === 'bash' ? ['70b', '8b'] : whole
    expect(ask(shell, 'candor chat a/llama:')).toEqual(behind)
    expect(ask(shell, 'candor chat --model a/l')).toEqual(whole)
  })

  test('a value behind an equals sign', () => {
    const prefix = shell === 'fish' ? '--by=' : ''
    expect(ask(shell, 'candor usage --by=cl')).toEqual([`${prefix}client`])
  })

  test('a path, with a blank in it', () => {
    const [found = '', ...others] = ask(shell, `candor serve --config ${folder}/my`)
    expect(others).toEqual([])
    // zsh quotes it already.
    expect(found.replaceAll('\\', '')).toEndWith('my file.json5')
  })

  test('finds every command there is, and is read without a complaint', () => {
    const script = join(folder, `whole.${shell}`)
    writeFileSync(script, completionScript(shell, VERBS))
    const setting = { script, folder }
    expect(proposals(shell, 'candor ', setting)).toEqual(VERBS.map(({ name }) => name).sort())
    expect(proposals(shell, 'candor run cl', setting)).toEqual(['claude', 'cline'])
    expect(proposals(shell, 'candor keys li', setting)).toEqual(['limit', 'list'])
    expect(proposals(shell, 'candor config set bodies.b', setting)).toEqual(['bodies.bytesMax'])
    expect(proposals(shell, 'candor keys revoke --n', setting)).toEqual(['--no-input'])
  })
})

describe('the table', () => {
  const table = completionTable(VERBS)

  test('has every key once', () => {
    const keys = table.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('has no place that the help does not name', () => {
    const named = new Set(VERBS.flatMap(namesIn))
    expect(Object.keys(PLACES).filter(name => !named.has(name))).toEqual([])
  })
})

function namesIn(each: Verb): readonly string[] {
  const options = (each.options ?? []).flatMap(({ flags }) => {
    const placeholder = /<([^>]+)>/.exec(flags)?.[1]
    return placeholder === undefined ? [] : placeNames(/--[\w-]+/.exec(flags)?.[0] ?? '', placeholder)
  })
  const args = (each.args ?? []).flatMap(({ syntax }) => placeNames(each.name, syntax))
  return [...options, ...args, ...(each.verbs ?? []).flatMap(namesIn)]
}
