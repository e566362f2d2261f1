import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { storyDetails } from '../../src/admin/story/details.ts'
import { tellStory } from '../../src/admin/story/story.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { readReceipt } from '../../src/ledger/receipt-guard.ts'
import { receipt } from '../ledger/receipts.ts'

const AT = Date.UTC(2026, 10, 29, 10, 15, 3)
const folder = new URL('../fixtures/cli/story/', import.meta.url)
const names = readdirSync(folder)
  .filter(name => name.endsWith('.json'))
  .map(name => name.slice(0, -'.json'.length))

/** A fixture holds what differs from the usual receipt; `null` takes a field away. */
function receiptOf(name: string): Receipt {
  const changes = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))
  const usual = receipt({ id: 'req_01kb3w9f6m0123456789abcd', at: AT })
  const merged = Object.entries({ ...usual, ...changes }).filter(([, value]) => value !== null)
  const read = readReceipt(JSON.stringify(Object.fromEntries(merged)))
  if (read === undefined) throw new Error(`${name}.json is no receipt`)
  return read
}

function told(found: Receipt): string {
  const details = storyDetails(found).flatMap(({ title, lines }) => [
    '',
    title,
    ...lines.map(({ label, text }) => `  ${label === undefined ? '' : `${label}: `}${text}`),
  ])
  return `${[...tellStory(found, AT + 3_200), ...details].join('\n')}\n`
}

describe('the story of a receipt', () => {
  test.each(names)('%s', name => {
    expect(told(receiptOf(name))).toBe(readFileSync(new URL(`${name}.txt`, folder), 'utf8'))
  })

  test('has a fixture for every ending', () => {
    const endings = new Set(names.map(name => receiptOf(name).ending))
    expect([...endings].sort()).toEqual(['abandoned', 'complete', 'failed', 'in-flight', 'interrupted', 'truncated'])
  })

  test('never lets a control character through', () => {
    expect(told(receiptOf('hostile-words')).replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })

  test('shows no secret and no request body', () => {
    for (const name of names) expect(told(receiptOf(name))).not.toMatch(/sk-|Bearer /)
  })
})
