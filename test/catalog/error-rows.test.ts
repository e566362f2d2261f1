import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { findProvider } from '../../src/catalog/index.ts'
import { readSigns } from '../../src/catalog/signs.ts'
import { CODE_OF_CLASS, ERROR_ROWS } from './error-rows.ts'
import { rowOf, seen } from './sighting.ts'

/** The research the rows were made from, where it lies beside the project. */
const FACTS = new URL('../../../shared/field/providers.json', import.meta.url)

interface Facts {
  readonly providers: readonly {
    readonly id: string
    readonly errors: readonly { readonly class: string; readonly status: number | null; readonly match: object }[]
  }[]
}

const cases = ERROR_ROWS.flatMap(row =>
  row.cases.map(({ body, code }) => ({
    name: `${row.provider} ${row.status ?? 'any'} ${row.class} ${body.slice(0, 90)}`,
    provider: row.provider,
    status: row.status ?? 200,
    body,
    code: code ?? CODE_OF_CLASS[row.class],
  })),
)

describe('every known failure is called by its name', () => {
  test.each(cases)('$name', ({ provider, status, body, code }) => {
    const verdict = readSigns(seen(status, body), rowOf(provider))
    expect({ code: verdict.code, rule: verdict.rule }).toEqual({ code: code ?? 'internal', rule: expect.any(String) })
  })
})

test('the table covers many providers, and every class', () => {
  expect(new Set(ERROR_ROWS.map(row => row.provider)).size).toBeGreaterThan(25)
  expect(new Set(ERROR_ROWS.map(row => row.class))).toEqual(new Set(Object.keys(CODE_OF_CLASS)))
  expect(cases.length).toBeGreaterThan(300)
})

test('the rules hold without the row too, where a failure is worded as most word it', () => {
  const told = cases.filter(({ status, body, code }) => readSigns(seen(status, body), undefined).code === code)
  expect(told.length / cases.length).toBeGreaterThan(0.6)
})

const known = new Set(ERROR_ROWS.map(row => keyOf(row.provider, row)))

test.each(factsBeside())('$name: the table lacks none of its error rows', ({ providers }) => {
  const rows = providers
    .filter(provider => findProvider(provider.id) !== undefined)
    .flatMap(provider => provider.errors.map(error => ({ provider: provider.id, error })))
    // A truncation the provider does not tell is no error answer.
    .filter(({ error }) => !('finish_reason' in error.match))
  expect(rows.length).toBeGreaterThan(150)
  expect(rows.map(({ provider, error }) => keyOf(provider, error)).filter(key => !known.has(key))).toEqual([])
})

/** The facts, or an empty table where the research does not lie beside the project. */
function factsBeside(): (Facts & { name: string })[] {
  return existsSync(FACTS) ? [{ name: 'providers.json', ...JSON.parse(readFileSync(FACTS, 'utf8')) }] : []
}

function keyOf(provider: string, row: { class: string; status: number | null; match: object }): string {
  return `${provider} ${row.class} ${row.status} ${JSON.stringify(row.match)}`
}
