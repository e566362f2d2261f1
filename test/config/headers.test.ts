import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { checkHeaderName, checkHeaderValue, isCredentialHeader } from '../../src/app/config/headers.ts'
import { checkText } from '../../src/app/config/load.ts'

/** RFC 9110 §5.6.2, written out. */
const TOKEN_CHARS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...TOKEN_CHARS), maxLength: 12 }),
)
const anyValue = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(' ', '\t', 'a', '~', '\r', '\n', '\0', 'é') }),
)

describe('header names', () => {
  test('are tokens, and nothing else is one', () => {
    fc.assert(
      fc.property(anyName, name => {
        const isToken = name !== '' && [...name].every(char => TOKEN_CHARS.includes(char))
        if (!isToken) expect(checkHeaderName(name)).toBeDefined()
        else if (checkHeaderName(name) !== undefined) expect(checkHeaderName(name)?.message).toContain('cannot be set')
      }),
    )
  })

  test.each([
    ...['Host', 'content-length', 'Transfer-Encoding', 'CONNECTION', 'Keep-Alive', 'Proxy-Connection', 'TE', 'Trailer'],
    ...['Upgrade', 'Expect', 'Content-Encoding', 'Proxy-Authorization', 'HTTP2-Settings'],
  ])('%s is refused with the reason', name => {
    expect(checkHeaderName(name)?.message).toMatch(new RegExp(`^The header "${name}" cannot be set: it .+\\.$`))
  })

  test.each(['User-Agent', 'X-Team', 'anthropic-beta', 'toString', 'constructor'])('%s is taken', name => {
    expect(checkHeaderName(name)).toBeUndefined()
  })

  test.each([
    { name: 'Authorization', is: true },
    { name: 'x-api-key', is: true },
    { name: 'X-Goog-Api-Key', is: true },
    { name: 'Cookie', is: true },
    { name: 'User-Agent', is: false },
    { name: 'X-Team', is: false },
  ])('$name carries a credential: $is', ({ name, is }) => expect(isCredentialHeader(name)).toBe(is))
})

describe('header values', () => {
  test('what is taken is one line that the HTTP client sends unchanged', () => {
    fc.assert(
      fc.property(anyValue, value => {
        if (checkHeaderValue('x-a', value) !== undefined) return
        expect(value).not.toMatch(/[\r\n\0]/)
        expect(new Headers({ 'x-a': value }).get('x-a')).toBe(value)
      }),
      { numRuns: 1_000 },
    )
  })

  test('a line break or NUL is always refused, and the message does not hold the value', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('\r', '\n', '\0'), fc.string(), (before, bad, after) => {
        expect(checkHeaderValue('x-a', before + bad + after)?.message).toBe(
          'The value of "x-a" holds a line break or NUL.',
        )
      }),
    )
  })

  test.each([
    { value: ' a', told: 'begins or ends with a space' },
    { value: 'a\t', told: 'begins or ends with a space' },
    { value: 'é', told: 'characters that a header cannot carry' },
    { value: 'a'.repeat(8_193), told: 'too long' },
  ])('$told', ({ value, told }) => expect(checkHeaderValue('x-a', value)?.message).toContain(told))

  test('any User-Agent of one line is obeyed exactly', () => {
    const agents = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map(code => String.fromCharCode(code)),
      minLength: 1,
    })
    fc.assert(
      fc.property(agents, agent => {
        const written = agent.replaceAll(`$${'{'}`, () => `$$${'{'}`)
        const text = JSON.stringify({ models: { providers: { deepseek: { headers: { 'User-Agent': written } } } } })
        const result = checkText(text, 'candor.json5')
        expect(result.ok && result.config.models.providers['deepseek']?.headers?.['User-Agent']).toBe(written)
      }),
    )
  })
})

test('one header in two spellings is refused', () => {
  const result = checkText(
    '{ models: { providers: { deepseek: { headers: { "X-A": "1", "x-a": null } } } } }',
    'candor.json5',
  )
  expect(result.ok ? [] : result.faults.map(fault => fault.message)).toEqual([
    'The header "x-a" stands twice: "X-A" is the same one.',
  ])
})
