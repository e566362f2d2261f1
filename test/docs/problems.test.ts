import { describe, expect, test } from 'bun:test'
import { PROBLEM_CODES, PROBLEMS } from '../../src/canon/problem.ts'
import { findProvider } from '../../src/catalog/index.ts'
import { readSigns } from '../../src/catalog/signs.ts'
import { PROBLEM_EXAMPLES } from '../../tools/problem-examples.ts'
import { anchorsOf, readPage, sectionsOf } from './markdown.ts'

const page = readPage('docs/problems.md')
const sections = sectionsOf(page, 2)

test('one section a code, in the order of the table, under the address that errors name', () => {
  expect(sections.map(section => section.title)).toEqual([...PROBLEM_CODES])
  expect([...anchorsOf(page)]).toEqual(expect.arrayContaining([...PROBLEM_CODES]))
})

test.each(sections)('$title has its meaning, why and what to do', ({ title, lines }) => {
  const code = PROBLEM_CODES.find(each => each === title)
  const [meaning] = lines.filter(line => line !== '')
  expect(meaning).toBe(code === undefined ? '' : PROBLEMS[code].meaning)
  expect(lines.filter(line => /^\*\*Why\.\*\* \S/.test(line) || /^\*\*Fix\.\*\* \S/.test(line))).toHaveLength(2)
})

const examples = PROBLEM_CODES.flatMap(code => (PROBLEM_EXAMPLES[code] ?? []).map(example => ({ code, ...example })))

describe("in providers' words", () => {
  test('there are examples', () => {
    expect(examples.length).toBeGreaterThan(40)
  })

  test.each(examples)('$code: $provider says $status $answer', ({ code, provider, status, answer, key = '' }) => {
    const row = findProvider(provider)
    if (row === undefined) throw new Error(`the catalogue has no provider ${provider}`)
    const verdict = readSigns(
      {
        status,
        headers: new Headers(),
        bodyText: answer,
        protocol: row.endpoints[0].protocol,
        keyStartsWith: prefix => key.startsWith(prefix),
        model: 'model-x',
        now: 0,
      },
      row,
    )
    expect(verdict.code).toBe(code)
  })
})
