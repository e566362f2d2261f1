import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project/source.ts'
import { bare, readPage, sectionsOf, tablesIn } from './markdown.ts'

const manifest: { dependencies: Record<string, string>; devDependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(projectRoot, 'package.json'), 'utf8'),
)

function rowsUnder(title: string): string[] {
  const section = sectionsOf(readPage('docs/dependencies.md'), 2).find(found => found.title === title)
  const [table = []] = tablesIn(section?.lines ?? [])
  return table.slice(1).map(([name = '', licence]) => `${bare(name)}: ${licence}`)
}

function factsOf(dependencies: Record<string, string>): string[] {
  return Object.keys(dependencies).map(name => {
    const facts = JSON.parse(readFileSync(join(projectRoot, 'node_modules', name, 'package.json'), 'utf8'))
    return `${name}: ${facts.license}`
  })
}

test.each([
  { title: 'At run time', dependencies: manifest.dependencies },
  { title: 'For development', dependencies: manifest.devDependencies },
])('docs/dependencies.md, "$title": every package with its licence', ({ title, dependencies }) => {
  expect(rowsUnder(title).sort()).toEqual(factsOf(dependencies).sort())
})
