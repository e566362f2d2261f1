import { describe, expect, test } from 'bun:test'
import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { formatSse, openSseReader, type SseFrame, SseOverflow } from '../../src/base/sse.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

function readAll(bytes: Uint8Array, cuts: readonly number[]): SseFrame[] {
  const reader = openSseReader()
  const frames: SseFrame[] = []
  let from = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    frames.push(...reader.push(bytes.subarray(from, Math.max(from, cut))))
    from = Math.max(from, cut)
  }
  return [...frames, ...reader.push(bytes.subarray(from))]
}

/** What another implementation of the grammar reads from the same bytes. */
function oracle(bytes: Uint8Array): SseFrame[] {
  const frames: SseFrame[] = []
  const parser = createParser({
    onEvent: ({ event, data }) => frames.push(event === undefined || event === '' ? { data } : { event, data }),
  })
  parser.feed(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
  return frames
}

/** Pieces that together reach every branch of the grammar more often than random text would. */
const piece = fc.oneof(
  fc.constantFrom(
    'data',
    'event',
    'id',
    'retry',
    ':',
    ': ',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    ' ',
    '\uFEFF',
    'data:',
    'data: x\n\n',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
)
const streamText = fc.array(piece, { maxLength: 40 }).map(pieces => pieces.join(''))
const cutsOf = (length: number) => fc.array(fc.nat({ max: length }), { maxLength: 12 })

describe('reading server-sent events', () => {
  const cases: readonly [string, string, readonly SseFrame[]][] = [
    ['one event', 'data: a\n\n', [{ data: 'a' }]],
    ['no space after the colon', 'data:a\n\n', [{ data: 'a' }]],
    ['only one space is taken', 'data:  a\n\n', [{ data: ' a' }]],
    ['several data lines', 'data: a\ndata: b\ndata\n\n', [{ data: 'a\nb\n' }]],
    ['a name', 'event: ping\ndata: {}\n\n', [{ event: 'ping', data: '{}' }]],
    ['a name without data is no event', 'event: ping\n\ndata: a\n\n', [{ data: 'a' }]],
    ['empty data is one', 'data:\n\n', [{ data: '' }]],
    ['CRLF', 'event: e\r\ndata: a\r\n\r\ndata: b\r\n\r\n', [{ event: 'e', data: 'a' }, { data: 'b' }]],
    ['CR alone', 'data: a\r\rdata: b\r\r', [{ data: 'a' }, { data: 'b' }]],
    ['comments and unknown fields', ': hi\nid: 1\nretry: 5\nfoo: bar\ndata: a\n\n', [{ data: 'a' }]],
    ['a byte-order mark', '\uFEFFdata: a\n\n', [{ data: 'a' }]],
    ['an event not closed is never given out', 'data: a\n\ndata: b\n', [{ data: 'a' }]],
  ]

  test.each(cases)('%s, at every split', (_, text, frames) => {
    const bytes = bytesOf(text)
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(readAll(bytes, [cut])).toEqual([...frames])
    expect(readAll(bytes, Array.from(bytes.keys()))).toEqual([...frames])
  })

  test('any split gives the same events', () => {
    fc.assert(
      fc.property(
        streamText.map(bytesOf).chain(bytes => fc.tuple(fc.constant(bytes), cutsOf(bytes.length))),
        ([bytes, cuts]) => expect(readAll(bytes, cuts)).toEqual(readAll(bytes, [])),
      ),
      { numRuns: 300 },
    )
  })

  test('reads what another reader of the grammar reads', () => {
    // The other reader also takes three Latin letters for a byte-order mark.
    const fair = streamText.filter(text => !text.startsWith('ï»¿'))
    fc.assert(
      fc.property(fair.map(bytesOf), bytes => expect(readAll(bytes, [])).toEqual(oracle(bytes))),
      { numRuns: 1000 },
    )
  })

  test('bytes that are no UTF-8 do not make it throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => Array.isArray(readAll(bytes, []))))
  })
})

describe('a stream that ends cleanly', () => {
  const cases: readonly [string, string, readonly SseFrame[]][] = [
    ['gives the event that lacks only its blank line', 'data: a\n', [{ data: 'a' }]],
    ['gives it once', 'data: a\n\n', []],
    ['never gives an event whose line is cut', 'data: a\ndata: b', []],
    ['never gives an event whose next character is cut', 'data: a\n\xc3', []],
    ['gives nothing where nothing was', '', []],
    ['gives nothing for a name alone', 'event: a\n', []],
    ['knows CR as a line end', 'event: e\rdata: a\r', [{ event: 'e', data: 'a' }]],
  ]

  test.each(cases)('%s', (_, text, last) => {
    const reader = openSseReader()
    reader.push(Buffer.from(text, 'latin1'))
    expect(reader.finish()).toEqual([...last])
  })
})

describe('limits', () => {
  test.each([
    ['one long line', ['data: ', 'x'.repeat(200)]],
    ['many short lines', Array.from({ length: 60 }, () => 'data: x\n')],
    ['a line without a field', ['y'.repeat(200)]],
  ])('%s over the limit', (_, pieces) => {
    const reader = openSseReader(100)
    expect(() => pieces.map(text => reader.push(bytesOf(text)))).toThrow(SseOverflow)
  })

  test('the limit is for one event, not for the stream', () => {
    const reader = openSseReader(100)
    const frames = Array.from({ length: 50 }, () => reader.push(bytesOf(`data: ${'x'.repeat(80)}\n\n`)))
    expect(frames.flat()).toHaveLength(50)
  })
})

describe('writing server-sent events', () => {
  const lineBreaks = (text: string) => text.replace(/\r\n|\r/g, '\n')

  test('what is written is read back, line breaks as LF', () => {
    const text = fc
      .array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('\r', '\n', '\r\n', ': ', 'data: ')))
      .map(p => p.join(''))
    fc.assert(
      fc.property(text, fc.option(fc.string(), { nil: undefined }), (data, event) => {
        const name = event?.replace(/[\r\n]/g, '')
        const written = formatSse(event === undefined ? { data } : { event, data })
        expect(readAll(bytesOf(written), [])).toEqual([
          name === undefined || name === '' ? { data: lineBreaks(data) } : { event: name, data: lineBreaks(data) },
        ])
      }),
    )
  })
})

describe('lines the grammar does not know', () => {
  test.each([
    ['data: {}\n\n', false],
    [': a comment\nid: 1\nretry: 5\nevent: x\ndata: {}\n\n', false],
    ['\n\n\r\n', false],
    ['\u0000\u0001data: {"lost":true}\n\n', true],
    ['{"error":{"message":"no"}}\n\n', true],
    ['dta: {}\n\ndata: {}\n\n', true],
  ])('%j: %p', (text, strange) => {
    const reader = openSseReader()
    reader.push(new TextEncoder().encode(text))
    expect(reader.strange).toBe(strange)
  })
})
