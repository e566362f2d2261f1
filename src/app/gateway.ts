import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { VERSION } from '../base/version.ts'
import { listen } from '../http/serve.ts'
import type { App, AppFault, AppOptions, GatewayNote } from './app.ts'
import { type Assembly, assemble, hostsOf } from './assemble.ts'
import { watchConfig } from './config/watch.ts'
import type { Laid } from './foundations.ts'
import { gatewayNotePath } from './gateway-note.ts'
import { refuseOpenDoor } from './open-door.ts'

/** A gateway that listens. */
export interface Gateway extends App {
  readonly url: string
  /** Calls running now. */
  inFlight(): number
  /** The log; `jsonLog`: one JSON object a line. */
  readonly log: Pick<Laid, 'say' | 'flush' | 'jsonLog'>
  /** Stops accepting, lets running calls finish within `gateway.drainMs`, ends the rest with a spoken ending, and closes. */
  drain(): Promise<void>
}

/** Opens the gateway on its address. `host` and `port` win over the configuration. */
export async function openGateway(
  options: AppOptions & { readonly host?: string; readonly port?: number },
): Promise<Gateway | AppFault> {
  const made = await assemble(options)
  if ('kind' in made) return made
  const settings = made.config().gateway
  const host = options.host ?? settings.host
  const refused = refuseOpenDoor(host, made.keys().required() ? 1 : 0)
  made.listenOn(host)
  const server = refused ?? start(made, host, options.port ?? settings.port)
  if (isFault(server)) {
    await made.ledger.close()
    await made.log.close()
    return server
  }
  if (made.interrupted > 0) {
    made.log.say({
      level: 'warn',
      message: `${made.interrupted} calls were running when Candor last stopped; they are marked as interrupted.`,
    })
  }
  const unwatch = options.configText === undefined ? watch(made) : () => {}
  const note = gatewayNotePath(made.paths.dataDir)
  await writeNote(
    note,
    {
      pid: process.pid,
      url: fromThisMachine(server.url),
      startedAt: new Date().toISOString(),
      version: VERSION,
      adminToken: made.adminToken.reveal(),
    },
    made,
  )
  const close = async () => {
    unwatch()
    made.startDraining()
    made.endRunning()
    await server.close()
    await made.ledger.close()
    await made.log.close()
    await rm(note, { force: true })
  }
  return {
    paths: made.paths,
    house: made.house,
    ledger: made.ledger,
    knowledge: made.knowledge,
    adminToken: made.adminToken,
    status: made.status,
    url: server.url,
    inFlight: () => server.inFlight.count,
    log: made.log,
    handle: server.handle,
    close,
    async drain() {
      made.startDraining()
      const delivered = server.stopAccepting()
      await finishOr(server.inFlight.empty(), made.config().gateway.drainMs, made)
      made.endRunning()
      // A call has ended when its receipt is closed; its last bytes still have to reach the client.
      await finishOr(Promise.all([server.inFlight.empty(), delivered]), LAST_BYTES_MS, made)
      await close()
    },
  }
}

/** How this machine itself calls a gateway that listens on all addresses: `0.0.0.0` is no name the gateway answers to. */
export function fromThisMachine(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
}

/** Time for the last bytes and spoken endings to reach their clients, in milliseconds. */
const LAST_BYTES_MS = 2_000

function start(made: Assembly, host: string, port: number) {
  let handle: ((request: Request) => Promise<Response>) | undefined
  const server = listen({ host, port }, made.clock, bound => {
    made.setInFlight(bound.inFlight)
    handle = made.handler(bound.inFlight, hostsOf(made, bound))
    return handle
  })
  if ('what' in server) return { kind: 'absent', text: `${server.what}\n  fix: ${server.fix}` } as const
  return {
    ...server,
    handle: (request: Request) => handle?.(request) ?? Promise.resolve(new Response(null, { status: 503 })),
  }
}

function isFault(value: object): value is AppFault {
  return 'kind' in value
}

function watch(made: Assembly): () => void {
  const file = made.paths.configFile
  const onChange = () => {
    made.reload().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : 'unknown'
      made.log.say({ level: 'error', message: `The configuration could not be reloaded: ${why}` })
    })
  }
  const onGone = () => {
    made.log.say({
      level: 'warn',
      message: `${file} is gone. The configuration it held stays in force until a new one is there.`,
    })
  }
  return watchConfig(file, made.clock, onChange, onGone)
}

async function finishOr(done: Promise<unknown>, withinMs: number, made: Assembly): Promise<void> {
  let cancel = () => {}
  const late = new Promise<void>(resolve => {
    cancel = made.clock.after(withinMs, resolve)
  })
  await Promise.race([done, late])
  cancel()
}

async function writeNote(path: string, note: GatewayNote, made: Assembly): Promise<void> {
  try {
    const fresh = `${path}.${note.pid}`
    await writeFile(fresh, `${JSON.stringify(note)}\n`, { mode: 0o600 })
    await chmod(fresh, 0o600)
    await rename(fresh, path)
  } catch {
    made.log.say({ level: 'warn', message: `Other commands will not find this gateway: ${path} cannot be written.` })
  }
}
