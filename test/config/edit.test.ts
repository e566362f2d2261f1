import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parsePath, parseValue, setInFile } from '../../src/app/config/edit.ts'
import { EditFault, setInText } from '../../src/app/config/splice.ts'
import { buildTree, find, type Path, plainValue, tokenize } from '../../src/app/config/tree.ts'
import type { JsonValue } from '../../src/base/json-value.ts'
import { newFolder } from './folder.ts'

const folder = newFolder()
afterAll(folder.remove)

interface Case {
  readonly about: string
  readonly before: string
  readonly path: string
  readonly value: JsonValue
  readonly after: string
}

const CASES: readonly Case[] = [
  {
    about: 'a value is replaced and nothing else moves',
    before: '{\n  // the door\n  gateway: { port: 1 /* one */, host: "a" }, // end\n}\n',
    path: 'gateway.port',
    value: 2,
    after: '{\n  // the door\n  gateway: { port: 2 /* one */, host: "a" }, // end\n}\n',
  },
  {
    about: 'an empty file gets lines',
    before: '{}',
    path: 'gateway.port',
    value: 2,
    after: '{\n  gateway: { port: 2 },\n}',
  },
  {
    about: 'an empty inner object stays on its line',
    before: '{ gateway: {} }',
    path: 'gateway.port',
    value: 2,
    after: '{ gateway: { port: 2 } }',
  },
  {
    about: 'a last entry without comma gets one, before its comment',
    before: '{\n\tgateway: {\n\t\tport: 1 // one\n\t}\n}',
    path: 'gateway.host',
    value: 'h',
    after: '{\n\tgateway: {\n\t\tport: 1, // one\n\t\thost: "h",\n\t}\n}',
  },
  {
    about: 'an object on one line',
    before: '{ a: 1 /* x */ }',
    path: 'b',
    value: [1, 'two'],
    after: '{ a: 1, b: [1, "two"] /* x */ }',
  },
  {
    about: 'an object on one line, with a last comma',
    before: '{ a: 1, /* x */ }',
    path: 'b',
    value: null,
    after: '{ a: 1, b: null, /* x */ }',
  },
  {
    about: 'an empty object with a comment',
    before: '{\n  // nothing yet\n}',
    path: 'b',
    value: true,
    after: '{\n  // nothing yet\n  b: true,\n}',
  },
  {
    about: 'an empty object with a comment on one line',
    before: '{ /* c */ }',
    path: 'b',
    value: 1,
    after: '{ /* c */ b: 1 }',
  },
  { about: 'an entry of a list', before: '{ a: [1, 2] }', path: 'a[1]', value: 9, after: '{ a: [1, 9] }' },
  { about: 'a new entry of a list', before: '{ a: [1, 2] }', path: 'a[2]', value: 9, after: '{ a: [1, 2, 9] }' },
  {
    about: 'the first entry of a list',
    before: '{ a: [] }',
    path: 'a[0]',
    value: { b: 1 },
    after: '{ a: [{ b: 1 }] }',
  },
  { about: 'a list that is not there', before: '{}', path: 'a[0].b', value: 1, after: '{\n  a: [{ b: 1 }],\n}' },
  {
    about: 'a name that needs quotes',
    before: '{ a: {} }',
    path: 'a["x-*"]',
    value: 'é\u2028',
    after: '{ a: { "x-*": "é\\u2028" } }',
  },
  {
    about: 'Windows line ends',
    before: '{\r\n  a: 1,\r\n}\r\n',
    path: 'b',
    value: 2,
    after: '{\r\n  a: 1,\r\n  b: 2,\r\n}\r\n',
  },
  {
    about: 'a long value gets lines of its own',
    before: '{\n  a: {},\n}',
    path: 'a',
    value: { first: 'x'.repeat(50), second: 'y'.repeat(50) },
    after: `{\n  a: {\n    first: "${'x'.repeat(50)}",\n    second: "${'y'.repeat(50)}",\n  },\n}`,
  },
]

describe('one value is set in the text', () => {
  test.each([...CASES])('$about', ({ before, path, value, after }) => {
    expect(setInText(before, parsePath(path) ?? [], value)).toBe(after)
  })

  test.each([
    { before: '{ a: 1 }', path: ['a', 'b'], told: 'a.b cannot be set: a holds a single value.' },
    { before: '{ a: [1] }', path: ['a', 3], told: 'a[3] cannot be set: a has 1 entries.' },
    { before: '{}', path: ['a', 1], told: 'A list that is not there yet begins with [0].' },
  ])('$told', ({ before, path, told }) => {
    expect(() => setInText(before, path, 1)).toThrow(new EditFault(told))
  })
})

/** JSON5 text with comments at every place that takes one, each numbered, in one of several layouts. */
function commentedText(value: JsonValue, layout: string, next: () => number): string {
  const note = () => (layout === 'lines' ? ` // note ${next()};\n` : ` /* note ${next()}; */ `)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const inner = Object.entries(value).map(([key, item]) => {
    const lead = Array.isArray(value) ? '' : `${JSON.stringify(key)}${note()}:`
    return `${note()}${lead}${note()}${commentedText(item ?? null, layout, next)}${note()}`
  })
  return `${open}${inner.join(',')}${inner.length > 0 && layout !== 'tight' ? ',' : ''}${note()}${close}`
}

const keys = fc.constantFrom('a', 'b', 'c-d', 'e f', 'default')
const { value: values } = fc.letrec<{ value: JsonValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<JsonValue>(1, 'text // no comment', null, true),
    fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<JsonValue>,
    fc.dictionary(keys, tie('value'), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<JsonValue>,
  ),
}))
const objects = fc.dictionary(keys, values, { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<JsonValue>
const paths: fc.Arbitrary<Path> = fc
  .array(fc.oneof(keys, fc.nat(2)), { minLength: 1, maxLength: 4 })
  .map(path => ['a', ...path])

function read(text: string) {
  const { tokens, fault } = tokenize(text)
  if (fault !== undefined) throw fault
  return buildTree(tokens)
}

describe('any file, any place, any value', () => {
  test('the value stands there, all others stand as before, and no comment outside it is lost', () => {
    let made = 0
    fc.assert(
      fc.property(objects, paths, values, fc.constantFrom('lines', 'blocks', 'tight'), (start, path, value, layout) => {
        let count = 0
        const before = commentedText(start, layout, () => count++)
        let after: string
        try {
          after = setInText(before, path, value)
        } catch (error) {
          expect(error).toBeInstanceOf(EditFault)
          return
        }
        made += 1
        expect(plainValue(find(read(after), path)?.node ?? read('{}'))).toEqual(value)
        const replaced = find(read(before), path)?.node.span
        const lost = replaced === undefined ? '' : before.slice(replaced.start.index, replaced.end.index)
        for (let i = 0; i < count; i += 1)
          expect(after.includes(`note ${i};`) || lost.includes(`note ${i};`)).toBe(true)
        const old = replaced === undefined ? undefined : plainValue(find(read(before), path)?.node ?? read('{}'))
        if (old !== undefined) expect(plainValue(read(setInText(after, path, old)))).toEqual(start)
      }),
      { numRuns: 500 },
    )
    expect(made).toBeGreaterThan(50)
  })
})

describe('the file', () => {
  const set = (file: string, path: string, text: string) =>
    setInFile({ file, path: parsePath(path) ?? [], value: parseValue(text) })

  test('is made with its folder, for its owner alone', async () => {
    const file = join(folder.path, 'new', 'deep', 'candor.json5')
    expect((await set(file, 'gateway.port', '9000')).ok).toBe(true)
    expect(readFileSync(file, 'utf8')).toBe('{\n  gateway: { port: 9000 },\n}\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder.path, 'new', 'deep')).mode & 0o777).toBe(0o700)
  })

  test('keeps its mode, its byte-order mark and its link', async () => {
    const target = join(folder.path, 'target.json5')
    const link = join(folder.path, 'link.json5')
    writeFileSync(target, '\uFEFF{ gateway: { port: 1 } } // mine')
    chmodSync(target, 0o640)
    symlinkSync(target, link)
    expect((await set(link, 'gateway.port', '2')).ok).toBe(true)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readFileSync(target, 'utf8')).toBe('\uFEFF{ gateway: { port: 2 } } // mine')
    expect(statSync(target).mode & 0o777).toBe(0o640)
  })

  test.each([
    { path: 'gateway.port', value: 'x', told: 'gateway.port must be a whole number from 0 to 65535, not a text.' },
    { path: 'gatewya.port', value: '1', told: '"gatewya" is not a key of the configuration.' },
    { path: 'gateway.port.x', value: '1', told: 'gateway.port.x cannot be set: gateway.port holds a single value.' },
  ])('is left alone if it would become invalid: $told', async ({ path, value, told }) => {
    const file = join(folder.path, 'kept.json5')
    const before = '{ gateway: { port: 1 } } // as it was'
    writeFileSync(file, before)
    const result = await set(file, path, value)
    expect(result.ok ? [] : result.faults.map(fault => fault.message)).toEqual([told])
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(readdirSync(folder.path).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  test('that is not JSON5 is told, and left alone', async () => {
    const file = join(folder.path, 'broken.json5')
    writeFileSync(file, '{ gateway: ')
    const result = await set(file, 'gateway.port', '1')
    expect(result.ok ? [] : result.faults.map(fault => fault.line)).toEqual([1])
    expect(readFileSync(file, 'utf8')).toBe('{ gateway: ')
  })
})

describe('paths and values from a command line', () => {
  test.each([
    { text: 'gateway.port', path: ['gateway', 'port'] },
    {
      text: 'models.providers.kimi-coding.models[0].id',
      path: ['models', 'providers', 'kimi-coding', 'models', 0, 'id'],
    },
    { text: 'models.aliases["gpt-4.1"]', path: ['models', 'aliases', 'gpt-4.1'] },
    { text: 'models.aliases.claude-*', path: ['models', 'aliases', 'claude-*'] },
    { text: '["a\\"b"].c', path: ['a"b', 'c'] },
    { text: '', path: undefined },
    { text: 'a..b', path: undefined },
    { text: 'a[x]', path: undefined },
    { text: 'a.', path: undefined },
  ] as { text: string; path: Path | undefined }[])('the path $text', ({ text, path }) => {
    expect(parsePath(text)).toEqual(path)
  })

  test.each([
    { text: '8787', value: 8_787 },
    { text: 'true', value: true },
    { text: 'kimi-coding/k3', value: 'kimi-coding/k3' },
    { text: '"8787"', value: '8787' },
    { text: '{ a: [1] }', value: { a: [1] } },
    { text: '', value: '' },
    { text: 'https://x.example', value: 'https://x.example' },
  ] as { text: string; value: JsonValue }[])('the value $text', ({ text, value }) => {
    expect(parseValue(text)).toEqual(value)
  })
})
