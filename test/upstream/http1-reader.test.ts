import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ReplyReader } from '../../src/upstream/http1-reader.ts'

interface Outcome {
  readonly phase: 'waiting' | 'over' | 'failed'
  readonly status: number | undefined
  readonly body: string
  readonly fault: string
  readonly surplus: boolean
  readonly keepAlive: boolean | undefined
}

/** Reads the pieces one after the other; `closes`: the other side closes in order behind them. */
function read(pieces: readonly string[], closes = false): Outcome {
  const reader = new ReplyReader()
  let body = ''
  for (const piece of pieces) {
    // The reader takes arrays over, so each gets one of its own.
    const got = reader.push(new Uint8Array(Buffer.from(piece, 'latin1')))
    if (got !== undefined) body += Buffer.from(got).toString('latin1')
  }
  if (closes) reader.end()
  return {
    phase: reader.failed ? 'failed' : reader.over ? 'over' : 'waiting',
    status: reader.head?.status,
    body,
    fault: reader.fault,
    surplus: reader.surplus,
    keepAlive: reader.head?.keepAlive,
  }
}

/** The text cut at these places. */
function cutAt(text: string, places: readonly number[]): string[] {
  const sorted = [...new Set(places.map(place => place % (text.length + 1)))].sort((a, b) => a - b)
  return [...sorted, text.length].map((place, at) => text.slice(at === 0 ? 0 : sorted[at - 1], place))
}

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`

/** Answers and the body each has; `kept`: the connection may be used again. */
const GOOD: readonly { name: string; text: string; body: string; status?: number; kept?: boolean }[] = [
  { name: 'a length', text: `${OK}content-length: 5\r\n\r\nhello`, body: 'hello', kept: true },
  { name: 'length 0', text: `${OK}Content-Length:0\r\n\r\n`, body: '', kept: true },
  {
    name: 'the same length twice',
    text: `${OK}content-length: 2\r\ncontent-length: 2\r\n\r\nab`,
    body: 'ab',
    kept: true,
  },
  { name: 'spaces around values', text: `${OK}content-length: \t 2 \t\r\n\r\nab`, body: 'ab', kept: true },
  { name: 'no reason', text: 'HTTP/1.1 200\r\ncontent-length: 1\r\n\r\na', body: 'a', kept: true },
  { name: 'chunks', text: `${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, body: 'hello world', kept: true },
  {
    name: 'Chunked in capitals',
    text: `${OK}Transfer-Encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    body: 'a',
    kept: true,
  },
  { name: 'no chunk at all', text: `${CHUNKED}0\r\n\r\n`, body: '', kept: true },
  {
    name: 'hex sizes and zeros',
    text: `${CHUNKED}00A\r\n0123456789\r\nb\r\n0123456789a\r\n000\r\n\r\n`,
    body: '01234567890123456789a',
    kept: true,
  },
  { name: 'extensions', text: `${CHUNKED}2;a=b;c="d"\r\nhi\r\n0 ;x\r\n\r\n`, body: 'hi', kept: true },
  { name: 'a size padded with spaces', text: `${CHUNKED}2  \r\nhi\r\n0\r\n\r\n`, body: 'hi', kept: true },
  { name: 'trailers', text: `${CHUNKED}1\r\na\r\n0\r\nx-sum: 1\r\ny: 2\r\n\r\n`, body: 'a', kept: true },
  {
    name: 'interim answers',
    text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\na`,
    body: 'a',
    kept: true,
  },
  { name: '204', text: 'HTTP/1.1 204 No Content\r\n\r\n', body: '', status: 204, kept: true },
  {
    name: '304 with a length',
    text: 'HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n',
    body: '',
    status: 304,
    kept: true,
  },
  { name: 'connection: close', text: `${OK}Connection: Close\r\ncontent-length: 1\r\n\r\na`, body: 'a', kept: false },
  {
    name: 'close among others',
    text: `${OK}connection: foo, close\r\ncontent-length: 1\r\n\r\na`,
    body: 'a',
    kept: false,
  },
  { name: 'HTTP/1.0', text: 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', body: 'a', kept: false },
  {
    name: 'HTTP/1.0 kept alive',
    text: 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na',
    body: 'a',
    kept: true,
  },
  {
    name: 'bytes above ASCII in a value',
    text: `${OK}x: caf\xe9\r\ncontent-length: 1\r\n\r\n\xff`,
    body: '\xff',
    kept: true,
  },
]

/** Answers that are refused, by what is said about them. */
const BAD: readonly (readonly [name: string, text: string, fault: RegExp])[] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', /status line/],
  ['TLS', '\x15\x03\x01\x00\x02\x02\x50', /status line/],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n', /status line/],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n', /status line/],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', /status line/],
  ['a status without space', 'HTTP/1.1 200OK\r\n\r\n', /status line/],
  ['NUL in the reason', 'HTTP/1.1 200 O\0K\r\n\r\n', /status line/],
  ['lone line feeds', 'HTTP/1.1 200 OK\ncontent-length: 1\n\na', /carriage return/],
  ['a lone line feed in the head', `${OK}a: b\nc: d\r\n\r\n`, /lone line breaks/],
  ['a lone carriage return', `${OK}a: b\rc: d\r\n\r\n`, /lone line breaks/],
  ['a carriage return before the line end', `${OK}a: b\r\r\nc: d\r\n\r\n`, /lone line breaks/],
  ['NUL', `${OK}a: b\0\r\n\r\n`, /control characters/],
  ['a folded line', `${OK}a: b\r\n c\r\n\r\n`, /proper name/],
  ['a space before the colon', `${OK}content-length : 1\r\n\r\na`, /proper name/],
  ['no colon', `${OK}nonsense\r\n\r\n`, /proper name/],
  ['no name', `${OK}: x\r\n\r\n`, /proper name/],
  ['both lengths', `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`, /beside/],
  ['two lengths', `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\n`, /two different/],
  ['a list of lengths', `${OK}content-length: 1, 1\r\n\r\n`, /not a number/],
  ['a signed length', `${OK}content-length: +1\r\n\r\n`, /not a number/],
  ['a negative length', `${OK}content-length: -1\r\n\r\n`, /not a number/],
  ['a hex length', `${OK}content-length: 0x1\r\n\r\n`, /not a number/],
  ['an empty length', `${OK}content-length:\r\n\r\n`, /not a number/],
  ['a huge length', `${OK}content-length: 99999999999999999999\r\n\r\n`, /not a number/],
  ['gzip, chunked', `${OK}transfer-encoding: gzip, chunked\r\n\r\n`, /chunked alone/],
  ['chunked twice', `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`, /chunked alone/],
  ['identity', `${OK}transfer-encoding: identity\r\n\r\n`, /chunked alone/],
  ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', /HTTP\/1\.0/],
  ['another protocol offered', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', /changes the protocol/],
  ['too many interim answers', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(101), /interim/],
  ['too many lines', `${OK}${'a: b\r\n'.repeat(257)}\r\n`, /256 lines/],
  ['a head too large', `${OK}a: ${'b'.repeat(70_000)}\r\n\r\n`, /65536 bytes/],
  ['a head that never ends', `${OK}a: ${'b'.repeat(70_000)}`, /65536 bytes/],
  ['a size that is no number', `${CHUNKED}no size\r\n`, /no size/],
  ['a size with a prefix', `${CHUNKED}0x5\r\nhello\r\n`, /not a number/],
  ['an empty size', `${CHUNKED}\r\n`, /no size/],
  ['a negative size', `${CHUNKED}-1\r\n`, /no size/],
  ['a size too large', `${CHUNKED}FFFFFFFFFFFFFF\r\n`, /too large/],
  ['a word behind the size', `${CHUNKED}5 x\r\n`, /not a number/],
  ['a lone line feed behind the size', `${CHUNKED}5\nhello`, /not a number/],
  ['a lone carriage return behind the size', `${CHUNKED}5\rhello`, /line feed/],
  ['a line feed in an extension', `${CHUNKED}5;a\nb\r\n`, /control characters/],
  ['NUL in an extension', `${CHUNKED}5;\0\r\n`, /control characters/],
  ['an extension too long', `${CHUNKED}5;${'a'.repeat(5_000)}\r\n`, /too long/],
  ['a chunk longer than its size', `${CHUNKED}2\r\nhello\r\n`, /longer/],
  ['a folded trailer', `${CHUNKED}0\r\n x\r\n\r\n`, /trailers/],
  ['trailers too long', `${CHUNKED}0\r\na: ${'b'.repeat(70_000)}`, /too long/],
]

describe('an answer', () => {
  test.each([...GOOD])('with $name', ({ text, body, status = 200, kept = true }) => {
    expect(read([text])).toEqual({ phase: 'over', status, body, fault: '', surplus: false, keepAlive: kept })
  })

  test.each([...GOOD])('with $name, however it is split', ({ text }) => {
    const whole = read([text])
    for (let place = 0; place <= text.length; place += 1) expect(read(cutAt(text, [place]))).toEqual(whole)
    expect(read([...text])).toEqual(whole)
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length })), places => {
        expect(read(cutAt(text, places))).toEqual(whole)
      }),
    )
  })

  test.each([...GOOD])('with $name is never over before its last byte, even if the other side closes', ({ text }) => {
    for (let end = 0; end < text.length; end += 1) expect(read([text.slice(0, end)], true).phase).toBe('waiting')
  })

  test.each([...GOOD])(
    'with $name and more behind it: the rest is seen, and not taken for a part of it',
    ({ text, body }) => {
      for (const pieces of [[`${text}HTTP/1.1 200 OK\r\n`], [text, 'x'], [...text, 'x']])
        expect(read(pieces)).toMatchObject({ phase: 'over', body, surplus: true })
    },
  )

  test('without a length ends with the connection', () => {
    expect(read([`${OK}\r\nabc`, 'def'])).toMatchObject({ phase: 'waiting', body: 'abcdef', keepAlive: false })
    expect(read([`${OK}\r\nabc`, 'def'], true)).toMatchObject({ phase: 'over', body: 'abcdef', keepAlive: false })
  })

  test('tells how long its connection is kept', () => {
    const reader = new ReplyReader()
    reader.push(new Uint8Array(Buffer.from(`${OK}keep-alive: timeout=5, max=100\r\ncontent-length: 0\r\n\r\n`)))
    expect(reader.head?.keepAliveMs).toBe(5_000)
  })

  test('keeps every header, repeated ones joined', () => {
    const reader = new ReplyReader()
    reader.push(new Uint8Array(Buffer.from(`${OK}A: 1\r\na: 2\r\n__proto__: x\r\nB:\r\n\r\n`)))
    const found: string[][] = []
    reader.head?.headers.forEach((value, name) => void found.push([name, value]))
    expect(found).toEqual([
      ['a', '1, 2'],
      ['__proto__', 'x'],
      ['b', ''],
    ])
  })
})

describe('what is no answer', () => {
  test.each([...BAD])('%s', (_, text, fault) => {
    for (const pieces of [[text], [...text]]) {
      const got = read(pieces)
      expect([got.phase, got.body.length <= 2]).toEqual(['failed', true])
      expect(got.fault).toMatch(fault)
    }
  })

  test('no bytes make the reader throw, and none are both an answer and a fault', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        OK,
        CHUNKED,
        '\r\n',
        '\r',
        '\n',
        '0\r\n\r\n',
        '5\r\nhello\r\n',
        'content-length: 3\r\n',
        ': ',
        ';',
      ),
      fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes).toString('latin1')),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, closes) => {
        const got = read(pieces, closes)
        expect(got.phase === 'failed').toBe(got.fault !== '')
      }),
      { numRuns: 2_000 },
    )
  })
})
