import { describe, expect, test } from 'bun:test'
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '../../src/canon/problem.ts'
import { findProvider } from '../../src/catalog/index.ts'
import { readSigns } from '../../src/catalog/signs.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import { bare, readPage, type Section, sectionsOf, tablesIn } from './markdown.ts'

const sections = sectionsOf(readPage('docs/problems.md'), 2)

/** Whether a route may name a code in `fallbackOn`, in the page's words. */
const NAMED = { usual: 'yes', named: 'only knowingly', never: 'no' } as const

/** The line of facts below a heading, as the table has them. */
function factsOf(code: ProblemCode): string {
  const { status, blame, retryable, fallback } = PROBLEMS[code]
  const otherwise = WIRE_PROTOCOLS.flatMap(({ id, statuses }) =>
    statuses?.[code] === undefined ? [] : [`, ${statuses[code]} for clients of \`${id}\``],
  )
  return `Status ${status}${otherwise.join('')}. Whose doing: ${blame}. Asking again unchanged: ${retryable ? 'yes' : 'no'}. In \`fallbackOn\`: ${NAMED[fallback]}.`
}

function sectionOf(code: ProblemCode): Section {
  const found = sections.find(section => section.title === code)
  if (found === undefined) throw new Error(`docs/problems.md has no section ${code}`)
  return found
}

/** The examples in a section's table, one a row. */
function examplesOf(section: Section) {
  return tablesIn(section.lines).flatMap(([titles, ...rows]) => {
    expect(titles?.slice(0, 3)).toEqual(['provider', 'status', 'answer'])
    return rows.map(([provider = '', status = '', answer = '', key = '']) => ({
      provider: bare(provider),
      status: Number(status),
      bodyText: bare(answer),
      key: bare(key),
    }))
  })
}

test('one section a code, in the order of the table', () => {
  expect(sections.map(section => section.title)).toEqual([...PROBLEM_CODES])
})

test.each([...PROBLEM_CODES])('%s has its meaning, its facts, why and what to do', code => {
  const { lines } = sectionOf(code)
  const [meaning, facts] = lines.filter(line => line !== '')
  expect(meaning).toBe(PROBLEMS[code].meaning)
  expect(facts).toBe(factsOf(code))
  expect(lines.filter(line => line.startsWith('**Why.** '))).toHaveLength(1)
  expect(lines.filter(line => line.startsWith('**Fix.** '))).toHaveLength(1)
})

const examples = PROBLEM_CODES.flatMap(code => examplesOf(sectionOf(code)).map(example => ({ code, ...example })))

describe("in providers' words", () => {
  test('there are examples', () => {
    expect(examples.length).toBeGreaterThan(40)
  })

  test.each(examples)('$code: $provider says $status $bodyText', ({ code, provider, status, bodyText, key }) => {
    const row = findProvider(provider)
    if (row === undefined) throw new Error(`the catalogue has no provider ${provider}`)
    const verdict = readSigns(
      {
        status,
        headers: new Headers(),
        bodyText,
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
