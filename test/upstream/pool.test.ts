import { afterEach, describe, expect, test } from 'bun:test'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { POOL_LIMITS } from '../../src/upstream/http1-pool.ts'
import { type Network, openNetwork } from '../../src/upstream/network.ts'
import { answering, type Peer, type RawServer, reply, requestsIn, startRaw } from './raw-server.ts'
import { begun, plainNetwork, sendTo, textOf, turnsUntil } from './sending.ts'

const open: { stop(): unknown }[] = []
async function serve(how: (peer: Peer) => unknown, host?: string): Promise<RawServer> {
  const server = await startRaw(how, host === undefined ? {} : { host })
  open.push(server)
  return server
}
function network(...limits: Parameters<typeof plainNetwork>): Network {
  const made = plainNetwork(...limits)
  open.push({ stop: () => made.close() })
  return made
}
afterEach(async () => {
  await Promise.all(open.splice(0).map(each => each.stop()))
})

/** One call after the other, each once the connection of the one before has come to rest. */
async function inTurn(origin: string, over: Network, count: number): Promise<string[]> {
  const texts: string[] = []
  for (let call = 0; call < count; call += 1) {
    texts.push(await textOf(await sendTo(origin, over)))
    await rested()
  }
  return texts
}

/** What a connection needs before it may be used again. */
async function rested(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise(resolve => setImmediate(resolve))
}

const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'

describe('a connection is used again', () => {
  test.each([
    ['behind a length', reply('ok')],
    ['behind chunks', CHUNKED],
    ['behind trailers', CHUNKED.replace('0\r\n\r\n', '0\r\na: b\r\n\r\n')],
    ['behind an error', reply('ok').replace('200 OK', '500 Bad')],
  ])('%s', async (_, bytes) => {
    const server = await serve(answering(bytes))
    expect(await inTurn(server.origin, network(), 4)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(server.peers.map(peer => requestsIn(peer.text()))).toEqual([4])
  })

  test.each([
    ['told to close', reply('ok', 'connection: close\r\n')],
    ['of HTTP/1.0', reply('ok').replace('HTTP/1.1', 'HTTP/1.0')],
    ['with bytes behind the answer', `${reply('ok')}x`],
    ['with a second answer', reply('ok') + reply('no')],
    ['kept for less than a second', reply('ok', 'keep-alive: timeout=1\r\n')],
  ])('but not one %s', async (_, bytes) => {
    const server = await serve(answering(bytes))
    expect(await inTurn(server.origin, network(), 3)).toEqual(['ok', 'ok', 'ok'])
    expect(server.peers.map(peer => requestsIn(peer.text()))).toEqual([1, 1, 1])
    await Promise.all(server.peers.map(peer => peer.gone))
  })

  test('but not one whose answer was given up', async () => {
    const server = await serve(answering(`${CHUNKED.slice(0, -7)}`))
    const over = network()
    const got = await begun(server.origin, over)
    got.cancel()
    await server.peers[0]?.gone
    await begun(server.origin, over)
    expect(server.peers).toHaveLength(2)
  })

  test('but not one that speaks unasked while it waits', async () => {
    const server = await serve(answering(reply('ok')))
    const over = network()
    await inTurn(server.origin, over, 1)
    server.peers[0]?.socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n')
    await server.peers[0]?.gone
    expect(await inTurn(server.origin, over, 1)).toEqual(['ok'])
  })

  test('by another origin only if it is its own', async () => {
    const [one, two] = await Promise.all([serve(answering(reply('1'))), serve(answering(reply('2')))])
    const over = network()
    for (const { origin } of [one, two, one, two]) await inTurn(origin, over, 1)
    expect([one, two].map(server => server.peers.map(peer => requestsIn(peer.text())))).toEqual([[2], [2]])
  })
})

describe('what waits is bounded', () => {
  test.each([
    ['for one origin', { idlePerOriginMax: 2 }, 2],
    ['for all together', { idleMax: 3 }, 3],
  ])('%s', async (_, limits, kept) => {
    const server = await serve(answering(reply('ok')))
    const over = network(limits)
    await Promise.all(Array.from({ length: 6 }, async () => textOf(await sendTo(server.origin, over))))
    let gone = 0
    for (const peer of server.peers) void peer.gone.then(() => (gone += 1))
    await turnsUntil(() => gone === 6 - kept)
    await rested()
    expect([server.peers.length, gone]).toEqual([6, 6 - kept])
    // Those that were kept are of use.
    await Promise.all(Array.from({ length: kept }, async () => textOf(await sendTo(server.origin, over))))
    expect(server.peers).toHaveLength(6)
  })

  test('in time: by the pool’s limit, and by what the other side told', async () => {
    let offsetMs = 0
    const due: (() => void)[] = []
    const clock: Clock = {
      ...systemClock,
      monotonicMs: () => systemClock.monotonicMs() + offsetMs,
      after(_, fire) {
        due.push(fire)
        return () => {}
      },
    }
    const server = await serve(answering(reply('ok', 'keep-alive: timeout=5\r\n')))
    const over = openNetwork({ clock, env: {}, limits: { ...POOL_LIMITS, idleMs: 60_000 } })
    await inTurn(server.origin, over, 1)
    offsetMs = 4_500
    expect(await inTurn(server.origin, over, 1)).toEqual(['ok'])
    await server.peers[0]?.gone
    expect(server.peers).toHaveLength(2)
    offsetMs = 70_000
    for (const fire of due) fire()
    await server.peers[1]?.gone
  })

  test('by closing the network', async () => {
    const server = await serve(answering(reply('ok')))
    const over = network()
    await inTurn(server.origin, over, 1)
    const got = await begun(server.origin, over)
    over.close()
    expect(await textOf(got)).toBe('ok')
    await Promise.all(server.peers.map(peer => peer.gone))
  })
})

describe('a kept connection that is gone', () => {
  test('is noticed while it waits', async () => {
    const server = await serve(answering(reply('ok')))
    const over = network()
    await inTurn(server.origin, over, 1)
    server.peers[0]?.socket.end()
    await server.peers[0]?.gone
    expect(await inTurn(server.origin, over, 1)).toEqual(['ok'])
    expect(server.peers).toHaveLength(2)
  })

  test('is not taken if the other side closed right behind its answer', async () => {
    const server = await serve(async peer => {
      await peer.until(text => requestsIn(text) === 1)
      peer.socket.end(reply('ok'))
    })
    const over = network()
    for (let call = 0; call < 20; call += 1) expect(await textOf(await sendTo(server.origin, over))).toBe('ok')
  })

  test('costs a new connection if not a byte could be written to it', async () => {
    const server = await serve(answering(reply('ok')))
    const over = network()
    await inTurn(server.origin, over, 1)
    const seen = server.peers[0]?.text()
    // Still in the same turn: the reset lies in the client's socket, and nobody has looked.
    server.peers[0]?.socket.resetAndDestroy()
    expect(await textOf(await sendTo(server.origin, over))).toBe('ok')
    expect([server.peers.length, server.peers[0]?.text()]).toEqual([2, seen])
  })

  /** Answers once; then takes the request, and leaves without a byte. */
  const fickle = async (peer: Peer) => {
    await peer.until(text => requestsIn(text) === 1)
    peer.socket.write(reply('ok'))
    await peer.until(text => requestsIn(text) === 2)
    peer.socket.destroy()
  }

  test('with a request on it that may have been answered fails the call: a POST is not sent twice', async () => {
    const server = await serve(fickle)
    const over = network()
    await inTurn(server.origin, over, 1)
    expect(await sendTo(server.origin, over)).toMatchObject({ type: 'unreachable' })
    expect(server.peers.map(peer => requestsIn(peer.text()))).toEqual([2])
  })

  test('with a GET on it is replaced, once', async () => {
    const server = await serve(fickle)
    const over = network()
    await inTurn(server.origin, over, 1)
    expect(await textOf(await sendTo(server.origin, over, { method: 'GET' }))).toBe('ok')
    expect(server.peers.map(peer => requestsIn(peer.text()))).toEqual([2, 1])
  })

  test('with part of an answer to a GET on it is not', async () => {
    const server = await serve(async peer => {
      await peer.until(text => requestsIn(text) === 1)
      peer.socket.write(reply('ok'))
      await peer.until(text => requestsIn(text) === 2)
      peer.socket.end('HTTP/1.1 200')
    })
    const over = network()
    await inTurn(server.origin, over, 1)
    expect(await sendTo(server.origin, over, { method: 'GET' })).toMatchObject({ type: 'unreachable' })
    expect(server.peers).toHaveLength(1)
  })
})
