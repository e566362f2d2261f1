import { expect, test } from 'bun:test'
import { PROVIDERS } from '../../src/catalog/index.ts'
import type { Verb } from '../../src/cli/verb.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { bare, inlineCode, type Page, pageOf, readPage, readPages, sectionsOf, tablesIn } from './markdown.ts'

const pages = readPages()
const SHELLS = new Set(['sh', 'bash', 'console', ''])

/** Why a command line names no command of Candor's; undefined if it does, or if it names none at all. */
function faultOf(words: readonly string[], verbs: readonly Verb[]): string | undefined {
  const [word, ...rest] = words
  if (word === undefined || !/^[a-z]+$/.test(word)) return undefined
  const verb = verbs.find(({ name }) => name === word)
  if (verb === undefined) return `there is no command "${word}"`
  return verb.verbs === undefined ? undefined : faultOf(rest, verb.verbs)
}

/** Every `candor …` in a page: in backticks, and in blocks of shell commands. */
function mentionsIn(page: Page): readonly { readonly text: string; readonly line: number }[] {
  const inBlocks = page.blocks
    .filter(({ language }) => SHELLS.has(language))
    .flatMap(({ text, line }) => text.split('\n').map((code, i) => ({ text: code, line: line + 1 + i })))
  return [...inlineCode(page), ...inBlocks].flatMap(({ text, line }) =>
    [...text.matchAll(/(?:^|[\s;&|$(])candor ([a-z].*)/g)].map(match => ({ text: match[1] ?? '', line })),
  )
}

const faultsIn = (page: Page) =>
  mentionsIn(page).flatMap(({ text, line }) => {
    const fault = faultOf(text.split(/\s+/), VERBS)
    return fault === undefined ? [] : [`${page.path}:${line}: candor ${text}: ${fault}`]
  })

test.each(pages.map(page => ({ path: page.path, page })))('every command named in $path exists', ({ page }) => {
  expect(faultsIn(page)).toEqual([])
})

test('a command that does not exist is found', () => {
  const page = pageOf('x.md', 'Run `candor serve`, `candor fly`.\n\n```sh\nA=1 candor config chekc\n```\n')
  expect(faultsIn(page)).toEqual([
    'x.md:1: candor fly: there is no command "fly"',
    'x.md:4: candor config chekc: there is no command "chekc"',
  ])
})

test('the README lists every command with its own summary', () => {
  const section = sectionsOf(readPage('README.md'), 2).find(({ title }) => title === 'Commands')
  const [table = []] = tablesIn(section?.lines ?? [])
  expect(table.slice(1).map(([command = '', does]) => [bare(command), does])).toEqual(
    VERBS.map(({ name, summary }) => [`candor ${name}`, summary]),
  )
})

test('the README counts the providers', () => {
  expect(readPage('README.md').text).toContain(`Candor knows ${PROVIDERS.length} providers by name`)
})
