import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { type Identity, makeAuthority, makeSelfSigned } from './certificates.ts'
import { answering, type Peer, type RawServer, reply, requestsIn, startRaw } from './raw-server.ts'
import { begun, drained, plainNetwork, sendTo, textOf, whyOf } from './sending.ts'

const DAY_MS = 86_400_000
const HERE = ['localhost', '127.0.0.1']
const authority = makeAuthority()
const stranger = makeAuthority('Another authority')
const impostor = makeAuthority()
const good = authority.issue({ names: HERE })

const servers: RawServer[] = []
async function serve(tls: Identity, how: (peer: Peer) => unknown = answering(reply('ok'))): Promise<RawServer> {
  const server = await startRaw(how, { tls })
  servers.push(server)
  return server
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop()))
})

const trusting = () => plainNetwork({}, authority.cert)

describe('a server whose certificate is good', () => {
  test.each(HERE)('is asked, as %s, by HTTP/1.1, over one connection', async name => {
    const server = await serve(good)
    const network = trusting()
    const origin = `https://${name}:${server.port}`
    for (let call = 0; call < 3; call += 1) {
      expect(await textOf(await sendTo(origin, network))).toBe('ok')
      for (let turn = 0; turn < 4; turn += 1) await new Promise(resolve => setImmediate(resolve))
    }
    expect(server.peers.map(peer => requestsIn(peer.text()))).toEqual([3])
    const socket = server.peers[0]?.socket as TLSSocket | undefined
    expect(socket?.alpnProtocol).toBe('http/1.1')
    network.close()
  })

  test('takes a large request, and gives a large answer', async () => {
    const server = await serve(good, answering(reply('y'.repeat(4_000_000))))
    const network = trusting()
    const got = await begun(server.origin, network, { body: 'x'.repeat(4_000_000) })
    const { text, end } = await drained(got)
    expect([text.length, end]).toEqual([4_000_000, 'done'])
    expect(server.peers[0]?.text().endsWith('x'.repeat(4_000_000))).toBe(true)
    network.close()
  })

  test('is let go at once by cancel', async () => {
    const server = await serve(good, answering('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello'))
    const got = await begun(server.origin, trusting())
    got.cancel()
    await server.peers[0]?.gone
    expect(await got.read()).toEqual({ type: 'cancelled' })
  })

  test('that breaks off is not done', async () => {
    const server = await serve(good, async peer => {
      await peer.until(text => requestsIn(text) > 0)
      peer.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello')
    })
    const { text, end } = await drained(await begun(server.origin, trusting()))
    expect([text, whyOf(end)]).toEqual(['hello', 'the connection was closed by the other side'])
  })
})

describe('a server that cannot prove who it is gets not a byte of the request', () => {
  const past = { from: new Date(Date.now() - 3 * DAY_MS), until: new Date(Date.now() - DAY_MS) }
  const future = { from: new Date(Date.now() + DAY_MS), until: new Date(Date.now() + 3 * DAY_MS) }
  const ROWS: readonly (readonly [string, Identity, string])[] = [
    ['expired', authority.issue({ names: HERE, ...past }), 'the TLS certificate has expired'],
    ['not valid yet', authority.issue({ names: HERE, ...future }), 'the TLS certificate is not valid yet'],
    ['self-signed', makeSelfSigned({ names: HERE }), 'the TLS certificate is self-signed'],
    ['of another name', authority.issue({ names: ['other.example'] }), 'the TLS certificate belongs to another name'],
    [
      'of a name that begins alike',
      authority.issue({ names: ['localhost.evil.example'] }),
      'the TLS certificate belongs to another name',
    ],
    [
      'of an authority that only has the name',
      impostor.issue({ names: HERE }),
      'the TLS certificate could not be verified',
    ],
    ['of another authority', stranger.issue({ names: HERE }), 'the TLS certificate could not be verified'],
  ]

  test.each([...ROWS])('%s', async (_, identity, why) => {
    const server = await serve(identity)
    for (const name of HERE) {
      expect(whyOf(await sendTo(`https://${name}:${server.port}`, trusting()))).toBe(why)
    }
    await Promise.all(server.peers.map(peer => peer.gone))
    expect(server.peers.map(peer => peer.text()).join('')).toBe('')
  })

  test('of an address, asked by another', async () => {
    const server = await serve(authority.issue({ names: ['127.0.0.2'] }))
    expect(whyOf(await sendTo(server.origin, trusting()))).toBe('the TLS certificate belongs to another name')
  })

  test('one that does not speak TLS at all', async () => {
    const plain = await startRaw(answering(reply('ok')))
    servers.push(plain)
    const got = await sendTo(`https://127.0.0.1:${plain.port}`, trusting(), { timeouts: { connectMs: 200 } })
    expect('type' in got && got.type !== 'cancelled').toBe(true)
    expect(plain.peers[0]?.text()).not.toContain('POST')
  })

  test('one that accepts and then says nothing: connect runs out', async () => {
    const silent = await startRaw(() => {})
    servers.push(silent)
    const got = await sendTo(`https://127.0.0.1:${silent.port}`, trusting(), { timeouts: { connectMs: 60 } })
    expect(got).toMatchObject({ type: 'timeout', timer: 'connect' })
    await silent.peers[0]?.gone
    expect(silent.peers[0]?.text()).not.toContain('POST')
  })
})

test('an authority named in the environment is trusted, as by the runtime’s own client', async () => {
  const server = await serve(good)
  const folder = mkdtempSync(join(tmpdir(), 'candor-tls-'))
  const file = join(folder, 'ca.pem')
  writeFileSync(file, authority.cert)
  const sending = new URL('sending.ts', import.meta.url).pathname
  const program = `const { sendTo, plainNetwork, textOf } = await import(${JSON.stringify(sending)});
    for (const network of [plainNetwork(), undefined]) console.log(await textOf(await sendTo(${JSON.stringify(server.origin)}, network)));
    process.exit()`
  const run = (env: Readonly<Record<string, string>>) =>
    new Promise<string>(resolve => {
      const child = Bun.spawn([process.execPath, '-e', program], { env, stdout: 'pipe', stderr: 'inherit' })
      void new Response(child.stdout).text().then(resolve)
    })
  const path = process.env['PATH'] ?? ''
  expect(await run({ PATH: path, NODE_EXTRA_CA_CERTS: file })).toBe('ok\nok\n')
  const refused = '{"type":"unreachable","why":"the TLS certificate could not be verified"}\n'
  expect(await run({ PATH: path })).toBe(refused + refused)
  rmSync(folder, { recursive: true })
})
