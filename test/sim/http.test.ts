import { afterAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { openHttpReader } from '../../src/sim/http-reader.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { call, raw, requestBytes, user } from './calls.ts'

const sim = await startSim({ kind: 'openai' })
afterAll(() => sim.stop())
const CHAT = '/v1/chat/completions'
const body = { model: 'gpt-4.1', messages: user('hello') }

describe('reading requests', () => {
  const counted = 'POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-A:  1 \r\nContent-Length: 7\r\n\r\n{"ä":1}'
  const bytes = Buffer.from(counted.replace('Content-Length: 7', 'Content-Length: 8'))
  const chunked = Buffer.from(
    'POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4;x=y\r\n":1}\r\n0\r\n\r\n',
  )
  test('split at every byte, counted and chunked, one behind the other', () => {
    const both = Buffer.concat([bytes, chunked])
    for (let at = 1; at < both.length; at += 1) {
      const reader = openHttpReader()
      const got: unknown[] = []
      for (const part of [both.subarray(0, at), both.subarray(at)]) {
        reader.push(part)
        for (let found = reader.next(); found !== undefined; found = reader.next()) got.push(found)
      }
      expect(got).toEqual([
        {
          method: 'POST',
          version: 'HTTP/1.1',
          path: '/a',
          query: 'b=c',
          headers: [
            ['Host', 'x'],
            ['X-A', '1'],
            ['Content-Length', '8'],
          ],
          body: '{"ä":1}',
        },
        {
          method: 'POST',
          version: 'HTTP/1.1',
          path: '/a',
          query: '',
          headers: [['Transfer-Encoding', 'chunked']],
          body: '{"a":1}',
        },
      ])
    }
  })
  const wrong: readonly [string, string, number][] = [
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['HTTP/2', 'GET / HTTP/2\r\n\r\n', 400],
    ['a line without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400],
    ['a length that is no number', 'POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n', 400],
    ['length and chunks', 'POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['another coding', 'POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', 400],
    ['a chunk without a size', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n', 400],
    ['a body that is too large', 'POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n', 413],
    ['a chunk that is too large', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n', 413],
    ['a head that is too large', `GET / HTTP/1.1\r\nX: ${'x'.repeat(300_000)}`, 431],
  ]
  test.each(wrong)('%s', async (_, text, status) => {
    const { bytes: answered } = await raw(sim, text)
    expect(answered.toString()).toStartWith(`HTTP/1.1 ${status} `)
  })
})

describe('one connection', () => {
  test('carries several requests, also sent at once', async () => {
    const first = requestBytes(sim, CHAT, body, [])
    const last = requestBytes(sim, CHAT, { ...body, stream: true })
    const { bytes } = await raw(sim, first + first + last)
    const text = bytes.toString()
    expect(text.split('HTTP/1.1 200 OK')).toHaveLength(4)
    expect(text).toEndWith('data: [DONE]\n\n\r\n0\r\n\r\n')
  })
  test('ends with the body for HTTP/1.0', async () => {
    for (const stream of [true, false]) {
      const text = requestBytes(sim, CHAT, { ...body, stream }, []).replace('HTTP/1.1', 'HTTP/1.0')
      const { bytes } = await raw(sim, text)
      expect(bytes.toString()).not.toContain('transfer-encoding')
      expect(bytes.toString()).toContain(stream ? '[DONE]' : 'chat.completion')
    }
  })
  test('gives leave to send a body that waits for it', async () => {
    const text = requestBytes(sim, CHAT, body, ['Expect: 100-continue', 'Connection: close'])
    const split = text.indexOf('\r\n\r\n') + 4
    const received = await new Promise<string>(resolve => {
      let all = ''
      const socket = connect(sim.port, '127.0.0.1', () => socket.write(text.slice(0, split)))
      socket.on('data', bytes => {
        if (all === '') socket.write(text.slice(split))
        all += bytes.toString()
      })
      socket.on('close', () => resolve(all))
    })
    expect(received).toStartWith('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK')
  })
  test('sends no body for HEAD', async () => {
    const head = await call(sim, 'HEAD', '/')
    expect([head.status, head.text]).toEqual([404, ''])
  })
})
