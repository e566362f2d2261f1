import { showCount, timeParts } from '../admin/story/amounts.ts'

export {
  chargedWords,
  hasBound,
  isToldInPart,
  plural,
  showBytes,
  showCost,
  showCount,
  showDuration,
  showTime,
  showUsage,
  timeParts,
} from '../admin/story/amounts.ts'

/** The zone that times without one stand in: `Europe/Berlin (+01:00)`. `ms`: a moment, since a zone has another distance from UTC in summer. */
export function zoneWords(ms: number): string {
  return `${Intl.DateTimeFormat().resolvedOptions().timeZone} (${timeParts(ms).zone})`
}

/** A count of tokens in a table: `256k`, `1M`, `1.05M`, `8,192`; exact where it is not round. */
export function showTokens(count: number | undefined): string {
  if (count === undefined) return '-'
  if (count >= 1_000_000 && count % 10_000 === 0) return `${count / 1_000_000}M`
  if (count >= 10_000 && count % 1_000 === 0) return `${count / 1_000}k`
  return showCount(count)
}
