import type { Socket } from 'bun'
import type { Address } from './http1-request.ts'
import { CLOSED, codeOf } from './unreachable.ts'

/** Who uses a connection now, and is told what happens on it. */
export interface ConnectionUser {
  /** It stands: TCP, and for https a TLS session with the right host. Told once, to the one who opened it. */
  connected(): void
  /** Bytes came. They belong to the user. */
  received(bytes: Uint8Array): void
  /** There is room to write again. */
  drained(): void
  /** It is gone. The code says why; {@link CLOSED} if the other side closed it in order. */
  lost(code: string): void
}

/** Which certificates are trusted, where it is not the runtime's own choice (Mozilla's list and `NODE_EXTRA_CA_CERTS`). */
export interface Trust {
  /** Certificates of authorities in PEM form, instead of all others. */
  readonly ca?: string
}

/** Who keeps a connection that nobody uses. */
export interface Keeper {
  /** It is gone, or it spoke though nobody had asked, which makes it useless. */
  drop(connection: Connection): void
}

/** One TCP or TLS connection. It serves one user at a time. */
export class Connection {
  readonly address: Address
  /** Monotonic milliseconds until which it may wait for its next use. Kept here for the pool. */
  idleUntilMs = 0
  readonly #keeper: Keeper
  #user: ConnectionUser | undefined
  #socket: Socket<Connection> | undefined
  /** Bytes may be written: TCP stands, and for https the other side has proved who it is. */
  #ready = false
  #gone = false
  #paused = false

  private constructor(address: Address, user: ConnectionUser, keeper: Keeper) {
    this.address = address
    this.#keeper = keeper
    this.#user = user
  }

  /** Opens one. The user hears `connected` or `lost`, always later. */
  static open(address: Address, trust: Trust, user: ConnectionUser, keeper: Keeper): Connection {
    const connection = new Connection(address, user, keeper)
    void connection.#dial(trust)
    return connection
  }

  /** Nothing can be sent over it any more. */
  get isGone(): boolean {
    return this.#gone
  }

  /** Bytes the socket took of these, from `from` on. */
  write(bytes: Uint8Array, from: number): number {
    if (!this.#ready) return 0
    return Math.max(0, this.#socket?.write(bytes, from, bytes.length - from) ?? 0)
  }

  /** Receives nothing until {@link resume}; the other side is slowed by TCP. */
  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#socket?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket?.resume()
  }

  /** Nobody uses it from here on, and it does not keep the program running. */
  park(): void {
    this.#user = undefined
    this.resume()
    this.#socket?.unref()
  }

  /** From here on it is this one's. False if it is gone. */
  use(user: ConnectionUser): boolean {
    if (this.#gone) return false
    this.#user = user
    this.#socket?.ref()
    return true
  }

  /** Ends it now, whatever is under way; nobody is told. */
  destroy(): void {
    this.#gone = true
    this.#user = undefined
    this.#socket?.terminate()
  }

  /** For the handlers: the socket is there. */
  opened(socket: Socket<Connection>): void {
    this.#socket = socket
    if (this.#gone) socket.terminate()
    else if (!this.address.secure) this.#begin()
  }

  /** For the handlers: TLS has been agreed, or not. */
  agreed(verified: boolean, error: unknown): void {
    if (verified) this.#begin()
    else this.lose(codeOf(error) || 'a certificate nobody vouches for')
  }

  /** For the handlers. */
  receive(bytes: Uint8Array): void {
    if (this.#user === undefined) this.#keeper.drop(this)
    else this.#user.received(bytes)
  }

  /** For the handlers. */
  drain(): void {
    this.#user?.drained()
  }

  #begin(): void {
    this.#ready = true
    this.#user?.connected()
  }

  async #dial(trust: Trust): Promise<void> {
    const { hostname, port, secure } = this.address
    // Chain and name are verified by the runtime, by the rules of its own HTTP client; `handshake` tells the verdict.
    const tls = secure ? { ALPNProtocols: HTTP_1_1, ...trust } : false
    try {
      await Bun.connect({ hostname, port, tls, data: this, socket: HANDLERS })
    } catch (error) {
      this.lose(codeOf(error))
    }
  }

  /** For the handlers: no more comes. Only the first time counts. */
  lose(code: string): void {
    if (this.#gone) return
    const user = this.#user
    this.destroy()
    if (user === undefined) this.#keeper.drop(this)
    else user.lost(code)
  }
}

/** The one protocol offered in the TLS handshake, with its length before it as RFC 7301 §3.1 wants. */
const HTTP_1_1 = '\x08http/1.1'

/** One set for all sockets: what differs stands in each socket's {@link Connection}. */
const HANDLERS = {
  // Measured on Bun 1.4.5: every `data` gets an array of its own, which is never used again.
  binaryType: 'buffer' as const,
  open: (socket: Socket<Connection>) => socket.data.opened(socket),
  handshake: (socket: Socket<Connection>, verified: boolean, error: Error | null) =>
    socket.data.agreed(verified, error),
  data: (socket: Socket<Connection>, bytes: Uint8Array) => socket.data.receive(bytes),
  drain: (socket: Socket<Connection>) => socket.data.drain(),
  end: (socket: Socket<Connection>) => socket.data.lose(CLOSED),
  error: (socket: Socket<Connection>, error: Error) => socket.data.lose(codeOf(error)),
  close: (socket: Socket<Connection>, error?: Error) =>
    socket.data.lose(error === undefined || error === null ? CLOSED : codeOf(error)),
  // Told by the rejected promise as well; without this handler the runtime would report that as unhandled.
  connectError: () => {},
}
