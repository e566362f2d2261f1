import { expect, test } from 'bun:test'
import { PROBLEM_CODES } from '../../src/canon/problem.ts'
import { PROVIDERS } from '../../src/catalog/index.ts'
import type { Verb } from '../../src/cli/verb.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { bare, inlineCode, type Page, pageOf, readPage, readPages, sectionsOf, tablesIn } from './markdown.ts'

const pages = readPages()
const SHELLS = new Set(['sh', 'bash', 'console', ''])

/** Why a command line is none of Candor's: a command or an option that is not there. Undefined if all is, or if it names none at all. */
function faultOf(words: readonly string[], verbs: readonly Verb[], above?: Verb): string | undefined {
  const [word, ...rest] = words
  const verb = verbs.find(({ name }) => name === word)
  if (verb !== undefined) return faultOf(rest, verb.verbs ?? [], verb)
  // Behind a command that runs by itself a word may be its argument.
  if (above?.run === undefined && word !== undefined && /^[a-z]+$/.test(word)) return `there is no command "${word}"`
  const strange = optionsIn(words).find(option => !optionsOf(above).has(option))
  return strange === undefined ? undefined : `there is no option "${strange}"`
}

/** The options of a command line; what follows `--` is another program's. */
function optionsIn(words: readonly string[]): string[] {
  const end = words.indexOf('--')
  const own = end < 0 ? words : words.slice(0, end)
  return own.flatMap(word => /^(--[a-z][a-z-]*|-[a-zA-Z])(?:=.*)?$/.exec(word)?.[1] ?? [])
}

function optionsOf(verb: Verb | undefined): ReadonlySet<string> {
  if (verb === undefined) return new Set(['-h', '--help', '-V', '--version'])
  const own = (verb.options ?? []).flatMap(({ flags }) => flags.match(/(?<![\w-])--?[a-zA-Z][a-z-]*/g) ?? [])
  return new Set(['-h', '--help', ...(verb.run === undefined ? [] : ['--json', '--no-input']), ...own])
}

/** `candor` where a command stands: at the begin, behind another one or a prompt, behind variables. Elsewhere it may be the name of anything. */
const CALLED = /(?:^\$?|[;&|(])\s*(?:[A-Z_]+=\S*\s+)*candor ([a-z-][^;&|)<>]*)/g

/** Every `candor …` in a page: in backticks, and in blocks of shell commands. */
function mentionsIn(page: Page): readonly { readonly text: string; readonly line: number }[] {
  const inBlocks = page.blocks
    .filter(({ language }) => SHELLS.has(language))
    .flatMap(({ text, line }) => commandLines(text).map(command => ({ text: command.text, line: line + command.line })))
  return [...inlineCode(page), ...inBlocks].flatMap(({ text, line }) =>
    [...bareWords(text).matchAll(CALLED)].map(match => ({
      text: (match[1] ?? '').trim(),
      line,
    })),
  )
}

/** The lines of a block, those that go on in the next one joined; `line` counts from 1. */
function commandLines(text: string): { readonly text: string; readonly line: number }[] {
  const found: { text: string; line: number }[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const last = found.at(-1)
    if (last?.text.endsWith('\\')) last.text = last.text.slice(0, -1) + line
    else found.push({ text: line, line: index + 1 })
  }
  return found
}

/** Without comments, and without what stands in quotes. */
function bareWords(text: string): string {
  return text.replace(/"[^"]*"|'[^']*'/g, '""').replace(/(^|\s)# .*$/, '')
}

const faultsIn = (page: Page) =>
  mentionsIn(page).flatMap(({ text, line }) => {
    const fault = faultOf(text.split(/\s+/), VERBS)
    return fault === undefined ? [] : [`${page.path}:${line}: candor ${text}: ${fault}`]
  })

test.each(pages.map(page => ({ path: page.path, page })))('every command named in $path exists', ({ page }) => {
  expect(faultsIn(page)).toEqual([])
})

test('a command or an option that does not exist is found', () => {
  const page = pageOf(
    'x.md',
    'Run `candor serve --port 1`, `candor fly`, `candor --help`.\n\n```sh\nA=1 candor config chekc\ncandor run codex -- --fast | candor logs \\\n  --slow\n```\n',
  )
  expect(faultsIn(page)).toEqual([
    'x.md:1: candor fly: there is no command "fly"',
    'x.md:4: candor config chekc: there is no command "chekc"',
    'x.md:5: candor logs   --slow: there is no option "--slow"',
  ])
})

test('the commands that the README shows have their own summaries', () => {
  const section = sectionsOf(readPage('README.md'), 2).find(({ title }) => title === 'Commands')
  const [table = []] = tablesIn(section?.lines ?? [])
  const rows = table.slice(1).map(([command = '', does = '']) => [bare(command), does] as const)
  const summaries = new Map(VERBS.map(({ name, summary }) => [`candor ${name}`, summary]))
  expect(rows.length).toBeGreaterThan(5)
  expect(rows).toEqual(rows.map(([command]) => [command, summaries.get(command) ?? 'is no command']))
})

test('the README counts the providers and the problems', () => {
  const { text } = readPage('README.md')
  expect(text).toContain(`Candor knows ${PROVIDERS.length} providers by name`)
  expect(text).toContain(`${PROBLEM_CODES.length} codes`)
})
