import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { expand, hasReference, isOnlyReferences, isTemplate, referencedNames } from '../../src/app/config/template.ts'

/** Templates are written with § for the dollar sign: in a string of this language a dollar and a brace would be a placeholder. */
const dollar = (text: string) => text.replaceAll('§', '$')

const ENV = { A: 'one', B: '§{A}'.replaceAll('§', '$'), EMPTY: '', PROTO: undefined }

const NAMES: readonly { template: string; names: readonly string[]; only: boolean }[] = [
  { template: '§{A}', names: ['A'], only: true },
  { template: '§{A}§{B}', names: ['A', 'B'], only: true },
  { template: '§{A:-x}', names: ['A'], only: false },
  { template: 'x§{A}', names: ['A'], only: false },
  { template: 'x', names: [], only: false },
  { template: '', names: [], only: false },
]

describe('references in texts', () => {
  test.each([
    { template: 'plain', text: 'plain' },
    { template: '§{A}', text: 'one' },
    { template: 'x-§{A}-§{A}-y', text: 'x-one-one-y' },
    { template: '§{B}', text: '§{A}' },
    { template: '§{MISSING:-two}', text: 'two' },
    { template: '§{EMPTY:-two}', text: 'two' },
    { template: '§{MISSING:-}', text: '' },
    { template: '§{A:-two}', text: 'one' },
    { template: '§§{A}', text: '§{A}' },
    { template: '§A § {A} {A}', text: '§A § {A} {A}' },
  ])('$template is $text', ({ template, text }) => {
    expect(expand(dollar(template), ENV)).toEqual({ ok: true, text: dollar(text) })
  })

  test.each([
    { template: '§{MISSING}', reason: 'the environment variable MISSING is not set' },
    { template: '§{EMPTY}', reason: 'the environment variable EMPTY is not set' },
    { template: '§{toString}', reason: 'the environment variable toString is not set' },
    { template: 'a§{A', reason: 'a reference in it is not one of ' },
    { template: '§{}', reason: 'a reference in it is not one of ' },
    { template: '§{MY-VAR}', reason: 'a reference in it is not one of ' },
    { template: '§{A:-§{A}}', reason: 'a reference in it is not one of ' },
  ])('$template: $reason', ({ template, reason }) => {
    const result = expand(dollar(template), ENV)
    expect(result.ok ? '' : result.reason).toStartWith(reason)
  })

  test.each([...NAMES])('$template refers to $names', ({ template, names, only }) => {
    expect(referencedNames(dollar(template))).toEqual([...names])
    expect(isOnlyReferences(dollar(template))).toBe(only)
    expect(hasReference(dollar(template))).toBe(names.length > 0)
  })

  test('a variable is never looked at twice, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), value => {
        expect(expand(dollar('<§{V}>'), { V: value })).toEqual({ ok: true, text: `<${value}>` })
      }),
    )
  })

  test('any text without a reference can be written with the escape', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '{', '}', 'A', ':-')), parts => {
        const text = parts.join('')
        const escaped = text.replaceAll(dollar('§{'), () => dollar('§§{'))
        if (!text.includes(dollar('§§{'))) expect(expand(escaped, {})).toEqual({ ok: true, text })
        expect(isTemplate(escaped)).toBe(true)
      }),
    )
  })
})
