import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readReceipt } from '../../src/ledger/receipt-guard.ts'
import { projectRoot } from '../project/source.ts'
import { bare, readPage, sectionsOf, tablesIn } from './markdown.ts'

const page = readPage('docs/receipts.md')
const source = ['src/ledger/receipt.ts', 'src/canon/loss.ts']
  .map(path => readFileSync(join(projectRoot, path), 'utf8'))
  .join('\n')

/** The names in the first column of the first table below a heading. */
function namesUnder(title: string): string[] {
  const section = [...sectionsOf(page, 2), ...sectionsOf(page, 3)].find(found => found.title === title)
  const [table = []] = tablesIn(section?.lines ?? [])
  return table.slice(1).map(([name = '']) => bare(name))
}

/** The field names of an interface, or of an object type inside one, by the text it begins with and its indentation. */
function fieldsOf(opening: string, indent: string): string[] {
  const body = source.split(`${opening} {\n`)[1]?.split(`\n${indent.slice(2)}}`)[0]
  if (body === undefined) throw new Error(`there is no ${opening}`)
  return [...body.matchAll(new RegExp(`^${indent}readonly (\\w+)\\??:`, 'gm'))].map(match => match[1] ?? '')
}

/** The words of a union of texts. */
function wordsOf(opening: string): string[] {
  const body = source.split(`${opening} =`)[1]?.split('\n\n')[0] ?? ''
  return [...body.matchAll(/'([\w-]+)'/g)].map(match => match[1] ?? '')
}

describe('docs/receipts.md', () => {
  test.each([
    { title: 'The receipt', fields: fieldsOf('export interface Receipt', '  ') },
    { title: 'attempts', fields: fieldsOf('export interface Attempt', '  ') },
    { title: 'passed', fields: fieldsOf('export interface Passed', '  ') },
    { title: 'losses', fields: fieldsOf('export interface Loss', '  ') },
    { title: 'assumptions', fields: fieldsOf('export interface Assumption', '  ') },
    { title: 'usage', fields: fieldsOf('  readonly usage?:', '    ') },
  ])('every field below "$title", in the order of the type', ({ title, fields }) => {
    expect(fields.length).toBeGreaterThan(1)
    expect(namesUnder(title)).toEqual(fields)
  })

  test('every ending and every kind of cost', () => {
    expect(namesUnder('Endings')).toEqual(wordsOf('export type Ending'))
    expect(namesUnder('cost').toSorted()).toEqual(wordsOf('export type Cost').toSorted())
  })

  test('the example is a receipt', () => {
    const [example] = page.blocks.filter(block => block.language === 'json')
    expect(readReceipt(example?.text)?.requestedModel).toBe('kimi-coding/k2p5')
  })
})
