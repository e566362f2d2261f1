import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { buildTree, find, type Node, plainValue, showPath, tokenize } from '../../src/app/config/tree.ts'

function treeOf(text: string): Node {
  const { tokens, fault } = tokenize(text)
  if (fault !== undefined) throw fault
  return buildTree(tokens)
}

/** What JSON5 1.0.0 allows beyond JSON. */
const TEXTS: readonly string[] = [
  '{ default: 1, null: 2, true: 3, class: 4, $a_1: 5, é: 6 }',
  `{ a: 'it\\'s "quoted"', "b": "it's" }`,
  `['\\x41\\u0042\\v\\0\\q\\
joined']`,
  '[ +1, -2, .5, 5., 0x1F, -0xff, 1e3, 1E-2, 0, -0 ]',
  '[1, 2, /* three */ 3, ] // end',
  '{ a: {}, b: [], c: "", }',
  '\u00a0{\u2003a\t:\v1\f}\u2028',
  '"tab\there"',
  'null',
]

describe('JSON5 is read as it is meant', () => {
  test.each([...TEXTS])('%j', text => {
    expect(plainValue(treeOf(text))).toEqual(Bun.JSON5.parse(text) as ReturnType<typeof plainValue>)
  })

  test('infinity and not-a-number are numbers, and no configuration takes them', () => {
    expect(plainValue(treeOf('[Infinity, -Infinity, +NaN]'))).toEqual([Infinity, -Infinity, Number.NaN])
  })

  test('any JSON value comes back', () => {
    const keys = fc.string().filter(key => !['__proto__', 'constructor', 'prototype'].includes(key))
    const { value } = fc.letrec<{ value: unknown }>(tie => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(keys, tie('value')),
      ),
    }))
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2, '\t'), (any, indent) => {
        const text = JSON.stringify(any, null, indent).replace(
          /[\u2028\u2029]/g,
          c => `\\u${c.charCodeAt(0).toString(16)}`,
        )
        expect(JSON.stringify(plainValue(treeOf(text)))).toBe(JSON.stringify(any))
      }),
    )
  })

  test('places count characters and lines, offsets count in the string', () => {
    const text = '{\r\n  "𝒳𝒳": 1, // 𝒳\n  b: [true, {c: 2}],\n}'
    const found = find(treeOf(text), ['b', 1, 'c'])
    expect(found?.node.span.start).toEqual({ index: text.indexOf('2}'), line: 3, column: 17 })
    expect(found?.keySpan?.start.index).toBe(text.indexOf('c:'))
    expect(find(treeOf(text), ['𝒳𝒳'])?.node.span.start).toMatchObject({ line: 2, column: 9 })
  })

  test.each([{ path: ['b', 2] }, { path: ['b', 'c'] }, { path: ['toString'] }, { path: ['b', 0, 'length'] }])(
    'nothing stands at $path',
    ({ path }) => {
      expect(find(treeOf('{ b: ["x", 1] }'), path)).toBeUndefined()
    },
  )
})

test('any text gives a tree or one fault inside the text, and never anything else', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    "'",
    '\\',
    '//',
    '/*',
    '*/',
    '\n',
    ' ',
    'a',
    '1',
    '.',
    '-',
    '+',
    'é',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), parts => {
      const text = parts.join('')
      const { tokens, fault } = tokenize(text)
      expect(tokens.map(token => token.text).join('')).toBe(
        fault === undefined ? text : text.slice(0, fault.span.start.index),
      )
      try {
        if (fault === undefined) buildTree(tokens)
      } catch (error) {
        expect(error).toHaveProperty('name', 'SyntaxFault')
      }
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  {
    path: ['models', 'providers', 'kimi-coding', 'models', 0, 'id'],
    shown: 'models.providers.kimi-coding.models[0].id',
  },
  { path: ['models', 'aliases', 'gpt-4.1'], shown: 'models.aliases["gpt-4.1"]' },
  { path: ['a"b'], shown: '["a\\"b"]' },
  { path: [], shown: '' },
])('the path $shown', ({ path, shown }) => expect(showPath(path)).toBe(shown))
