import type { ConfigView, StatusView } from '../admin/contract.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { newToken } from '../base/ids.ts'
import { Secret } from '../base/secret.ts'
import { answer, type Knowledge } from '../http/answers.ts'
import { type HostList, hostList } from '../http/guard.ts'
import { type InFlight, openInFlight } from '../http/in-flight.ts'
import { openSessions } from '../http/session.ts'
import { openSurface } from '../http/surface.ts'
import { openLedger } from '../ledger/open.ts'
import type { LedgerStore } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import type { App, AppFault, AppOptions } from './app.ts'
import type { Config } from './config/config.ts'
import { showFault, showWarning } from './config/fault.ts'
import { checkText, loadConfig } from './config/load.ts'
import { findPaths, PathError, type Paths } from './config/paths.ts'
import { MissingGatewayKey, type ResolvedConfig, resolveConfig } from './config/resolve.ts'
import { openDashboardFiles } from './dashboard-files.ts'
import { openDoctor } from './doctor/running.ts'
import { type Laid, layFoundations, untilRestart } from './foundations.ts'
import { type Built, buildHouse, type OwnKeys } from './house.ts'
import type { KeyRing } from './key-ring.ts'
import { type KnownState, knowledgeOf } from './knowledge.ts'
import { refuseOpenDoor } from './open-door.ts'
import { restoreSums } from './restore-sums.ts'
import { withStandIn } from './stand-in.ts'

/** The one set of running parts: everything that is made is made here. */
export interface Assembly {
  readonly paths: Paths
  readonly clock: Clock
  readonly ledger: LedgerStore
  readonly knowledge: Knowledge
  /** Lets commands on this machine administrate the gateway. */
  readonly adminToken: Secret
  keys(): KeyRing
  config(): Config
  house(): House
  status(): StatusView
  /** Makes the function that answers requests, for the names it may be called by. */
  handler(inFlight: InFlight, hosts: () => HostList): (request: Request) => Promise<Response>
  /** Reads the configuration again; the old one stays in force if the new one is not good. */
  reload(): Promise<void>
  /** From now on no call is taken. */
  startDraining(): void
  /** Ends what still runs, with a spoken ending. */
  endRunning(): void
  /** The log, and the end of it. */
  readonly log: Pick<Laid, 'say' | 'flush' | 'close' | 'jsonLog'>
  /** Calls that a gateway killed before had left in flight. */
  readonly interrupted: number
  setInFlight(inFlight: InFlight): void
  /** The address the gateway listens on: a reload must not open its door. */
  listenOn(host: string): void
}

/** What of an assembly changes while it runs. */
interface State extends KnownState {
  house: House
  keys: KeyRing
  config: Config
  view: ConfigView
  draining: boolean
  inFlight: InFlight | undefined
  host: string | undefined
}

/** Opens Candor without a socket, for commands that need no server. */
export async function openApp(options: AppOptions): Promise<App | AppFault> {
  const made = await assemble(options)
  if ('kind' in made) return made
  const inFlight = openInFlight(made.clock, () => {})
  made.setInFlight(inFlight)
  const hosts: HostList = { hosts: new Set(['localhost']) }
  const handle = made.handler(inFlight, () => hosts)
  return {
    paths: made.paths,
    house: made.house,
    ledger: made.ledger,
    knowledge: made.knowledge,
    adminToken: made.adminToken,
    status: made.status,
    handle(request) {
      const headers = new Headers(request.headers)
      headers.set('host', 'localhost')
      return handle(new Request(request, { headers }))
    },
    async close() {
      made.endRunning()
      inFlight.stop()
      await made.ledger.close()
      await made.log.close()
    },
  }
}

/** Reads the configuration, opens the ledger and puts the parts together. */
export async function assemble(options: AppOptions): Promise<Assembly | AppFault> {
  const paths = pathsOf(options)
  if ('kind' in paths) return paths
  const loaded = await load(options, paths)
  if ('kind' in loaded) return loaded
  const clock = systemClock
  const opened = openLedger({ folder: paths.dataDir, clock })
  if (!opened.ok) {
    const { what, why, fix } = opened.refusal
    return { kind: 'absent', text: [what, `  why: ${why}`, ...fix.map(f => `  fix: ${f}`)].join('\n') }
  }
  const resolved = await resolve(loaded, options)
  if ('kind' in resolved) {
    await opened.store.close()
    return resolved
  }
  const startedAt = clock.now()
  let inFlight = () => 0
  const laid = layFoundations({
    clock,
    ledger: opened.store,
    resolved: resolved.resolved,
    options,
    dataDir: paths.dataDir,
    startedAt,
    inFlight: () => inFlight(),
  })
  const { foundations, metrics, live, quotaHistory } = laid
  const own: OwnKeys = { made: opened.keys, adminToken: new Secret(newToken()) }
  const ground: Ground = { options, paths, laid, own }
  const state: State = { ...settle(resolved, ground), draining: false, inFlight: undefined, host: undefined }
  inFlight = () => state.inFlight?.count ?? 0
  foundations.quotas.watch(state.house.directory.providers)
  for (const fault of await restoreSums(state.house, opened.keys, opened.store))
    laid.say({ level: 'warn', message: fault })
  const configFile = options.configText === undefined ? paths.configFile : undefined
  const { env } = options
  const knowledge = knowledgeOf({
    state: () => state,
    made: opened.keys,
    ledger: opened.store,
    metrics,
    live,
    quotaHistory,
    bodies: foundations.bodyStore,
    startedAt,
    configFile,
    sessions: openSessions(clock),
    dashboard: openDashboardFiles(laid.say),
    doctor: openDoctor({
      env,
      paths,
      ledger: opened.store,
      bodies: foundations.bodyStore,
      configFile,
      state: () => state,
    }),
  })
  return assemblyOf({ ground, state, knowledge, interrupted: opened.interrupted })
}

/** The assembly, for whoever opens it with a socket or without. */
function assemblyOf({
  ground,
  state,
  knowledge,
  interrupted,
}: {
  readonly ground: Ground
  readonly state: State
  readonly knowledge: Knowledge
  readonly interrupted: number
}): Assembly {
  const { paths, laid, own } = ground
  const { foundations } = laid
  const { clock } = foundations
  return {
    paths,
    clock,
    ledger: foundations.ledger,
    knowledge,
    adminToken: own.adminToken,
    keys: () => state.keys,
    interrupted,
    config: () => state.config,
    house: () => state.house,
    status: () => knowledge.status(),
    handler: (calls, hosts) => handlerOf({ state, knowledge, own, clock }, calls, hosts),
    reload: () => reload(state, ground),
    startDraining() {
      state.draining = true
    },
    endRunning() {
      laid.live.close()
      foundations.closing.trip()
      foundations.network.close()
    },
    log: laid,
    setInFlight(calls) {
      state.inFlight = calls
    },
    listenOn(host) {
      state.host = host
    },
  }
}

function pathsOf(options: AppOptions): Paths | AppFault {
  const { env, cwd, home, configFlag } = options
  try {
    return findPaths({ env, cwd, home, ...(configFlag === undefined ? {} : { flag: configFlag }) })
  } catch (error) {
    if (error instanceof PathError) return { kind: 'usage', text: error.message }
    throw error
  }
}

/** A configuration that was read. */
type Loaded = Pick<State, 'config' | 'view'>

async function load(options: AppOptions, paths: Paths): Promise<Loaded | AppFault> {
  const { configText } = options
  const result =
    configText === undefined
      ? await loadConfig({ file: paths.configFile, mustExist: paths.configNamed })
      : checkText(configText.text, configText.label)
  if (!result.ok) return { kind: 'usage', text: result.faults.map(showFault).join('\n\n') }
  const { config } = result
  const view: ConfigView = {
    ...(config.source.exists && configText === undefined ? { file: config.source.file } : {}),
    loadedAt: new Date().toISOString(),
    warnings: result.warnings.map(w => showWarning(w, config.source.file)),
  }
  return { config, view }
}

/** What stays the same over reloads. */
interface Ground {
  readonly options: AppOptions
  readonly paths: Paths
  readonly laid: Laid
  readonly own: OwnKeys
}

/** A configuration with all it refers to. */
interface Resolved extends Loaded {
  readonly resolved: ResolvedConfig
}

async function resolve({ config, view }: Loaded, { env, standIn }: AppOptions): Promise<Resolved | AppFault> {
  try {
    const found = await resolveConfig(config, env)
    const { resolved, warnings } =
      standIn === undefined ? { resolved: found, warnings: [] } : await withStandIn(found, standIn)
    return { config, view: { ...view, warnings: [...view.warnings, ...resolved.warnings, ...warnings] }, resolved }
  } catch (error) {
    if (error instanceof MissingGatewayKey) return { kind: 'usage', text: error.message }
    throw error
  }
}

function settle({ config, view, resolved }: Resolved, { laid, own }: Ground): Loaded & Built {
  return { config, view, ...buildHouse(resolved, laid.foundations, own) }
}

/** Built beside the running one, then swapped: calls in flight keep the house they began with. */
async function reload(state: State, ground: Ground): Promise<void> {
  const { options, paths, laid, own } = ground
  const loaded = await load(options, paths)
  const door =
    'kind' in loaded || state.host === undefined
      ? undefined
      : refuseOpenDoor(state.host, loaded.config.gateway.keys.length + (own.made.asksForKey() ? 1 : 0))
  const resolved = door ?? ('kind' in loaded ? loaded : await resolve(loaded, options))
  if ('kind' in resolved) {
    const refused = resolved.text
    state.view = { ...state.view, refused }
    laid.say({
      level: 'error',
      message: `The configuration was not reloaded; the old one stays in force.\n${refused}`,
    })
    return
  }
  const settled = settle(resolved, ground)
  const late = untilRestart(state.config, settled.config)
  state.house = settled.house
  state.keys = settled.keys
  laid.foundations.quotas.watch(settled.house.directory.providers)
  laid.foundations.health.pardon()
  laid.foundations.bodyStore.limit(settled.config.bodies)
  state.config = settled.config
  state.view = settled.view
  laid.say({ level: 'info', message: 'The configuration was reloaded.' })
  if (late.length > 0)
    laid.say({ level: 'warn', message: `What was changed in ${late.join(', ')} holds from the next start.` })
}

function handlerOf(
  { state, knowledge, own, clock }: { state: State; knowledge: Knowledge; own: OwnKeys; clock: Clock },
  inFlight: InFlight,
  hosts: () => HostList,
): (request: Request) => Promise<Response> {
  return openSurface({
    house: () => state.house,
    hosts,
    limits() {
      const { limits, timeouts } = state.config.gateway
      return { ...limits, bodyMs: timeouts.requestMs }
    },
    inFlight,
    clock,
    timers: state.house.timers,
    draining: () => state.draining,
    // Whoever is signed in may do what the commands of this machine may.
    signedIn: request => (knowledge.sessions.holds(request) ? own.adminToken : undefined),
    caller: key => state.keys.caller(key),
    keptBodies: id => knowledge.keptBodies(id),
    ask: (name, asked) => answer(name, knowledge, asked),
  })
}

/** The names a listening gateway may be called by, after the configuration of the moment. */
export function hostsOf(assembly: Assembly, bound: { host: string; port: number }): () => HostList {
  let config: Config | undefined
  let list: HostList | undefined
  return () => {
    if (list === undefined || config !== assembly.config()) {
      config = assembly.config()
      list = hostList(bound, config.gateway.allowedHosts)
    }
    return list
  }
}
