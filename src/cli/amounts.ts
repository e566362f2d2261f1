import { showCount } from '../admin/story/amounts.ts'

export {
  chargedWords,
  plural,
  showBytes,
  showCost,
  showCount,
  showDuration,
  showTime,
  showUsage,
} from '../admin/story/amounts.ts'

/** A count of tokens in a table: `256k`, `1M`, `8,192`; exact where it is not round. */
export function showTokens(count: number | undefined): string {
  if (count === undefined) return '-'
  if (count >= 1_000_000 && count % 100_000 === 0) return `${count / 1_000_000}M`
  if (count >= 10_000 && count % 1_000 === 0) return `${count / 1_000}k`
  return showCount(count)
}
