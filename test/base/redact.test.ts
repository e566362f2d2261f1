import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { quoteText, redactHeader, redactText } from '../../src/base/redact.ts'

describe('texts others wrote', () => {
  const keys = [
    'sk-abcdefghijklmnop',
    'sk-proj-Ab_cdefgh-ijklmnop',
    'sk-ant-api03-abcdefghijkl',
    'sk-kimi-abcdefghijklmnop',
    'cnd_0123456789abcdef',
    'gsk_0123456789abcdef',
    'xai-0123456789abcdef',
    'hf_0123456789abcdef',
    'nvapi-0123456789abcdef',
    'AIzaSyA0123456789abcdef',
    'Bearer abcdefgh.ijkl-mnop',
    'ghp_0123456789abcdef',
    'github_pat_0123456789_abcdef',
    'pplx-0123456789abcdef',
    'r8_0123456789abcdef',
    'AKIA0123456789ABCDEF',
    'ya29.a0123456789-bcdef',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  ]

  test.each(keys)('the key shape %s is masked', key => {
    const clean = redactText(`Incorrect key provided: ${key}, find yours at the console`)
    expect(clean).toBe('Incorrect key provided: ••••, find yours at the console')
  })

  test.each([
    ['key=%20sk-abcdefghijklmnop&x', 'key=%20••••&x'],
    ['my_sk-abcdefghijklmnop', 'my_••••'],
    ['key%3Dcnd_0123456789abcdef', 'key%3D••••'],
  ])('a key right behind an escape or an underscore is masked: %s', (text, shown) => {
    expect(redactText(text)).toBe(shown)
  })

  test.each([
    ['"My key:\\nsk-abcdefghijklmnop"', '"My key:\\n••••"'],
    ['"\\\\tBearer abcdefghijkl"', '"\\\\t••••"'],
    ['"\\u0022cnd_0123456789abcdef\\u0022"', '"\\u0022••••\\u0022"'],
    ['"\\neyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"', '"\\n••••"'],
  ])('a key right behind an escape of JSON is masked: %s', (text, shown) => {
    expect(redactText(text)).toBe(shown)
  })

  test('what begins like a token a hundred thousand times is read once, and a key in it is masked', () => {
    const almost = '-eyJabcdefghij'.repeat(100_000)
    expect(redactText(almost)).toBe(almost)
    expect(redactText(`${almost}-sk-abcdefghijklmnop`)).toBe(`${almost}-••••`)
  })

  test.each(['a skeleton key', 'the task-list', 'sk-short', 'model k2p5 at 16384 tokens', 'Bearer of news'])(
    '"%s" stays',
    text => {
      expect(redactText(text)).toBe(text)
    },
  )
})

describe('headers', () => {
  const headers: readonly [string, string, string][] = [
    ['Authorization', 'anything', '••••'],
    ['x-api-key', 'anything', '••••'],
    ['X-Goog-Api-Key', 'anything', '••••'],
    ['api-key', 'anything', '••••'],
    ['Cookie', 'a=b', '••••'],
    ['set-cookie', 'a=b', '••••'],
    ['Proxy-Authorization', 'Basic eA==', '••••'],
    ['x-access-token', 'anything', '••••'],
    ['x-client-secret', 'anything', '••••'],
    ['User-Agent', 'my-agent/1.0', 'my-agent/1.0'],
    ['content-type', 'application/json', 'application/json'],
    ['x-note', 'uses sk-abcdefghijklmnop', 'uses ••••'],
  ]

  test.each(headers)('%s: %s', (name, value, shown) => {
    expect(redactHeader(name, value)).toBe(shown)
  })
})

describe('quoting', () => {
  const quotes: readonly [string, string, number, string][] = [
    ['short text', 'hello', 10, 'hello'],
    ['text of exactly the limit', 'hello', 5, 'hello'],
    ['long text', 'hello world', 6, 'hello…'],
    ['escape sequences of a terminal', '\u001b[31mred\u0007', 40, '\\x1b[31mred\\x07'],
    ['a carriage return', 'a\rb', 40, 'a\\x0db'],
    ['line feeds and tabs', 'a\n\tb', 40, 'a\n\tb'],
    ['breaks of lines, and turns of direction', 'a\u2028b\u202egnp\u2066', 40, 'a\\u2028b\\u202egnp\\u2066'],
    ['C1 controls', '\u009b31m', 40, '\\x9b31m'],
  ]

  test.each(quotes)('%s', (_, text, charsMax, shown) => {
    expect(quoteText(text, charsMax)).toBe(shown)
  })

  test('is bounded and harmless for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, charsMax) => {
        const shown = quoteText(text, charsMax)
        expect(shown.length).toBeLessThanOrEqual(charsMax)
        expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/)
      }),
    )
  })
})
