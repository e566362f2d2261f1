import { hasBound, isToldInPart } from '../../../../src/admin/story/amounts.ts'
import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { count, duration, plural, usd } from '../../words.ts'

/** One fact of a receipt, with its name. */
export type Fact = readonly [name: string, words: string]

/** What a person who just got an answer wants to know about it, most important first. */
export function receiptFacts(receipt: Receipt): readonly Fact[] {
  return [
    [hasAnswered(receipt) ? 'Answered by' : 'Was to answer', receipt.servedModel ?? 'nobody'],
    ...fallbackFact(receipt),
    ...(receipt.billing === undefined ? [] : [['Lane', LANES[receipt.billing] ?? receipt.billing] as const]),
    ['Tokens', tokensOf(receipt)],
    ['Cost', costOf(receipt)],
    ...(receipt.firstByteMs === undefined ? [] : [['First byte', `after ${duration(receipt.firstByteMs)}`] as const]),
    ...(receipt.totalUnknown === true ? [] : [['In all', duration(receipt.totalMs)] as const]),
    ...speedFact(receipt),
    ...(receipt.cache === 'hit' ? [['Cache', 'given from it; no provider was asked'] as const] : []),
    ...lossFact(receipt),
    ...(receipt.ending === 'complete' ? [] : [['Ended', ENDINGS[receipt.ending]] as const]),
  ]
}

function hasAnswered({ ending, replyBytes }: Receipt): boolean {
  return ending === 'complete' || (ending !== 'failed' && replyBytes > 0)
}

const LANES: Readonly<Record<string, string>> = {
  plan: 'plan: the subscription pays',
  metered: 'metered: paid by use',
  free: 'free',
  local: 'local: on your own machine',
}

const ENDINGS: Readonly<Record<Exclude<Receipt['ending'], 'complete'>, string>> = {
  'in-flight': 'not yet',
  failed: 'failed',
  truncated: 'truncated: the provider cut its answer',
  abandoned: 'abandoned: you left, and the provider was told to stop',
  interrupted: 'interrupted: the gateway stopped',
}

function fallbackFact({ fallback, attempts }: Receipt): readonly Fact[] {
  if (fallback === undefined) return []
  const told = attempts.find(({ problem }) => problem?.code === fallback.reason)?.problem?.what
  const why = told === undefined ? fallback.reason : `${told} (${fallback.reason})`
  return [['Fallback', `in place of ${fallback.from}: ${why}`]]
}

function tokensOf({ usage, ending }: Receipt): string {
  const { input, cacheRead, cacheWrite, output, reasoning } = usage ?? {}
  const [into, out] = [sum(input, cacheRead, cacheWrite), sum(output, reasoning)]
  if (into === undefined && out === undefined) return 'not told by the provider'
  const words = [
    into === undefined ? 'those in not told' : `${count(into)} in`,
    out === undefined ? 'those out not told' : `${count(out)} out`,
    ...(cacheRead === undefined || cacheRead === 0 ? [] : [`${count(cacheRead)} of them from the provider's cache`]),
    ...(reasoning === undefined || reasoning === 0 ? [] : [`${count(reasoning)} for reasoning`]),
  ]
  return `${isToldInPart({ ending }) ? 'at least ' : ''}${words.join(', ')}`
}

function costOf({ cost }: Receipt): string {
  switch (cost.type) {
    case 'metered':
      return usd(cost.nanoUsd)
    case 'unknown':
      return `${hasBound(cost) ? `at least ${usd(cost.atLeastNanoUsd)}` : 'not known'}: ${cost.reason}`
    case 'none':
      return 'none'
    default:
      return { plan: 'no price for one call: the plan pays', local: 'none: local', free: 'none: free' }[cost.type]
  }
}

/** Below this many milliseconds of writing, a speed would say nothing. */
const WRITING_MS_MIN = 50

/** Of an answer that was cut off only a part of the tokens is known, which makes no speed. */
function speedFact({ ending, usage, firstByteMs, totalMs }: Receipt): readonly Fact[] {
  if (ending !== 'complete') return []
  const out = sum(usage?.output, usage?.reasoning)
  const writingMs = totalMs - (firstByteMs ?? totalMs)
  if (out === undefined || out === 0 || writingMs < WRITING_MS_MIN) return []
  return [['Speed', `${plural(Math.round(out / (writingMs / 1_000)), 'token')} a second`]]
}

function lossFact({ losses, replyLosses }: Receipt): readonly Fact[] {
  const unsaid = losses.map(({ path, reason }) => `${path}: ${reason}`).join('; ')
  return [
    ...(unsaid === '' ? [] : [['Not told to the provider', unsaid] as const]),
    ...(replyLosses.length === 0 ? [] : [['Not in the answer here', replyLosses.join('; ')] as const]),
  ]
}

function sum(...parts: readonly (number | undefined)[]): number | undefined {
  const known = parts.filter(part => part !== undefined)
  return known.length === 0 ? undefined : known.reduce((total, part) => total + part, 0)
}
