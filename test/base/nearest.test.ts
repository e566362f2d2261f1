import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { nearest } from '../../src/base/nearest.ts'

const NAMES = [
  'baseUrl',
  'apiKey',
  'headers',
  'billing',
  'models',
  'kimi-for-coding',
  'kimi-k2.7-code',
  'deepseek-chat',
  'glm-5',
]

describe('the name somebody meant', () => {
  test.each([
    ['baseURL', 'baseUrl'],
    ['apikey', 'apiKey'],
    ['header', 'headers'],
    ['haeders', 'headers'],
    ['biling', 'billing'],
    ['modles', 'models'],
    ['kimi-for-codign', 'kimi-for-coding'],
    ['deepseek', 'deepseek-chat'],
    ['glm5', 'glm-5'],
  ])('%s is %s', (typo, name) => {
    expect(nearest(typo, NAMES)[0]).toBe(name)
  })

  test.each([
    ['zzzzqqqq', NAMES],
    ['ci', ['a', 'b', 'ops']],
    ['nope', ['o1', 'o3', 'one']],
    ['k9', ['glm', 'o1', 'pro']],
    ['openai/nope', ['openai/o1', 'openai/o3', 'openai/gpt-5']],
    ['openai/k2p5', ['openai/o3', 'openai/o4-mini', 'xai/k2p5']],
    ['an-entirely-different-provider/gpt-5', ['openai/gpt-5']],
    ['serve', ['chat', 'keys', 'logs']],
  ])('%s is like nothing, and gets no advice', (word, names) => {
    expect(nearest(word, names)).toEqual([])
  })

  test.each([
    ['openai/gtp-5', ['openai/gpt-5']],
    ['openai/o2', ['openai/o1', 'openai/o3']],
    ['opnai/gpt-5', ['openai/gpt-5']],
    ['open/gpt-5', ['openai/gpt-5']],
    ['openai/gpt', ['openai/gpt-5', 'openai/gpt-5-pro']],
    ['OpenAI/GPT-5', ['openai/gpt-5', 'openai/gpt-5-pro']],
  ])('both parts of %s lead to %p', (word, names) => {
    const known = ['openai/gpt-5', 'openai/gpt-5-pro', 'openai/o1', 'openai/o3', 'xai/grok-5']
    expect(nearest(word, known).slice(0, names.length)).toEqual(names)
  })

  test('one slip of the fingers is always found', () => {
    const name = fc.string({ unit: fc.constantFrom(...'abcdefghij-0123456789'), minLength: 4, maxLength: 30 })
    const slip = fc.constantFrom('drop', 'double', 'swap', 'replace')
    fc.assert(
      fc.property(name, slip, fc.nat(), (word, kind, where) => {
        const at = where % (word.length - 1)
        const [before, first, second, after] = [word.slice(0, at), word[at], word[at + 1], word.slice(at + 2)]
        const typo = {
          drop: `${before}${second}${after}`,
          double: `${before}${first}${first}${second}${after}`,
          swap: `${before}${second}${first}${after}`,
          replace: `${before}_${second}${after}`,
        }[kind]
        expect(nearest(typo, ['something else entirely', word])).toContain(word)
      }),
    )
  })

  test('the advice is bounded, and no name stands in it twice', () => {
    expect(nearest('model', ['model-a', 'model-b', 'model-b', 'model-c', 'model-d'], 3)).toEqual([
      'model-a',
      'model-b',
      'model-c',
    ])
  })

  test('a long word against many long names stays cheap', () => {
    const many = Array.from({ length: 30_000 }, (_, i) => `${'x'.repeat(200)}${i}`)
    expect(nearest('y'.repeat(5000), many)).toEqual([])
  })
})
