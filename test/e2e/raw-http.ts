import { connect } from 'node:net'

/** A connection on which a test writes whatever bytes it likes. */
export interface RawConnection {
  write(bytes: string | Uint8Array): void
  /** Everything that came back so far. */
  text(): string
  /** Resolves when what came back matches; rejects if the connection ends without it. */
  until(pattern: RegExp): Promise<void>
  /** Resolves with everything that came back, once the other side has closed. */
  readonly closed: Promise<string>
  /** Leaves without a word. */
  destroy(): void
}

/** Opens a connection to this machine. */
export function openRaw(port: number): RawConnection {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let over = false
  let waiters: (() => void)[] = []
  const wake = () => {
    const woken = waiters
    waiters = []
    for (const each of woken) each()
  }
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
    wake()
  })
  // Being cut off in the middle of writing is what some of these tests are about.
  socket.on('error', () => {})
  const closed = new Promise<string>(resolve => {
    socket.on('close', () => {
      over = true
      resolve(text)
      wake()
    })
  })
  return {
    write: bytes => void socket.write(bytes),
    text: () => text,
    async until(pattern) {
      while (!pattern.test(text)) {
        if (over) throw new Error(`the connection ended without ${pattern}: ${text.slice(0, 500)}`)
        await new Promise<void>(resolve => waiters.push(resolve))
      }
    },
    closed,
    destroy: () => void socket.destroy(),
  }
}

/** What a raw answer begins with, and its body read as JSON where it is. */
export interface RawAnswer {
  readonly status: number
  readonly text: string
}

/** Sends bytes and takes what comes until the other side closes. */
export async function exchange(port: number, request: string): Promise<RawAnswer> {
  const connection = openRaw(port)
  connection.write(request)
  const text = await connection.closed
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text }
}

/** A request as text. `Connection: close` makes its end visible. */
export function requestText(line: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const all = {
    connection: 'close',
    ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}
