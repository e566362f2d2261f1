import { describe, expect, test } from 'bun:test'
import { addressOf, requestBytes } from '../../src/upstream/http1-request.ts'
import type { Outgoing } from '../../src/upstream/send.ts'

const timeouts = { connectMs: 1, firstByteMs: 1, idleMs: 1, totalMs: 1 }

function written(over: Partial<Outgoing> = {}): string | undefined {
  const origin = over.origin ?? 'https://api.example.com'
  const out: Outgoing = { url: `${origin}/v1`, origin, headers: {}, body: Buffer.from('{"a":1}'), timeouts, ...over }
  const parts = requestBytes(out, addressOf(new URL(origin)))
  return parts === undefined ? undefined : Buffer.concat(parts).toString('latin1')
}

describe('a request', () => {
  test('is one write of head and body', () => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer k' }
    expect(written({ headers })).toBe(
      'POST /v1 HTTP/1.1\r\nhost: api.example.com\r\nconnection: keep-alive\r\ncontent-type: application/json\r\nauthorization: Bearer k\r\ncontent-length: 7\r\n\r\n{"a":1}',
    )
  })

  test('by GET has no body', () => {
    expect(written({ method: 'GET' })).toBe(
      'GET /v1 HTTP/1.1\r\nhost: api.example.com\r\nconnection: keep-alive\r\n\r\n',
    )
  })

  test('with a large body is not copied', () => {
    const body = new Uint8Array(100_000)
    const origin = 'http://a'
    const parts = requestBytes({ url: `${origin}/`, origin, headers: {}, body, timeouts }, addressOf(new URL(origin)))
    expect(parts?.[1]).toBe(body)
  })

  test('writes framing and connection headers by itself alone', () => {
    const headers = {
      Host: 'evil',
      'Content-Length': '1',
      'transfer-encoding': 'chunked',
      Connection: 'close',
      te: 'x',
    }
    expect(written({ headers })).toBe(written({}))
  })

  test('carries latin1 values as they are', () => {
    expect(written({ headers: { 'x-title': 'caf\xe9\t!' } })).toContain('\r\nx-title: caf\xe9\t!\r\n')
  })

  test.each([
    ['a line break', { a: 'b\r\nx: y' }],
    ['a carriage return', { a: 'b\rc' }],
    ['a line feed', { a: 'b\nc' }],
    ['NUL', { a: 'b\0' }],
    ['DEL', { a: '\x7f' }],
    ['a character beyond one byte', { a: '…' }],
    ['a name with a colon', { 'a:b': 'c' }],
    ['a name with a line break', { 'a\r\nb': 'c' }],
    ['an empty name', { '': 'c' }],
  ])('with %s in a header is not sent', (_, headers) => {
    expect(written({ headers })).toBeUndefined()
  })
})

describe('its host', () => {
  test.each([
    ['https://a.example', 'a.example', 443, 'a.example'],
    ['https://a.example:443', 'a.example', 443, 'a.example'],
    ['http://a.example:80', 'a.example', 80, 'a.example'],
    ['https://a.example:80', 'a.example', 80, 'a.example:80'],
    ['http://127.0.0.1:8080', '127.0.0.1', 8080, '127.0.0.1:8080'],
    ['http://[::1]:8080', '::1', 8080, '[::1]:8080'],
    ['https://[2001:db8::1]', '2001:db8::1', 443, '[2001:db8::1]'],
  ])('%s', (origin, hostname, port, host) => {
    expect(addressOf(new URL(origin))).toMatchObject({ hostname, port, host })
  })
})

describe('its path', () => {
  test.each([
    ['/v1/models/a-b_c.d~e:generate?alt=sse&x=%20'],
    ['/v1/@cf/meta/llama-3.1'],
    ['/'],
    ['//double//slash'],
    ['/a/../b'],
    ['/a/./b'],
    ['/a/%2e%2E/b'],
    ['/a/.hidden'],
    ['/sp ace?q=a b'],
    ['/ünïcode?ü'],
    ['/a#fragment'],
    ['/quote\'"<>`{}|^?\'"<>`{}|^'],
    ['/back\\slash'],
    ['/line\r\nbreak'],
    ['/tab\tand\0nul'],
    ['/q?a=/../b'],
  ])('%j goes out as a URL parser writes it', path => {
    const origin = 'https://a.example'
    const { pathname, search } = new URL(origin + path)
    expect(written({ url: origin + path })?.split('\r\n')[0]).toBe(`POST ${pathname}${search} HTTP/1.1`)
  })
})
