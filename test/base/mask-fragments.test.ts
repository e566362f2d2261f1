import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { fragmentMask } from '../../src/base/mask-fragments.ts'

const KEY = 'Qx7/pL+9z"Wk2vB'
const mask = fragmentMask([KEY, 'open the door, please'])
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('pieces of known secrets', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['as it is', `key ${KEY}, bad`, 'key ••••, bad'],
    ['cut', `key ${KEY.slice(0, 8)}… is bad`, 'key ••••… is bad'],
    ['in another case', KEY.toUpperCase(), '••••'],
    ['twice', `${KEY} ${KEY}`, '•••• ••••'],
    ['as JSON', JSON.stringify({ key: KEY }), '{"key":"••••"}'],
    ['for a URL', `?key=${encodeURIComponent(KEY)}&a=b`, '?key=••••&a=b'],
    ['in hex', Buffer.from(KEY).toString('hex'), '••••'],
    ['a whole phrase', 'say: open the door, please!', 'say: ••••!'],
    ['words of a phrase', 'please open it', 'please open it'],
    ['too short a piece', KEY.slice(0, 5), KEY.slice(0, 5)],
    ['nothing of it', 'all is well', 'all is well'],
  ]
  test.each(cases)('%s', (_, text, shown) => {
    expect(mask(text)).toBe(shown)
  })

  test.each(['', 'u:', 'me:'])('in base64 behind "%s"', before => {
    const shown = mask(`Basic ${base64(`${before}${KEY}!`)} .`)
    expect(shown).toContain('••••')
    for (let at = 0; at + 6 <= KEY.length; at += 1) {
      const pieces = shown.split(/[^A-Za-z0-9+/=]+/).map(each => Buffer.from(each, 'base64').toString('latin1'))
      expect(pieces.join(' ')).not.toContain(KEY.slice(at, at + 6))
    }
  })

  test('of any secret in any text none is left', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!/\s/.test(secret))
        expect(fragmentMask([secret])(before + secret + after)).not.toContain(secret)
      }),
    )
  })

  test('a text without one stays as it is, whatever script it is in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        expect(fragmentMask(['0123456789-not-in-it-0123456789'])(text)).toBe(text)
      }),
    )
  })
})
