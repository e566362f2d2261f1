/** What a key may do in a minute, or at once. Absent: no limit. */
export interface KeyLimits {
  readonly requestsPerMinute?: number
  readonly inputTokensPerMinute?: number
  readonly outputTokensPerMinute?: number
  /** Calls at the same time. */
  readonly concurrency?: number
}

/** The stretches budgets are counted over: calendar periods in UTC (a week begins on Monday), or the key's whole life. */
export const BUDGET_PERIODS = ['hour', 'day', 'week', 'month', 'total'] as const
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number]

/** A sum a key may use up in a period. `hard` refuses further calls; `soft` only tells. */
export interface Budget {
  readonly period: BudgetPeriod
  readonly unit: 'usd' | 'tokens'
  /** Nano-dollars or tokens, an integer. */
  readonly most: number
  readonly kind: 'hard' | 'soft'
}

/** What of a key can be changed after it was made. */
export interface KeySettings {
  readonly name: string
  /** Whom it belongs to, for people. */
  readonly owner?: string
  readonly tags: readonly string[]
  /** Milliseconds since 1970. */
  readonly expiresAt?: number
  /** Names of models and routes it may call; `*` at the end stands for anything. Empty: all. */
  readonly models: readonly string[]
  readonly limits: KeyLimits
  readonly budgets: readonly Budget[]
  /** May use the admin API. */
  readonly admin: boolean
}

/** A key of the gateway's own, without the key: of that only a digest is kept. */
export interface GatewayKey extends KeySettings {
  /** `key_…`; for a key of the configuration `config-1`, …. */
  readonly id: string
  /** The first characters, by which people know it again: `cnd_ab12…`. Empty for keys of the configuration. */
  readonly hint: string
  /** Milliseconds since 1970; 0 for keys of the configuration. */
  readonly createdAt: number
  readonly revokedAt?: number
}

/** A key as it is made: the only time its secret is seen. */
export interface MadeKey {
  readonly key: GatewayKey
  /** `cnd_` and 256 random bits. Shown once, never kept. */
  readonly secret: string
}

/** What a key's settings may hold at most. Texts in characters. */
export const KEY_BOUNDS = {
  nameChars: 100,
  ownerChars: 200,
  tags: 20,
  tagChars: 60,
  models: 200,
  modelChars: 300,
  budgets: 20,
} as const

/** A change of a key's settings: those absent stay, `null` removes. */
export type KeyChange = Partial<Omit<KeySettings, 'owner' | 'expiresAt'>> & {
  readonly owner?: string | null
  readonly expiresAt?: number | null
}

/** Why a change was not made, in words. */
export interface KeyFault {
  readonly fault: 'unknown-key' | 'name-taken' | 'too-many' | 'revoked' | 'not-written'
  readonly what: string
}

/** Tells a fault from what was asked for. */
export function isKeyFault(value: object): value is KeyFault {
  return 'fault' in value
}

/** The keys kept in the ledger's file. Read at the open into memory, so that a look-up waits for nothing; changes are durable when they resolve. */
export interface KeyStore {
  /** Active and revoked ones, newest first. */
  list(): readonly GatewayKey[]
  get(idOrName: string): GatewayKey | undefined
  /** The key this secret belongs to, be it expired or revoked. Compares digests in constant time. */
  find(secret: string): GatewayKey | undefined
  create(settings: KeySettings): Promise<MadeKey | KeyFault>
  /** Changes settings; those absent stay. */
  update(id: string, change: KeyChange): Promise<GatewayKey | KeyFault>
  /** A new secret for the same key; the old one is refused at once. */
  rotate(id: string): Promise<MadeKey | KeyFault>
  /** From now on the key is refused, for good. One that is revoked already stays as it is. */
  revoke(id: string): Promise<GatewayKey | KeyFault>
  /**
   * True from the first key on, also if all are revoked or cannot be read: a gateway that asked for keys yesterday must not stand open today.
   */
  asksForKey(): boolean
  /** Rows that could not be understood; their keys are refused. */
  readonly damaged: number
  /** For people: why keys cannot be read or changed. Absent when all is well. */
  readonly warning?: string
}
