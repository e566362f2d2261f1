import { nearest } from '../base/nearest.ts'
import { quoteText, redactText } from '../base/redact.ts'
import { isProblem, type Problem } from '../canon/problem.ts'
import {
  type Budget,
  type GatewayKey,
  isKeyFault,
  type KeyFault,
  type KeyLimits,
  type KeyStore,
  type MadeKey,
} from '../ledger/gateway-key.ts'
import { readKeyChange, readNewKey } from './key-request.ts'

/** What the questions about keys are answered from. */
export interface KeyKnowledge {
  readonly keys: KeyStore
  /** Keys written in the configuration, which are only changed there. */
  configKeys(): readonly GatewayKey[]
  /** What a key has used of a budget in the period of this moment, reservations included: nano-dollars or tokens. */
  spent(keyId: string, budget: Budget): Promise<number>
  /** Milliseconds since 1970. */
  now(): number
}

/** A budget and what of it is used: dollars, or tokens. */
export interface BudgetView {
  readonly period: Budget['period']
  readonly unit: Budget['unit']
  readonly most: number
  readonly kind: Budget['kind']
  readonly used: number
}

/** A key, as shown: everything but the secret. Times in ISO 8601. */
export interface KeyView {
  readonly id: string
  readonly name: string
  /** `cnd_ab12…`; empty for a key of the configuration. */
  readonly hint: string
  readonly state: 'active' | 'expired' | 'revoked'
  readonly from: 'store' | 'configuration'
  readonly owner?: string
  readonly tags: readonly string[]
  readonly admin: boolean
  readonly models: readonly string[]
  readonly limits: KeyLimits
  readonly budgets: readonly BudgetView[]
  /** Absent for a key of the configuration. */
  readonly createdAt?: string
  readonly expiresAt?: string
  readonly revokedAt?: string
}

/** A key and its secret, the one time both are shown. */
export interface MadeKeyView {
  readonly key: KeyView
  readonly secret: string
}

/** Why keys stay as they are: a request that is not valid, or something that stands against it. */
export type KeyRefusal = Problem | KeyObstacle

/** What stands against a change, in words. `configured`: the key is written in the configuration. */
export interface KeyObstacle {
  readonly fault: KeyFault['fault'] | 'configured'
  readonly what: string
}

/** All keys: those of the configuration, then the others, newest first. */
export async function keyViews(know: KeyKnowledge): Promise<readonly KeyView[]> {
  return await Promise.all([...know.configKeys(), ...know.keys.list()].map(key => keyView(key, know)))
}

/** One key by id or name. */
export async function findKeyView(know: KeyKnowledge, idOrName: string): Promise<KeyView | KeyRefusal> {
  const key = configured(know, idOrName) ?? know.keys.get(idOrName)
  return key === undefined ? unknownKey(know, idOrName) : await keyView(key, know)
}

/** Makes a key from a request's body. */
export async function createKey(know: KeyKnowledge, body: Uint8Array): Promise<MadeKeyView | KeyRefusal> {
  const settings = readNewKey(body, know.now())
  if (isProblem(settings)) return settings
  return nameTaken(know, settings.name) ?? (await madeView(await know.keys.create(settings), know))
}

/** Changes a key after a request's body. */
export async function changeKey(know: KeyKnowledge, idOrName: string, body: Uint8Array): Promise<KeyView | KeyRefusal> {
  const key = changeable(know, idOrName)
  if ('fault' in key) return key
  const change = readKeyChange(body, know.now(), key)
  if (isProblem(change)) return change
  return nameTaken(know, change.name) ?? (await plainView(await know.keys.update(key.id, change), know))
}

/** Gives a key a new secret. */
export async function rotateKey(know: KeyKnowledge, idOrName: string): Promise<MadeKeyView | KeyRefusal> {
  const key = changeable(know, idOrName)
  return 'fault' in key ? key : await madeView(await know.keys.rotate(key.id), know)
}

/** Revokes a key. */
export async function revokeKey(know: KeyKnowledge, idOrName: string): Promise<KeyView | KeyRefusal> {
  const key = changeable(know, idOrName)
  return 'fault' in key ? key : await plainView(await know.keys.revoke(key.id), know)
}

function configured(know: KeyKnowledge, idOrName: string): GatewayKey | undefined {
  return know.configKeys().find(key => key.id === idOrName || key.name === idOrName)
}

function changeable(know: KeyKnowledge, idOrName: string): GatewayKey | KeyObstacle {
  const fixed = configured(know, idOrName)
  if (fixed === undefined) return know.keys.get(idOrName) ?? unknownKey(know, idOrName)
  return {
    fault: 'configured',
    what: `The key "${fixed.name}" stands in the configuration, and is changed only there.`,
  }
}

function nameTaken(know: KeyKnowledge, name: string | undefined): KeyObstacle | undefined {
  if (!know.configKeys().some(key => key.name === name)) return undefined
  return { fault: 'name-taken', what: `A key of the configuration is called "${name}" already.` }
}

function unknownKey(know: KeyKnowledge, idOrName: string): KeyObstacle {
  const names = [...know.configKeys(), ...know.keys.list()].map(key => key.name)
  const [close] = nearest(idOrName, names, 1)
  const meant = close === undefined ? '' : ` Did you mean "${close}"?`
  return { fault: 'unknown-key', what: `There is no key "${quoteText(redactText(idOrName), 100)}".${meant}` }
}

async function madeView(made: MadeKey | KeyFault, know: KeyKnowledge): Promise<MadeKeyView | KeyFault> {
  return isKeyFault(made) ? made : { key: await keyView(made.key, know), secret: made.secret }
}

async function plainView(key: GatewayKey | KeyFault, know: KeyKnowledge): Promise<KeyView | KeyFault> {
  return isKeyFault(key) ? key : await keyView(key, know)
}

async function keyView(key: GatewayKey, know: KeyKnowledge): Promise<KeyView> {
  const fromStore = key.createdAt > 0
  return {
    id: key.id,
    name: key.name,
    hint: key.hint,
    state: stateOf(key, know.now()),
    from: fromStore ? 'store' : 'configuration',
    ...(key.owner === undefined ? {} : { owner: key.owner }),
    tags: key.tags,
    admin: key.admin,
    models: key.models,
    limits: key.limits,
    budgets: await Promise.all(key.budgets.map(budget => budgetView(key.id, budget, know))),
    ...(fromStore ? { createdAt: isoOf(key.createdAt) } : {}),
    ...(key.expiresAt === undefined ? {} : { expiresAt: isoOf(key.expiresAt) }),
    ...(key.revokedAt === undefined ? {} : { revokedAt: isoOf(key.revokedAt) }),
  }
}

async function budgetView(keyId: string, budget: Budget, know: KeyKnowledge): Promise<BudgetView> {
  const { period, unit, kind, most } = budget
  const per = unit === 'usd' ? 1e9 : 1
  return { period, unit, most: most / per, kind, used: (await know.spent(keyId, budget)) / per }
}

function stateOf(key: GatewayKey, now: number): KeyView['state'] {
  if (key.revokedAt !== undefined) return 'revoked'
  return key.expiresAt !== undefined && key.expiresAt <= now ? 'expired' : 'active'
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
