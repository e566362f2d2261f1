import type { QuotaReader } from './quota.ts'
import {
  readDeepseekBalance,
  readMoonshotBalance,
  readMoonshotBalanceCny,
  readOpenrouterCredits,
  readOpenrouterKey,
  readStepfunAccount,
} from './quota-balances.ts'
import { readKimiUsages, readMinimaxRemains, readOpencodeGoUsage, readZaiQuota } from './quota-plans.ts'

/** The reader of each shape that a catalogue row names. */
export const QUOTA_READERS: ReadonlyMap<string, QuotaReader> = new Map<string, QuotaReader>([
  ['kimi-usages', readKimiUsages],
  ['zai-quota', readZaiQuota],
  ['minimax-remains', readMinimaxRemains],
  ['opencode-go-usage', readOpencodeGoUsage],
  ['openrouter-key', readOpenrouterKey],
  ['openrouter-credits', readOpenrouterCredits],
  ['deepseek-balance', readDeepseekBalance],
  ['moonshot-balance', readMoonshotBalance],
  ['moonshot-balance-cny', readMoonshotBalanceCny],
  ['stepfun-account', readStepfunAccount],
])
