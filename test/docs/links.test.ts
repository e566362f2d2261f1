import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { projectRoot } from '../project/source.ts'
import { anchorsOf, inlineCode, linksIn, pageOf, readPages } from './markdown.ts'

const pages = readPages()
const pageAt = new Map(pages.map(page => [page.path, page]))

/** Why a link of a page leads nowhere; undefined if it does. Addresses of other sites are not asked. */
function faultOf(from: string, target: string): string | undefined {
  if (/^https:\/\//.test(target)) return undefined
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? from : normalize(join(dirname(from), file))
  if (path.startsWith('..') || !existsSync(join(projectRoot, path))) return `${path} is not there`
  if (anchor === undefined) return undefined
  const page = pageAt.get(path)
  return page !== undefined && anchorsOf(page).has(anchor) ? undefined : `${path} has no heading #${anchor}`
}

/** Paths of this project in running text; a place to be filled in (`<id>`, `…`) is none. */
const OWN_PATH = /^(?:src|test|tools|bench|bin|docs)\/[\w./-]+$/

test.each(pages.map(page => ({ path: page.path, page })))('every link of $path leads somewhere', ({ path, page }) => {
  const faults = linksIn(page).flatMap(({ target, line }) => {
    const fault = faultOf(path, target)
    return fault === undefined ? [] : [`${path}:${line}: ${target}: ${fault}`]
  })
  expect(faults).toEqual([])
})

test.each(pages.map(page => ({ path: page.path, page })))('every path named in $path exists', ({ path, page }) => {
  const missing = inlineCode(page)
    .filter(({ text }) => OWN_PATH.test(text) && !existsSync(join(projectRoot, text)))
    .map(({ text, line }) => `${path}:${line}: ${text}`)
  expect(missing).toEqual([])
})

test('a link to a missing file or heading is found', () => {
  const page = pageOf('docs/x.md', '[a](nowhere.md) [b](problems.md#no_such_code) [c](problems.md#invalid_key)')
  expect(linksIn(page).map(({ target }) => faultOf(page.path, target))).toEqual([
    'docs/nowhere.md is not there',
    'docs/problems.md has no heading #no_such_code',
    undefined,
  ])
})

test('the pages a reader expects are there', () => {
  for (const path of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'])
    expect(pageAt.has(path)).toBe(true)
})
