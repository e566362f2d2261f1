import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { openSseReader, type SseFrame } from '../../src/base/sse.ts'
import { lastEventEnd, openEventCutter } from '../../src/base/sse-boundary.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : new TextDecoder().decode(bytes))

function framesOf(parts: readonly Uint8Array[]): SseFrame[] {
  const reader = openSseReader()
  return [...parts.flatMap(part => [...reader.push(part)]), ...reader.finish()]
}

const lines = fc.constantFrom('data: a', 'data: {"x":"é😀"}', 'event: e', ': hi', 'id: 1', '')
const breaks = fc.constantFrom('\n', '\r\n', '\r', '\n\n')
const streams = fc
  .array(fc.tuple(lines, breaks), { maxLength: 25 })
  .map(parts => bytesOf(parts.map(([line, end]) => line + end).join('')))

/** The stream in chunks of the given sizes, the last one taking what is left. */
function chunks(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const out: Uint8Array[] = []
  let from = 0
  for (const size of sizes) {
    out.push(bytes.subarray(from, from + size))
    from += size
  }
  return [...out, bytes.subarray(from)]
}

const sizes = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 30 })

describe('the last blank line', () => {
  test.each([
    ['', 0],
    ['data: a', 0],
    ['data: a\n', 0],
    ['data: a\n\n', 9],
    ['data: a\n\ndata: b\n', 9],
    ['data: a\r\n\r\n', 11],
    ['data: a\r\n\r\ndata', 11],
    ['data: a\r\r', 9],
  ])('%j', (text, end) => {
    expect(lastEventEnd(bytesOf(text))).toBe(end)
  })
})

describe('cutting a stream where events end', () => {
  test('keeps every byte in its order', () => {
    fc.assert(
      fc.property(streams, sizes, (bytes, cuts) => {
        const cutter = openEventCutter(10_000)
        const given = chunks(bytes, cuts).flatMap(chunk => cutter.push(chunk) ?? [])
        const all = Buffer.concat([...given, cutter.finish() ?? bytesOf('')])
        // The end adds the blank line that was missing, or holds back an event whose line is cut.
        expect(textOf(bytes)?.startsWith(textOf(all)?.slice(0, -1) ?? '')).toBe(true)
      }),
    )
  })

  test('a comment between any two pieces changes no event', () => {
    fc.assert(
      fc.property(streams, sizes, (bytes, cuts) => {
        const cutter = openEventCutter(10_000)
        const given = chunks(bytes, cuts).flatMap(chunk => cutter.push(chunk) ?? [])
        const last = cutter.finish()
        const pieces = last === undefined ? given : [...given, last]
        const commented = pieces.flatMap(piece => [bytesOf(': heartbeat\n\n'), piece])
        expect(framesOf(commented)).toEqual(framesOf(pieces))
      }),
      { numRuns: 500 },
    )
  })

  test('each piece is read alone as it is read in the stream', () => {
    fc.assert(
      fc.property(streams, sizes, (bytes, cuts) => {
        const cutter = openEventCutter(10_000)
        const pieces = chunks(bytes, cuts).flatMap(chunk => cutter.push(chunk) ?? [])
        expect(pieces.flatMap(piece => framesOf([piece]))).toEqual(framesOf(pieces))
      }),
    )
  })

  test.each([
    ['an event that lacks its blank line gets it', 'data: a\n', 'data: a\n\n'],
    ['a cut line is kept back', 'data: a\ndata: b', undefined],
    ['nothing held, nothing given', 'data: a\n\n', undefined],
  ])('at the end: %s', (_, text, last) => {
    const cutter = openEventCutter(100)
    cutter.push(bytesOf(text))
    expect(textOf(cutter.finish())).toBe(last)
  })

  test('what is held is bounded', () => {
    const cutter = openEventCutter(20)
    expect(() => Array.from({ length: 5 }, () => cutter.push(bytesOf('data: a')))).toThrow(RangeError)
  })
})
