import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { openLatch } from '../../src/base/latch.ts'
import type { Broken } from '../../src/upstream/send.ts'
import { answering, type Peer, type RawServer, reply, requestsIn, startRaw } from './raw-server.ts'
import { begun, drained, plainNetwork, sendTo, textOf, turnsUntil } from './sending.ts'

/** What both clients do alike: the one over connections of our own, and the runtime's, which is used where a proxy may stand between. */
const network = plainNetwork()
const CLIENTS = [
  { client: 'direct', network },
  { client: 'fetch', network: undefined },
] as const

const servers: RawServer[] = []
async function serve(how: (peer: Peer) => unknown): Promise<RawServer> {
  const server = await startRaw(how)
  servers.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop()))
})
afterAll(() => network.close())

const STREAM = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

/** Sends these bytes for every request, then does something. */
const saying = (bytes: string, then: (peer: Peer) => unknown) => async (peer: Peer) => {
  await peer.until(text => requestsIn(text) > 0)
  peer.socket.write(bytes, 'latin1', () => then(peer))
}
const nothing = () => {}
const reset = (peer: Peer) => void peer.socket.resetAndDestroy()
const close = (peer: Peer) => void peer.socket.end()

describe.each(CLIENTS)('a request by $client', ({ network }) => {
  test('arrives, and its answer comes back', async () => {
    const server = await serve(answering(reply('hello', 'x-request-id: 7\r\n')))
    const got = await begun(server.origin, network, { path: '/v1/x?y=1', headers: { 'x-title': 'T' }, body: '{"a":1}' })
    expect([got.status, got.headers.get('x-request-id')]).toEqual([200, '7'])
    expect(await drained(got)).toEqual({ text: 'hello', end: 'done' })
    expect(await got.read()).toBe('done')
    const sent = server.peers[0]?.text() ?? ''
    expect(sent).toStartWith('POST /v1/x?y=1 HTTP/1.1\r\n')
    expect(sent).toMatch(new RegExp(`\\r\\nhost: 127\\.0\\.0\\.1:${server.port}\\r\\n`, 'i'))
    expect(sent).toMatch(/\r\nx-title: T\r\n/)
    expect(sent).toMatch(/\r\ncontent-length: 7\r\n/i)
    expect(sent).toEndWith('\r\n\r\n{"a":1}')
  })

  test('by GET carries no body', async () => {
    const server = await serve(answering(reply('list')))
    expect(await textOf(await sendTo(server.origin, network, { method: 'GET' }))).toBe('list')
    const sent = server.peers[0]?.text() ?? ''
    expect(sent).toStartWith('GET /v1/chat HTTP/1.1\r\n')
    expect(sent).toEndWith('\r\n\r\n')
    expect(sent).not.toMatch(/content-length/i)
  })

  test('of 8 MiB arrives whole', async () => {
    const server = await serve(answering(reply('ok')))
    const body = `"${'x'.repeat(8 * 1024 * 1024)}"`
    expect(await textOf(await sendTo(server.origin, network, { body }))).toBe('ok')
    expect(server.peers[0]?.text().endsWith(`\r\n\r\n${body}`)).toBe(true)
  })

  test('is not sent with a line break in a header', async () => {
    const server = await serve(answering(reply('ok')))
    const got = await sendTo(server.origin, network, { headers: { a: 'b\r\nx: y' } })
    expect(got).toMatchObject({ type: 'unreachable' })
    expect(JSON.stringify(got)).not.toContain('x: y')
    expect(server.peers.map(peer => peer.text()).join('')).toBe('')
  })

  test.each([301, 302, 303, 307, 308])('is not sent on after a redirect (%i)', async status => {
    const elsewhere = await serve(answering(reply('no')))
    const server = await serve(
      answering(`HTTP/1.1 ${status} Moved\r\nlocation: ${elsewhere.origin}/\r\ncontent-length: 0\r\n\r\n`),
    )
    expect((await begun(server.origin, network)).status).toBe(status)
    expect(elsewhere.peers).toHaveLength(0)
  })

  test.each([
    ['a length', reply('hello')],
    ['chunks', `${STREAM}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`],
    ['the connection’s end', 'HTTP/1.1 200 OK\r\n\r\nhello'],
    ['interim answers before it', `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(50)}${reply('hello')}`],
  ])('has its answer read: %s', async (_, bytes) => {
    const server = await serve(saying(bytes, close))
    expect(await textOf(await sendTo(server.origin, network))).toBe('hello')
    expect(await drained(await begun(server.origin, network))).toEqual({ text: 'hello', end: 'done' })
  })

  test('has an answer that is too large let go', async () => {
    const server = await serve(saying(`${STREAM}5\r\nhello\r\n5\r\nworld\r\n`, nothing))
    const got = await begun(server.origin, network)
    expect(await got.whole(7)).toBe('too large')
    await server.peers[0]?.gone
  })
})

describe.each(CLIENTS)('an answer that breaks off, by $client', ({ network }) => {
  test.each([
    ['before its first byte, reset', '', reset],
    ['before its first byte, closed', '', close],
    ['in its head, closed', 'HTTP/1.1 200 OK\r\ncontent-le', close],
  ])('%s', async (_, bytes, then) => {
    const server = await serve(saying(bytes, then))
    expect(await sendTo(server.origin, network)).toMatchObject({ type: 'unreachable' })
  })

  test.each([
    ['a length, closed', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello', close],
    ['a length, reset', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello', reset],
    ['chunks, closed between two', `${STREAM}5\r\nhello\r\n`, close],
    ['chunks, closed in one', `${STREAM}9\r\nhello`, close],
    ['chunks, reset', `${STREAM}5\r\nhello\r\n`, reset],
    ['chunks, damaged', `${STREAM}5\r\nhello\r\nno size\r\n`, nothing],
  ])('%s: is never done', async (_, bytes, then) => {
    const server = await serve(saying(bytes, then))
    const got = await sendTo(server.origin, network)
    const end = 'type' in got ? got : (await drained(got)).end
    expect(end).toMatchObject({ type: 'unreachable' })
    const again = await sendTo(server.origin, network)
    const whole = 'type' in again ? again : await again.whole(1_000)
    expect(whole).toMatchObject({ type: 'unreachable' })
  })
})

describe.each(CLIENTS)('an answer that is given up, by $client', ({ network }) => {
  const stream = saying(`${STREAM}5\r\nhello\r\n`, nothing)

  test('cancel ends the connection at once, and every read from then on', async () => {
    const server = await serve(stream)
    const got = await begun(server.origin, network)
    expect(await got.read()).toEqual(new TextEncoder().encode('hello'))
    const waiting = got.read()
    got.cancel()
    got.cancel()
    expect(await waiting).toEqual({ type: 'cancelled' })
    expect(await got.read()).toEqual({ type: 'cancelled' })
    await server.peers[0]?.gone
  })

  test.each(['before', 'behind'])('the client leaves %s the head', async when => {
    const server = await serve(when === 'before' ? nothing : stream)
    const leaving = new AbortController()
    const sent = sendTo(server.origin, network, { leaving })
    if (when === 'before') await turnsUntil(() => requestsIn(server.peers[0]?.text() ?? '') > 0)
    else await sent
    leaving.abort()
    const got = await sent
    expect('type' in got ? got : await readToEnd(got.read.bind(got))).toEqual({ type: 'cancelled' })
    await server.peers[0]?.gone
  })

  test('one who has left already is noticed once it lasts', async () => {
    const server = await serve(nothing)
    const leaving = { signal: AbortSignal.abort() }
    expect(await sendTo(server.origin, network, { leaving })).toEqual({ type: 'cancelled' })
    await server.peers[0]?.gone
  })

  test('the gateway’s closing ends it, unless its reader minds that', async () => {
    const server = await serve(stream)
    const closing = openLatch()
    const [ended, minded] = await Promise.all([
      begun(server.origin, network, { closing }),
      begun(server.origin, network, { closing }),
    ])
    minded.outliveClosing()
    await Promise.all([ended.read(), minded.read()])
    const [first, second] = [ended.read(), minded.read()]
    closing.trip()
    expect(await first).toEqual({ type: 'cancelled' })
    minded.cancel()
    expect(await second).toEqual({ type: 'cancelled' })
  })

  test.each([
    ['first byte', '', { firstByteMs: 60 }],
    ['first byte', STREAM, { firstByteMs: 60 }],
    ['idle', `${STREAM}5\r\nhello\r\n`, { idleMs: 60 }],
    ['total', `${STREAM}5\r\nhello\r\n`, { totalMs: 60 }],
    ['total', '', { totalMs: 60 }],
  ] as const)('%s runs out behind %j', async (timer, bytes, timeouts) => {
    const server = await serve(saying(bytes, nothing))
    const got = await sendTo(server.origin, network, { timeouts })
    const end = 'type' in got ? got : (await drained(got)).end
    expect(end).toMatchObject({ type: 'timeout', timer })
    await server.peers[0]?.gone
  })
})

async function readToEnd(read: () => Promise<Uint8Array | 'done' | Broken>): Promise<'done' | Broken> {
  for (;;) {
    const piece = await read()
    if (piece === 'done' || 'type' in piece) return piece
  }
}
