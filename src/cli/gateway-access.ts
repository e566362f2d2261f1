import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App, AppFault, AppOptions, GatewayNote } from '../app/app.ts'
import { findPaths, PathError, type Paths } from '../app/config/paths.ts'
import { readGatewayNote } from '../app/gateway-note.ts'
import { OWN_USER_AGENT } from '../base/version.ts'
import type { Shell } from './shell.ts'
import { CliFault, type Desk, EXIT, type Given } from './verb.ts'

/** A gateway to ask: one that runs, or one opened in this process. Both answer the same. */
export interface Access {
  /** True if it runs on its own. */
  readonly running: boolean
  /** Where it is, for people. */
  readonly where: string
  /** Where it listens, if it runs on its own. */
  readonly url?: string
  /** Its process, if it runs on its own and its note was found. */
  readonly pid?: number
  /** Answers a request to `http://localhost`; Candor's own name and the gateway key are put on it. */
  handle(request: Request): Promise<Response>
  /** Whether clients have to show a gateway key. */
  asksForKey(): Promise<boolean>
  close(): Promise<void>
}

/** How a gateway is looked for. */
export interface AccessOptions {
  readonly url?: string | undefined
  /** With a file named, the gateway is opened here with that file, even if another one runs. */
  readonly config?: string | undefined
  /**
   * `kept`: calls are written to the ledger, if it can be had. `needed`: the command is of no use without it. `existing`: the same, but where there
   * is none, none is made: it would hold nothing. `none`: nothing is written outside a folder that is removed at the end.
   */
  readonly ledger: 'kept' | 'needed' | 'existing' | 'none'
}

/** The options of a verb that asks a gateway. */
export function accessOptions(given: Given, ledger: AccessOptions['ledger']): AccessOptions {
  return { url: given.text('url'), config: given.text('config'), ledger }
}

/** Time a gateway has to say that it lives, in milliseconds. */
const LIVE_WITHIN_MS = 1_000

/** Finds the running gateway, by `--url` or by its note in the data folder, else opens one in this process. Throws {@link CliFault}. */
export async function openAccess(options: AccessOptions, desk: Desk): Promise<Access> {
  const { url, config } = options
  const running = url === undefined && config !== undefined ? undefined : await runningAccess(url, desk)
  return running ?? (await inProcess(options, desk))
}

/** The gateway of `--url`, else the one that runs on this machine; undefined if none does. Throws {@link CliFault} if nobody answers at the URL. */
export async function runningAccess(
  url: string | undefined,
  { shell }: Pick<Desk, 'shell'>,
): Promise<Access | undefined> {
  if (url !== undefined) return await named(url, shell)
  const note = await findGateway(pathsOf(shell))
  if (note === undefined || !(await answers(note, shell))) return undefined
  return { ...remote(note.url, shell, note.adminToken), pid: note.pid }
}

/** Where the configuration and the data are. Throws a usage fault. */
export function pathsOf(shell: Shell, config?: string): Paths {
  const { env, cwd, home } = shell
  try {
    return findPaths({ env, cwd, home, ...(config === undefined ? {} : { flag: config }) })
  } catch (error) {
    if (error instanceof PathError) throw new CliFault(EXIT.usage, error.message)
    throw error
  }
}

/** What `openApp` and `openGateway` want of the process. */
export function appOptions(desk: Desk, config?: string): AppOptions {
  const { env, cwd, home } = desk.shell
  return {
    env,
    cwd,
    home,
    ...(config === undefined ? {} : { configFlag: config }),
    log({ level, message }) {
      if (level === 'info') desk.print.note(message)
      else if (level === 'warn') desk.print.warn(message)
      else desk.print.error(message)
    },
  }
}

/** Opens something of the app; a fault becomes a {@link CliFault}. */
export async function opened<T extends object>(opening: Promise<T | AppFault>): Promise<T> {
  const made = await opening.catch(async (error: unknown) => {
    const { MissingGatewayKey } = await import('../app/config/resolve.ts')
    if (error instanceof MissingGatewayKey) return { kind: 'usage', text: error.message } as const
    throw error
  })
  if (!isFault(made)) return made
  throw new CliFault(made.kind === 'usage' ? EXIT.usage : EXIT.absent, made.text)
}

function isFault(made: object): made is AppFault {
  return 'kind' in made && 'text' in made
}

/** Loaded only where it is needed: it is most of the program, and a command that asks a running gateway answers at once without it. */
async function assembled(options: AppOptions): Promise<App | AppFault> {
  const { openApp } = await import('../app/assemble.ts')
  return await openApp(options)
}

/** Opens an app whose data folder is made for it and removed with it: nothing of the user's is written. */
export async function openAside(options: AppOptions): Promise<App> {
  const folder = await mkdtemp(join(tmpdir(), 'candor-'))
  // Ctrl-C ends the program in the middle of whatever it does.
  const atExit = () => rmSync(folder, { recursive: true, force: true })
  process.on('exit', atExit)
  const remove = async () => {
    process.off('exit', atExit)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const app = await opened(assembled({ ...options, env: { ...options.env, CANDOR_HOME: folder } }))
    return {
      ...app,
      async close() {
        await app.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** What the gateway of this data folder has written about itself; undefined if there is nothing readable. */
export function findGateway(paths: Paths): Promise<GatewayNote | undefined> {
  return readGatewayNote(paths.dataDir)
}

/** True if the gateway of the note is there: a note outlives a gateway that was killed. */
export async function answers(note: GatewayNote, shell: Shell): Promise<boolean> {
  return shell.isAlive(note.pid) && (await isLive(note.url, LIVE_WITHIN_MS))
}

async function isLive(url: string, withinMs: number): Promise<boolean> {
  try {
    const response = await fetch(`${url}/livez`, { redirect: 'manual', signal: AbortSignal.timeout(withinMs) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

const NAMED_WITHIN_MS = 5_000

async function named(text: string, shell: Shell): Promise<Access> {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new CliFault(EXIT.usage, `--url must be a URL such as http://127.0.0.1:8787, not "${text.slice(0, 100)}".`)
  const url = text.replace(/\/+$/, '').replace(/\/v1$/, '')
  if (await isLive(url, NAMED_WITHIN_MS)) return remote(url, shell)
  throw notThere(url)
}

function notThere(url: string): CliFault {
  return new CliFault(EXIT.absent, `No gateway answers at ${url}.`, { fix: ['Start one: candor serve'] })
}

function remote(url: string, shell: Shell, adminToken?: string): Access {
  return {
    running: true,
    where: `gateway at ${url}`,
    url,
    async handle(request) {
      const { pathname, search } = new URL(request.url)
      const body = request.method === 'GET' ? undefined : await request.text()
      const { method, signal } = request
      const headers = withOwnHeaders(request, shell, adminToken)
      try {
        return await fetch(url + pathname + search, {
          method,
          headers,
          signal,
          redirect: 'manual',
          ...(body === undefined ? {} : { body }),
        })
      } catch (error) {
        if (signal.aborted) throw error
        throw notThere(url)
      }
    },
    asksForKey: () => refusesKeyless(request => fetch(url + new URL(request.url).pathname, { redirect: 'manual' })),
    close: async () => {},
  }
}

async function refusesKeyless(handle: Access['handle']): Promise<boolean> {
  const response = await handle(requestTo('/v1/models'))
  await response.body?.cancel()
  return response.status === 401
}

/** Whoever may read the data folder needs no key; one that is named all the same is used, with its limits. */
function withOwnHeaders(request: Request, shell: Shell, adminToken = ''): Headers {
  const headers = new Headers(request.headers)
  headers.set('user-agent', OWN_USER_AGENT)
  const named = shell.env['CANDOR_KEY'] ?? ''
  const key = named === '' ? adminToken : named
  if (key !== '') headers.set('authorization', `Bearer ${key}`)
  return headers
}

async function inProcess({ config, ledger }: AccessOptions, desk: Desk): Promise<Access> {
  const options = appOptions(desk, config)
  const app = await openWith(ledger, options, desk)
  const token = app.adminToken?.reveal()
  return {
    running: false,
    where: 'no gateway runs; answered in this process',
    handle: request => app.handle(new Request(request, { headers: withOwnHeaders(request, desk.shell, token) })),
    // An app opened aside knows nothing of the keys in the user's own data folder, which a gateway would ask for.
    async asksForKey() {
      if (await refusesKeyless(app.handle)) return true
      const { readKeys } = await import('../ledger/open.ts')
      return readKeys(pathsOf(desk.shell, config).dataDir).asksForKey()
    },
    close: () => app.close(),
  }
}

async function openWith(ledger: AccessOptions['ledger'], options: AppOptions, desk: Desk): Promise<App> {
  if (ledger === 'none' || (ledger === 'existing' && !(await hasLedger(options, desk)))) return await openAside(options)
  return ledger === 'kept' ? await openKept(options, desk) : await opened(assembled(options))
}

async function hasLedger({ configFlag }: AppOptions, { shell }: Desk): Promise<boolean> {
  const { ledgerPath } = await import('../ledger/ledger-file.ts')
  return existsSync(ledgerPath(pathsOf(shell, configFlag).dataDir))
}

/** A ledger that another Candor holds does not keep a chat from going on; that its receipts are not kept is said. */
async function openKept(options: AppOptions, desk: Desk): Promise<App> {
  try {
    return await opened(assembled(options))
  } catch (error) {
    if (!(error instanceof CliFault) || error.exit !== EXIT.absent) throw error
    desk.print.warn(`The receipts of these calls are not kept.\n${error.message}`)
    return await openAside(options)
  }
}

/** A request for an {@link Access}: `GET`, or `POST` where there is a body. */
export function requestTo(
  path: string,
  init: { body?: object; method?: 'PATCH' | 'POST'; signal?: AbortSignal } = {},
): Request {
  const { body, method = body === undefined ? 'GET' : 'POST', signal } = init
  return new Request(`http://localhost${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
    headers: { 'content-type': 'application/json' },
  })
}
