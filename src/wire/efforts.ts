/** All reasoning efforts any protocol has a word for, weakest first. */
export const EFFORTS: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/**
 * The effort itself if it is known, else the nearest known one (of two as near, the stronger). An effort nobody knows, or a list without any,
 * leaves it as it is: the provider decides.
 */
export function nearestEffort(effort: string, known: readonly string[] | undefined): string {
  const place = EFFORTS.indexOf(effort)
  const candidates = known?.filter(name => name !== 'none' && EFFORTS.includes(name)) ?? []
  if (candidates.length === 0 || candidates.includes(effort) || place < 0) return effort
  const ranked = candidates.map(name => ({
    name,
    gap: Math.abs(EFFORTS.indexOf(name) - place),
    rank: EFFORTS.indexOf(name),
  }))
  ranked.sort((a, b) => a.gap - b.gap || b.rank - a.rank)
  return ranked[0]?.name ?? effort
}

/** The largest budget in tokens that still counts as the effort. */
const BUDGETS: readonly { readonly effort: string; readonly tokens: number }[] = [
  { effort: 'minimal', tokens: 1_024 },
  { effort: 'low', tokens: 4_096 },
  { effort: 'medium', tokens: 16_384 },
  { effort: 'high', tokens: 32_768 },
]

/** The budget that stands for an effort where a target takes only budgets; undefined for the highest ones, which have no bound. */
export function budgetOfEffort(effort: string): number | undefined {
  return BUDGETS.find(row => row.effort === effort)?.tokens
}

/** The effort that stands for a budget where a target takes none: `low`, `medium` or `high`, which every dialect with efforts knows. */
export function effortOfBudget(tokens: number): string {
  const effort = BUDGETS.find(row => tokens <= row.tokens)?.effort ?? 'high'
  return effort === 'minimal' ? 'low' : effort
}
