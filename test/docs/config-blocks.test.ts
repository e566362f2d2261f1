import { expect, test } from 'bun:test'
import { showFault } from '../../src/app/config/fault.ts'
import { checkText } from '../../src/app/config/load.ts'
import { readPages } from './markdown.ts'

const blocks = readPages().flatMap(page =>
  page.blocks
    .filter(block => block.language === 'json5')
    .map(({ text, line }) => ({ place: `${page.path}:${line}`, text })),
)

test('there are configurations to check', () => {
  expect(blocks.length).toBeGreaterThan(3)
})

test.each(blocks)('the configuration at $place is valid', ({ place, text }) => {
  const result = checkText(text, place)
  expect(result.ok ? [] : result.faults.map(showFault)).toEqual([])
})
