import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { canonicalJson } from '../../src/base/canonical-json.ts'

describe('the canonical form', () => {
  test.each([
    ['white space goes', ' { "a" :\t[ 1 ,\n2 ] , "b" : "x y" } ', '{"a":[1,2],"b":"x y"}'],
    [
      'fields are in order, at every depth',
      '{"b":{"d":1,"c":2},"a":[{"f":1,"e":2}]}',
      '{"a":[{"e":2,"f":1}],"b":{"c":2,"d":1}}',
    ],
    ['the order of a list stays', '[3,1,2]', '[3,1,2]'],
    ['numbers stay as written', '[1.0,1,1e2,100,-0,12345678901234567890]', '[1.0,1,1e2,100,-0,12345678901234567890]'],
    ['one way to escape', '{"\\u0061":"\\u00e9\\/\\n"}', '{"a":"é/\\n"}'],
    ['quotes and backslashes inside', '{"a\\"":"\\\\","b":"\\\\\\""}', '{"a\\"":"\\\\","b":"\\\\\\""}'],
    ['nothing inside', '{"a":{},"b":[ ],"c":""}', '{"a":{},"b":[],"c":""}'],
    ['words', '[ true,false , null ]', '[true,false,null]'],
    ['an own __proto__', '{"b":1,"__proto__":{"a":1}}', '{"__proto__":{"a":1},"b":1}'],
  ])('%s', (_, text, want) => {
    expect(canonicalJson(text)).toBe(want)
  })

  test.each([
    ['at the top', '{"a":1,"a":1}'],
    ['inside', '{"x":[{"a":1,"b":2,"a":3}]}'],
    ['written in two ways', '{"a":1,"\\u0061":2}'],
  ])('a name that stands twice %s has none', (_, text) => {
    expect(canonicalJson(text)).toBeUndefined()
  })

  test('it means the same, however it was indented, and is its own form', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 1, '\t'), (json, indent) => {
        const form = canonicalJson(JSON.stringify(JSON.parse(json), undefined, indent))
        if (form === undefined) throw new Error('no form')
        expect(JSON.parse(form)).toEqual(JSON.parse(json))
        expect(canonicalJson(form)).toBe(form)
      }),
    )
  })
})
