import { describe, expect, test } from 'bun:test'
import { FAULTS, parseFault } from '../../src/sim/faults.ts'

describe('a fault in words', () => {
  const table: readonly [string, unknown][] = [
    ['cut=1200', { name: 'cut', values: { bytes: 1200, how: 'fin', framing: 'kept' } }],
    ['cut=0;how=reset;framing=close', { name: 'cut', values: { bytes: 0, how: 'reset', framing: 'close' } }],
    ['delay=never', { name: 'delay', values: { ms: Number.POSITIVE_INFINITY } }],
    ['stall', { name: 'stall', values: { ms: Number.POSITIVE_INFINITY, after: 1 } }],
    [' stall = 50 ; after = 0 ', { name: 'stall', values: { ms: 50, after: 0 } }],
    ['redirect=302;to=http://x/?a=b', { name: 'redirect', values: { code: 302, to: 'http://x/?a=b' } }],
    [
      'status=529;retry-after=3',
      {
        name: 'status',
        values: { code: 529, body: '', 'content-type': 'application/json', 'retry-after': '3', 'retry-after-ms': '' },
      },
    ],
    ['reset', { name: 'reset', values: { at: 'before' } }],
  ]
  test.each(table)('%s', (text, fault) => expect(parseFault(text)).toEqual(fault as never))

  const wrong: readonly [string, string][] = [
    ['', 'no fault is called ""; there are status, delay, stall, cut'],
    ['explode', 'no fault is called "explode"'],
    ['cut', 'cut: bytes must be a whole number'],
    ['cut=-1', 'cut: bytes must be a whole number'],
    ['cut=5;how=softly', 'cut: how must be one of fin, reset'],
    ['cut=5;speed=2', 'cut has no parameter "speed"'],
    ['huge=257', 'huge: mib must be a whole number up to 256'],
    ['delay=soon', 'delay: ms must be milliseconds or never'],
    ['redirect=307', 'redirect: to must be a text'],
    ['redirect=200;to=http://x/', 'redirect: code must be one of 301'],
    ['redirect=307;to=a\r\nb', 'redirect: to must be a text'],
  ]
  test.each(wrong)('%s is none', (text, reason) => expect(parseFault(text)).toStartWith(reason))

  test('every fault is told in one line and reads its own defaults back', () => {
    for (const { name, about, parameters } of FAULTS) {
      expect(about).toMatch(/^[^\n]{10,120}$/)
      const given = parameters.map(
        row => `${row.name}=${'default' in row ? row.default : row.kind === 'text' ? 'x' : 7}`,
      )
      expect(parseFault(`${name};${given.join(';')}`)).toMatchObject({ name })
    }
  })
})
