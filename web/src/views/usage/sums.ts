import type { UsageRowView, UsageSumsView } from '../../../../src/admin/usage.ts'
import { plural, usd } from '../../words.ts'

/** All input, also what was read from and written to a cache. */
export function tokensIn({ tokens }: UsageSumsView): number {
  return tokens.input + tokens.cacheRead + tokens.cacheWrite
}

/** All output, also reasoning. */
export function tokensOut({ tokens }: UsageSumsView): number {
  return tokens.output + tokens.reasoning
}

/** `$1.23, plan + 12 calls unpriced`: what is known, who else paid, and how many calls are in neither. */
export function costWords({ costNanoUsd, unpriced, lanes }: UsageSumsView): string {
  const isPriced = costNanoUsd > 0 || lanes.metered > unpriced
  const paid = [
    ...(isPriced ? [usd(costNanoUsd)] : []),
    ...(['plan', 'free', 'local'] as const).filter(lane => lanes[lane] > 0),
  ].join(', ')
  const open = unpriced === 0 ? '' : `${plural(unpriced, 'call')} unpriced`
  return [paid, open].filter(words => words !== '').join(' + ') || 'nothing to pay'
}

const NONE: Readonly<Record<string, string>> = {
  provider: 'no provider',
  model: 'no model',
  key: 'no key',
  client: 'no name given',
  billing: 'no lane',
}

/** A group's name: a key's own name before its id. */
export function groupName({ group, name }: Pick<UsageRowView, 'group' | 'name'>, by: string): string {
  if (group === '') return NONE[by] ?? 'none'
  return name === undefined ? group : `${name} (${group})`
}
