import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import manifest from '../../package.json'
import { projectRoot } from '../project/source.ts'
import { linksIn, pageOf, readPage, readPages } from './markdown.ts'

const pages = readPages()
const inDocs = pages.map(({ path }) => path).filter(path => path.startsWith('docs/') && path !== 'docs/README.md')

/** A page should open quickly, its pictures included. */
const PICTURE_BYTES_MAX = 200_000

describe('llms.txt', () => {
  const page = pageOf('llms.txt', readFileSync(join(projectRoot, 'llms.txt'), 'utf8'))
  const targets = linksIn(page).map(({ target }) => target)

  test('has the form of llmstxt.org: a title, a summary, and lists of links', () => {
    const [title, , summary] = page.prose
    expect(title).toBe('# Candor')
    expect(summary).toStartWith('> ')
    const belowLists = page.text
      .split(/^## .+$/m)
      .slice(1)
      .join('\n')
      .split('\n')
    expect(belowLists.filter(line => line !== '' && !/^- \[[^\]]+\]\([^)]+\)(: .+)?$/.test(line))).toEqual([])
  })

  test('every link leads somewhere', () => {
    expect(targets.length).toBeGreaterThan(20)
    expect(targets.filter(target => !existsSync(join(projectRoot, target)))).toEqual([])
  })

  test('names every page, and is part of the package', () => {
    expect(targets).toEqual(expect.arrayContaining(['README.md', 'docs/README.md', ...inDocs]))
    expect(manifest.files).toContain('llms.txt')
  })
})

test('the index of the docs names every page', () => {
  const named = linksIn(readPage('docs/README.md')).map(({ target }) => posix.join('docs', target))
  expect(inDocs.filter(path => !named.includes(path))).toEqual([])
})

const pictures = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/ (?:src|srcset)="([^"]+)"/g)].map(([, target = '']) => join(dirname(path), target)),
)

test('there are pictures', () => {
  expect(pictures).toContain('docs/images/dashboard-light.png')
})

test.each(pictures)('the picture %s is there, and not large', picture => {
  expect(statSync(join(projectRoot, picture)).size).toBeWithin(10_000, PICTURE_BYTES_MAX)
})
