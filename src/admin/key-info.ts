import type { Budget, GatewayKey } from '../ledger/gateway-key.ts'
import type { LedgerReads } from '../ledger/store.ts'
import { type Period, periodAt } from '../policy/periods.ts'

/** What a key's own numbers come from. */
export interface KeyInfoSource {
  /** What a key has used of a budget in the period of this moment, reservations included: nano-dollars or tokens. */
  spent(keyId: string, budget: Budget): Promise<number>
  readonly ledger: Pick<LedgerReads, 'charged'>
  /** Milliseconds since 1970. */
  now(): number
}

/** A sum of dollars and how much of it is spent. */
interface Purse {
  readonly spend: number
  readonly max_budget: number | null
  readonly soft_budget: number | null
  readonly budget_duration: string | null
  readonly budget_reset_at: string | null
}

/**
 * The answer to `/key/info`: what programs that show budgets ask a LiteLLM proxy for, with a key asking for itself
 * (https://docs.litellm.ai/docs/proxy/virtual_keys; https://github.com/steipete/CodexBar, docs/litellm.md). Money in US dollars. A LiteLLM key has
 * one budget, so it is the hard one with the least left; a soft one where there is no hard one. `spend` is what is used of that budget in its
 * period, else what was ever used. The user is the key itself.
 */
export interface KeyInfoView {
  /** The key's id, for the key itself is not known any more. */
  readonly key: string
  readonly info: Purse & {
    readonly key_name: string
    readonly key_alias: string
    readonly user_id: string
    readonly team_id: null
    readonly expires: string | null
    readonly blocked: boolean
    readonly created_at: string | null
    /** Names of models and routes; empty: all. */
    readonly models: readonly string[]
    /** Tokens a minute, input and output together; `null`: no limit. */
    readonly tpm_limit: number | null
    readonly rpm_limit: number | null
    readonly max_parallel_requests: number | null
    readonly metadata: { readonly owner?: string; readonly tags: readonly string[] }
  }
}

/** The answer to `/user/info`, which the same programs ask next, for the user of the key. */
export interface UserInfoView {
  readonly user_id: string
  readonly user_info: Purse & {
    readonly user_id: string
    readonly user_alias: string
    readonly user_email: null
    readonly models: readonly string[]
  }
  readonly keys: readonly never[]
  readonly teams: readonly never[]
}

/** A key, as it may see itself. */
export async function keyInfoView(key: GatewayKey, source: KeyInfoSource): Promise<KeyInfoView> {
  const { limits, expiresAt, createdAt, owner } = key
  const { inputTokensPerMinute: input, outputTokensPerMinute: output } = limits
  return {
    key: key.id,
    info: {
      key_name: key.hint,
      key_alias: key.name,
      user_id: key.id,
      team_id: null,
      ...(await purseOf(key, source)),
      expires: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
      blocked: key.revokedAt !== undefined,
      created_at: createdAt === 0 ? null : new Date(createdAt).toISOString(),
      models: key.models,
      tpm_limit: input === undefined || output === undefined ? null : input + output,
      rpm_limit: limits.requestsPerMinute ?? null,
      max_parallel_requests: limits.concurrency ?? null,
      metadata: { ...(owner === undefined ? {} : { owner }), tags: key.tags },
    },
  }
}

/** The same key as its own user. */
export async function userInfoView(key: GatewayKey, source: KeyInfoSource): Promise<UserInfoView> {
  return {
    user_id: key.id,
    user_info: {
      user_id: key.id,
      user_alias: key.name,
      user_email: null,
      ...(await purseOf(key, source)),
      models: key.models,
    },
    keys: [],
    teams: [],
  }
}

/** A budget as far as it is used: both in nano-dollars. */
interface UsedBudget {
  readonly budget: Budget
  readonly used: number
}

async function purseOf(key: GatewayKey, { spent, ledger, now }: KeyInfoSource): Promise<Purse> {
  const dollars = key.budgets.filter(({ unit }) => unit === 'usd')
  const used = await Promise.all(dollars.map(async budget => ({ budget, used: await spent(key.id, budget) })))
  const hard = tightest(used.filter(({ budget }) => budget.kind === 'hard'))
  const soft = tightest(used.filter(({ budget }) => budget.kind === 'soft'))
  const shown = hard ?? soft
  if (shown === undefined) {
    const { nanoUsd } = await ledger.charged(key.id, undefined)
    return { spend: nanoUsd / 1e9, max_budget: null, soft_budget: null, budget_duration: null, budget_reset_at: null }
  }
  const { budget } = shown
  return {
    spend: shown.used / 1e9,
    max_budget: hard === undefined ? null : hard.budget.most / 1e9,
    soft_budget: soft === undefined ? null : soft.budget.most / 1e9,
    budget_duration: DURATIONS[budget.period],
    budget_reset_at: resetOf(periodAt(budget.period, now())),
  }
}

/** As LiteLLM writes them. */
const DURATIONS: Readonly<Record<Budget['period'], string | null>> = {
  hour: '1h',
  day: '1d',
  week: '7d',
  month: '1mo',
  total: null,
}

/** The budget with the smallest part left. */
function tightest(budgets: readonly UsedBudget[]): UsedBudget | undefined {
  const left = ({ budget, used }: UsedBudget) => (budget.most === 0 ? 0 : (budget.most - used) / budget.most)
  return budgets.toSorted((a, b) => left(a) - left(b))[0]
}

function resetOf({ endMs }: Period): string | null {
  return endMs === undefined ? null : new Date(endMs).toISOString()
}
