import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

/** One connection as the server sees it. */
export interface Peer {
  readonly socket: Socket
  /** Everything the client has sent so far, as latin1 text. */
  text(): string
  /** Resolves when that text fits; rejects if the client is gone without it. */
  until(fits: (text: string) => boolean): Promise<void>
  /** Resolves when the client is gone. */
  readonly gone: Promise<void>
}

/** A server that speaks whatever bytes a test wants. */
export interface RawServer {
  readonly port: number
  readonly origin: string
  readonly peers: readonly Peer[]
  stop(): Promise<void>
}

/** How it listens. */
export interface RawServerOptions {
  readonly host?: string
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** Starts one. `serve` is called for every connection. */
export async function startRaw(serve: (peer: Peer) => unknown, options: RawServerOptions = {}): Promise<RawServer> {
  const { host = '127.0.0.1', tls } = options
  const peers: Peer[] = []
  const accept = (socket: Socket) => {
    const peer = watch(socket)
    peers.push(peer)
    // A script ends where its client leaves; what a test is about shows in what the client got.
    Promise.try(serve, peer).catch(() => {})
  }
  const server: Server =
    tls === undefined ? createServer(accept) : createTlsServer({ ...tls, ALPNProtocols: ['http/1.1'] }, accept)
  server.on('tlsClientError', () => {})
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const name = host.includes(':') ? `[${host}]` : host
  return {
    port,
    origin: `${tls === undefined ? 'http' : 'https'}://${name}:${port}`,
    peers,
    async stop() {
      for (const { socket } of peers) socket.destroy()
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

function watch(socket: Socket): Peer {
  let text = ''
  let over = false
  let waiters: (() => void)[] = []
  const wake = () => {
    const woken = waiters
    waiters = []
    for (const each of woken) each()
  }
  socket.setNoDelay(true)
  socket.on('data', bytes => {
    text += bytes.toString('latin1')
    wake()
  })
  // Being cut off is what many of these tests are about.
  socket.on('error', () => {})
  const gone = new Promise<void>(resolve => {
    socket.on('close', () => {
      over = true
      resolve()
      wake()
    })
  })
  return {
    socket,
    gone,
    text: () => text,
    async until(fits) {
      while (!fits(text)) {
        if (over) throw new Error(`the client left after ${text.length} bytes: ${text.slice(0, 300)}`)
        await new Promise<void>(resolve => waiters.push(resolve))
      }
    },
  }
}

/** How many whole requests stand in a text. */
export function requestsIn(text: string): number {
  let count = 0
  let rest = text
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return count
    const length = Number(/content-length: (\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0)
    if (rest.length < end + 4 + length) return count
    rest = rest.slice(end + 4 + length)
    count += 1
  }
}

/** Answers every request of every connection with the same bytes. */
export function answering(reply: string): (peer: Peer) => Promise<void> {
  return async peer => {
    for (let served = 1; ; served += 1) {
      await peer.until(text => requestsIn(text) >= served)
      peer.socket.write(reply, 'latin1')
    }
  }
}

/** A small answer with a length. */
export function reply(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`
}
