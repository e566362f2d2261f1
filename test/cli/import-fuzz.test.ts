import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { planImport } from '../../src/cli/import/plan.ts'
import { SOURCES, type Source } from '../../src/cli/import/sources.ts'
import { CliFault } from '../../src/cli/verb.ts'

const FILES: Readonly<Record<string, string>> = {
  openclaw: 'openclaw.json5',
  litellm: 'litellm.yaml',
  ccr: 'ccr.json',
  opencode: 'opencode.jsonc',
}
/** What every key in the fixtures holds. */
const SECRET = 'canary0123456789'
const BEFORE = { file: '/nowhere/candor.json5', text: undefined, value: {} }

const texts = new Map(
  Object.entries(FILES).map(([id, name]) => [
    id,
    readFileSync(fileURLToPath(new URL(`fixtures/import/${name}`, import.meta.url)), 'utf8'),
  ]),
)

/** Everything that would be shown or written for a text: a fault's words, or the plan. */
async function shown(source: Source, text: string): Promise<string> {
  try {
    const plan = await planImport(source.harvest(source.read('settings', text), { home: '/nowhere' }), BEFORE, false)
    return JSON.stringify([plan.after, plan.edits, plan.harvest.remarks, plan.variables])
  } catch (error) {
    if (error instanceof CliFault) return JSON.stringify([error.message, error.why, error.fix])
    throw error
  }
}

/** A change of some characters: cut out, doubled, or replaced by signs that mean something. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 0, max: 12 }),
  put: fc.constantFrom(
    '',
    '"',
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '\n',
    '  ',
    '- ',
    '&a ',
    '*a',
    'null',
    '1e999',
    '\u0000',
    '__proto__',
    '${',
    '$',
    '😀',
  ),
})

function changed(text: string, changes: readonly { at: number; length: number; put: string }[]): string {
  return changes.reduce((after, { at, length, put }) => {
    const index = Math.floor(at * after.length)
    return after.slice(0, index) + put + after.slice(index + length)
  }, text)
}

describe.each(SOURCES.map(source => ({ id: source.id, source })))('$id', ({ id, source }) => {
  const text = texts.get(id) ?? ''

  test('the fixture holds keys to look for', () => {
    expect(text).toContain(SECRET)
  })

  test('no change of its settings makes it throw or shows a key', async () => {
    const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async changes => {
      expect(await shown(source, changed(text, changes))).not.toContain(SECRET)
    })
    await fc.assert(property, { numRuns: 200 })
  }, 30_000)

  test('no bytes at all make it throw', async () => {
    const property = fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async bytes => {
      expect(await shown(source, bytes)).toBeString()
    })
    await fc.assert(property, { numRuns: 200 })
  }, 30_000)

  test('a key at any place where a text stands is not shown', async () => {
    const places = [...text.matchAll(/"[^"\n]{2,}"|(?<=: )[a-z][\w./-]+(?=\n)/g)].map(match => match.index)
    const property = fc.asyncProperty(fc.constantFrom(...places), async place => {
      const quoted = text[place] === '"'
      const end = quoted
        ? text.indexOf('"', place + 1) + 1
        : place + (/^[\w./-]+/.exec(text.slice(place))?.[0].length ?? 0)
      const moved = `${text.slice(0, place)}"sk-${SECRET}abcdef"${text.slice(end)}`
      expect(await shown(source, moved)).not.toContain(SECRET)
    })
    await fc.assert(property, { numRuns: 60 })
  }, 30_000)
})
