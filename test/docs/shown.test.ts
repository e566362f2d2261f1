import { expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project/source.ts'
import { commandsOf, LONGEST_PAGE, PAGE_MS, runAll } from './commands.ts'
import { readPage, sectionsOf } from './markdown.ts'

const POINTS = 13

const page = readPage(LONGEST_PAGE)
const sections = sectionsOf(page, 2)
const tests = readdirSync(join(projectRoot, 'test/e2e')).filter(name => /^shown-\d\d-.+\.test\.ts$/.test(name))

test('the points, in their order', () => {
  expect(sections.map(({ title }) => Number(title.split('.')[0]))).toEqual(
    Array.from({ length: POINTS }, (_, i) => i + 1),
  )
})

test.each(sections.map((section, i) => ({ title: section.title, point: i + 1, section })))(
  'held by a test: $title',
  ({ point, section }) => {
    const own = tests.filter(name => name.startsWith(`shown-${String(point).padStart(2, '0')}-`))
    const named = [...section.lines.join('\n').matchAll(/\]\(\.\.\/(test\/[^)]+\.test\.ts)\)/g)].map(match => match[1])
    expect(named.length).toBeGreaterThan(0)
    expect(own.filter(name => !named.includes(`test/e2e/${name}`))).toEqual([])
  },
)

test(
  'its commands do what it says',
  async () => {
    expect(await runAll(commandsOf(page))).toEqual([])
  },
  PAGE_MS,
)
