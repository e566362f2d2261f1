import { expect, test } from 'bun:test'
import { DIRECTIVES } from '../../src/sim/answer.ts'
import { FAULTS } from '../../src/sim/faults.ts'
import { SIM_KINDS } from '../../src/sim/kinds.ts'
import { SIM_KIND_IDS } from '../../src/sim/sim-kind.ts'
import { readPage, sectionsOf, tablesIn } from './markdown.ts'

const sections = sectionsOf(readPage('docs/simulators.md'), 2)
const code = (text: string) => `\`${text}\``

function rowsUnder(title: string): readonly (readonly string[])[] {
  const [table = []] = tablesIn(sections.find(section => section.title === title)?.lines ?? [])
  return table.slice(1)
}

test('the kinds', () => {
  expect(rowsUnder('Kinds')).toEqual(
    SIM_KIND_IDS.map(id => {
      const { surfaces, key, model } = SIM_KINDS[id]
      const shown = surfaces.map(({ protocol, basePath }) => `${code(protocol)} at ${code(basePath || '/')}`)
      return [code(id), shown.join(', '), code(key), code(model)]
    }),
  )
})

test('the states of keys', () => {
  expect(rowsUnder('What a key is worth')).toEqual(
    SIM_KIND_IDS.map(id => [code(id), SIM_KINDS[id].keyStates.map(code).join(', ')]),
  )
})

test('the faults', () => {
  expect(rowsUnder('Faults')).toEqual(FAULTS.map(({ name, about }) => [code(name), about]))
})

test('the words in a message', () => {
  expect(rowsUnder('What an answer does')).toEqual(DIRECTIVES.map(({ name, about }) => [code(name), about]))
})
