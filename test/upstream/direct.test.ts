import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { answering, type Peer, type RawServer, reply, requestsIn, startRaw } from './raw-server.ts'
import { begun, drained, plainNetwork, sendTo, textOf, turnsUntil, whyOf } from './sending.ts'

const network = plainNetwork()
const servers: RawServer[] = []
async function serve(how: (peer: Peer) => unknown, host?: string): Promise<RawServer> {
  const server = await startRaw(how, host === undefined ? {} : { host })
  servers.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop()))
})
afterAll(() => network.close())

const asked = (peer: Peer) => peer.until(text => requestsIn(text) > 0)
const MIB = 1024 * 1024

describe('addresses', () => {
  test.each(['127.0.0.1', '::1'])('a server on %s alone is found, by its address and as localhost', async host => {
    const server = await serve(answering(reply('ok')), host)
    for (const origin of [server.origin, `http://localhost:${server.port}`])
      expect(await textOf(await sendTo(origin, network))).toBe('ok')
    expect(server.peers[0]?.text()).toContain(`\r\nhost: ${new URL(server.origin).host}\r\n`)
  })

  test('a port nobody listens at', async () => {
    const server = await serve(() => {})
    await server.stop()
    expect(await sendTo(server.origin, network)).toEqual({
      type: 'unreachable',
      why: 'the connection was refused: nothing listens at that address',
    })
  })

  test('a name that does not exist', async () => {
    expect(whyOf(await sendTo('http://nobody.invalid', network))).toMatch(/host name/)
  })
})

describe('an answer over a real socket', () => {
  const ANSWER =
    'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\na: b\r\n\r\n'

  test('in single bytes', async () => {
    const server = await serve(async peer => {
      await asked(peer)
      for (const byte of ANSWER) {
        peer.socket.write(byte)
        await new Promise(resolve => setImmediate(resolve))
      }
    })
    expect(await drained(await begun(server.origin, network))).toEqual({ text: 'hello!', end: 'done' })
  })

  test('with two lengths is no answer', async () => {
    const server = await serve(answering(reply('ok', 'content-length: 3\r\n')))
    expect(await sendTo(server.origin, network)).toEqual({
      type: 'unreachable',
      why: 'the answer is not valid HTTP: it announces two different lengths',
      sent: true,
    })
    await server.peers[0]?.gone
  })

  test('that is damaged later gives what came before, then why', async () => {
    const server = await serve(answering(`${ANSWER.slice(0, ANSWER.indexOf('1\r\n!'))}x\r\n`))
    expect(await drained(await begun(server.origin, network))).toEqual({
      text: 'hello',
      end: { type: 'unreachable', why: 'the answer is not valid HTTP: a chunk has no size', sent: true },
    })
  })

  test('that ends with its connection is whole if that was closed, and cut if it was reset', async () => {
    const head = 'HTTP/1.1 200 OK\r\n\r\nhello'
    const closing = await serve(async peer => {
      await asked(peer)
      peer.socket.end(head)
    })
    expect(await drained(await begun(closing.origin, network))).toEqual({ text: 'hello', end: 'done' })
    const resetting = await serve(async peer => {
      await asked(peer)
      peer.socket.write(head, () => peer.socket.resetAndDestroy())
    })
    const got = await sendTo(resetting.origin, network)
    expect('type' in got ? got : (await drained(got)).end).toMatchObject({ type: 'unreachable' })
  })

  test('that comes before the request was taken is given, and the connection not kept', async () => {
    const server = await serve(async peer => {
      await peer.until(text => text.includes('\r\n\r\n'))
      peer.socket.pause()
      peer.socket.write(reply('too large').replace('200 OK', '413 Too Large'))
    })
    const over = plainNetwork()
    const got = await begun(server.origin, over, { body: new Uint8Array(64 * MIB) })
    expect([got.status, await textOf(got)]).toEqual([413, 'too large'])
    server.peers[0]?.socket.resume()
    await server.peers[0]?.gone
    expect(server.peers[0]?.text().length).toBeLessThan(64 * MIB)
  })

  test('of 50 MB slows the other side while nobody reads, and arrives whole', async () => {
    const block = Buffer.alloc(64 * 1024, 'x')
    const total = 800 * block.length
    let sent = 0
    let stalled: (() => void) | undefined
    const server = await serve(async peer => {
      await asked(peer)
      peer.socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`)
      while (sent < total) {
        sent += block.length
        if (peer.socket.write(block)) continue
        stalled?.()
        await new Promise(resolve => peer.socket.once('drain', resolve))
      }
    })
    const full = new Promise<void>(resolve => {
      stalled = resolve
    })
    const got = await begun(server.origin, network)
    await full
    for (let before = -1; before !== sent; ) {
      before = sent
      for (let turn = 0; turn < 50; turn += 1) await new Promise(resolve => setImmediate(resolve))
    }
    // What the two kernels hold for the sockets, not what was sent.
    expect(sent).toBeLessThan(20 * MIB)
    let bytes = 0
    for (let piece = await got.read(); piece !== 'done'; piece = await got.read()) {
      if ('type' in piece) throw new Error(JSON.stringify(piece))
      bytes += piece.length
    }
    expect(bytes).toBe(total)
  })
})

describe('a packed answer, though none was asked for', () => {
  const text = JSON.stringify({ text: 'hello '.repeat(1_000) })
  const CODINGS = [
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['GZIP', gzipSync(text)],
    ['identity', Buffer.from(text)],
  ] as const

  const packed = (coding: string, bytes: Buffer) => reply(bytes.toString('latin1'), `content-encoding: ${coding}\r\n`)

  test.each([...CODINGS])('%s', async (coding, bytes) => {
    const server = await serve(answering(packed(coding, bytes)))
    expect(await textOf(await sendTo(server.origin, network))).toBe(text)
    expect(await drained(await begun(server.origin, network))).toEqual({ text, end: 'done' })
  })

  test.each([
    ['damaged', 'gzip', Buffer.from('this is not gzip'), /damaged/],
    ['incomplete', 'gzip', gzipSync(text).subarray(0, 40), /incomplete/],
    ['of an unknown kind', 'compress', Buffer.from(text), /not asked for/],
    ['packed twice', 'gzip, gzip', gzipSync(gzipSync(text)), /not asked for/],
    ['called like a part of every object', 'constructor', Buffer.from(text), /not asked for/],
  ])('%s', async (_, coding, bytes, why) => {
    const server = await serve(answering(packed(coding, bytes)))
    const { end } = await drained(await begun(server.origin, network))
    expect(whyOf(end)).toMatch(why)
  })

  test('cut in the middle is told as such', async () => {
    const server = await serve(async peer => {
      await asked(peer)
      peer.socket.end(packed('gzip', gzipSync(text)).slice(0, -10), 'latin1')
    })
    expect((await drained(await begun(server.origin, network))).end).toEqual({
      type: 'unreachable',
      why: 'the connection was closed by the other side',
      sent: true,
    })
  })

  test('that unpacks to 1 GiB is let go once it is too large', async () => {
    const bomb = gzipSync(Buffer.alloc(1024 * MIB))
    const server = await serve(answering(packed('gzip', bomb)))
    const before = process.memoryUsage.rss()
    const got = await begun(server.origin, network)
    expect(await got.whole(8 * MIB)).toBe('too large')
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MIB)
  })

  test('that is given up', async () => {
    const server = await serve(async peer => {
      await asked(peer)
      peer.socket.write(packed('gzip', gzipSync(text)).slice(0, -10), 'latin1')
    })
    const got = await begun(server.origin, network)
    const waiting = drained(got)
    await turnsUntil(() => server.peers.length === 1)
    got.cancel()
    expect((await waiting).end).toEqual({ type: 'cancelled' })
    await server.peers[0]?.gone
  })
})
