import type { ModelView, StatusView } from '../../src/admin/contract.ts'
import type { MadeKeyView } from '../../src/admin/keys.ts'
import { type LiveFeed, openLiveFeed } from '../../src/app/live-feed.ts'
import { openCoarseTimers } from '../../src/base/coarse-timers.ts'
import { Secret } from '../../src/base/secret.ts'
import { type Problem, problem } from '../../src/canon/problem.ts'
import { answer, type Knowledge } from '../../src/http/answers.ts'
import type { Caller } from '../../src/http/caller.ts'
import { openInFlight } from '../../src/http/in-flight.ts'
import type { QuestionName } from '../../src/http/routes.ts'
import { openSessions } from '../../src/http/session.ts'
import { openSurface } from '../../src/http/surface.ts'
import type { GatewayKey, KeySettings, KeyStore } from '../../src/ledger/gateway-key.ts'
import { openKeyStore } from '../../src/ledger/key-store.ts'
import { ledgerPath, openLedgerFile } from '../../src/ledger/ledger-file.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { mayCall } from '../../src/policy/model-allowlist.ts'
import { type ManualClock, manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import { temporaryFolder } from '../ledger/temporary-folder.ts'

/** Settings that limit nothing. */
const PLAIN: KeySettings = { name: 'plain', tags: [], models: [], limits: {}, budgets: [], admin: false }

/** The key of the configuration, and the running gateway's own token. */
export const [CONFIG_KEY, ADMIN_TOKEN] = ['config-secret', 'admin-token'] as const

const CONFIGURED: GatewayKey = { ...PLAIN, name: 'configured', id: 'config-1', hint: '', createdAt: 0, admin: true }

const MODELS = ['moonshot/a', 'moonshot/b', 'openai/c'].map(
  (id): ModelView => ({
    id,
    object: 'model',
    type: 'model',
    display_name: id,
    created: 0,
    created_at: '',
    owned_by: '',
    candor: { provider: id.split('/')[0] ?? '', available: true, billing: 'metered' },
  }),
)

const STATUS: StatusView = {
  version: '0',
  startedAt: '',
  config: { loadedAt: '', warnings: [] },
  draining: false,
  inFlight: 0,
  ledger: { recorded: 0, lost: 0, late: 0, admissionsDropped: 0, queued: 0, lagMs: 0, damaged: 0 },
  bodies: { keepDays: 0, bytesMax: 1, totalBytesMax: 1, dropped: 0 },
  providers: { available: 1, known: 1 },
}

/** What the tests change of what is known. */
interface Told {
  readonly keys: KeyStore
  readonly clock: ManualClock
  readonly feed: LiveFeed
  /** Newest first. */
  readonly receipts: Receipt[]
  /** By key, unit and period, one space between. */
  readonly spent: Map<string, number>
  readonly configKeys: readonly GatewayKey[]
}

/** As much of the knowledge as the questions about keys, models and receipts want. */
function knowledgeOf({ keys, clock, feed, receipts, spent, configKeys }: Told): Knowledge {
  const known: Partial<Knowledge> = {
    version: '0',
    keys,
    configKeys: () => configKeys,
    spent: async (keyId, { unit, period }) => spent.get(`${keyId} ${unit} ${period}`) ?? 0,
    now: () => clock.now(),
    models: () => MODELS,
    model: name => MODELS.find(({ id }) => id === name || id.endsWith(`/${name}`)),
    mayCall,
    receipt: async id => (id === 'last' ? receipts[0] : receipts.find(each => each.id === id)),
    receipts: async (limit, _before, keyId) =>
      receipts.filter(each => keyId === undefined || each.key?.id === keyId).slice(0, limit),
    status: () => STATUS,
    sessions: openSessions(clock),
    live: after => feed.read(after),
  }
  return known as Knowledge
}

/** How a gateway for a test is made. */
export interface KeyGatewayOptions {
  /** No key is asked for until one is made. */
  readonly open?: boolean
  /** Without the one key of the configuration. */
  readonly configKeys?: boolean
  /** Answers in place of the gateway's own answers. */
  readonly answers?: (name: QuestionName) => Response
}

/** The HTTP surface over a real key store, without a pipeline: models, receipts and what was spent are given by the test. */
export function keyGateway(options: KeyGatewayOptions = {}) {
  const folder = temporaryFolder()
  const clock = manualClock()
  const file = openLedgerFile(ledgerPath(folder.path))
  if (!file.ok) throw new Error(file.refusal.what)
  const keys = openKeyStore(file.db, clock)
  const told: Told = {
    keys,
    clock,
    feed: openLiveFeed(clock),
    receipts: [],
    spent: new Map(),
    configKeys: options.configKeys === false ? [] : [CONFIGURED],
  }
  const knowledge = knowledgeOf(told)
  const surface = openSurface({
    house: () => {
      throw new Error('no call is made here')
    },
    hosts: () => ({ hosts: new Set(['localhost']) }),
    limits: () => ({ bodyBytesMax: 1_000_000, bodyMs: 1_000, inFlightMax: 1 }),
    inFlight: openInFlight(clock, () => {}),
    clock,
    timers: openCoarseTimers(clock),
    draining: () => false,
    signedIn: request => (knowledge.sessions.holds(request) ? new Secret(ADMIN_TOKEN) : undefined),
    keptBodies: async () => {
      throw new Error('no bodies are kept here')
    },
    caller(shown) {
      const isOpen = options.open === true && !keys.asksForKey() && shown?.reveal() !== ADMIN_TOKEN
      return isOpen ? { admin: true, mayChange: false } : callerOf(shown, keys)
    },
    ask: async (name, asked) => options.answers?.(name) ?? (await answer(name, knowledge, asked)),
  })
  const close = () => {
    file.db.close()
    folder[Symbol.dispose]()
  }
  return { ...told, folder: folder.path, surface, ...asking(surface, ADMIN_TOKEN), [Symbol.dispose]: close }
}

function callerOf(shown: Secret | undefined, keys: KeyStore): Caller | Problem {
  const secret = shown?.reveal() ?? ''
  if (secret === ADMIN_TOKEN) return { admin: true, mayChange: true }
  const key = secret === CONFIG_KEY ? CONFIGURED : keys.find(secret)
  if (key === undefined || key.revokedAt !== undefined) return problem('unauthorized', 'No.')
  return { key, admin: key.admin, mayChange: key.admin }
}

/** Ways to ask. */
function asking(surface: (request: Request) => Promise<Response>, token: string) {
  const send = (line: string, key?: string, body?: unknown): Promise<Response> => {
    const [method = '', path = ''] = line.split(' ')
    const headers = { host: 'localhost', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) }
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const init = { method, headers, ...(body === undefined ? {} : { body: text }) }
    return surface(new Request(`http://localhost${path}`, init))
  }
  /** What an administrator is answered. */
  const ask = async (line: string, body?: unknown) => {
    const response = await send(line, token, body)
    return { status: response.status, body: await jsonOf(response) }
  }
  /** A new key's view and secret. */
  const made = async (settings: object = {}): Promise<MadeKeyView> => {
    const { status, body } = await ask('POST /candor/keys', { name: 'made', ...settings })
    if (status !== 201) throw new Error(JSON.stringify(body))
    return body
  }
  return { send, ask, made }
}

/** The JSON a response holds, as loose as JSON is. */
export async function jsonOf(response: Response) {
  return JSON.parse(await response.text())
}

/** A receipt of a call made with that key. */
export function receiptOf(key?: { readonly id: string; readonly name: string }): Receipt {
  return { ...receipt(), ...(key === undefined ? {} : { key: { id: key.id, name: key.name } }) }
}
