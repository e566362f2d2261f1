import type { CallLine } from '../../src/admin/live.ts'
import { hasBound, isToldInPart } from '../../src/admin/story/amounts.ts'
import { clientProduct } from '../../src/ledger/client-product.ts'
import type { Mood } from './parts/badge.tsx'
import { shortCount, usd } from './words.ts'

/** How a call ended, in a word or two, and whether that is good. */
export function outcomeOf(call: Pick<CallLine, 'ending' | 'problem' | 'status'>): {
  readonly mood: Mood
  readonly text: string
} {
  const { ending, problem, status } = call
  if (ending === 'in-flight') return { mood: 'plain', text: 'running' }
  if (ending === 'complete') return { mood: 'good', text: 'complete' }
  if (ending === 'abandoned') return { mood: 'plain', text: 'client left' }
  if (ending === 'interrupted') return { mood: 'bad', text: 'interrupted' }
  if (ending === 'truncated') return { mood: 'bad', text: `cut: ${problem ?? 'no ending'}` }
  return { mood: status >= 500 || status === 0 ? 'bad' : 'warn', text: problem ?? 'failed' }
}

/** What a call cost: an amount, at least an amount where it was cut off, a lane that costs nothing by call, or that it is not known. */
export function costOf({ cost, ending }: Pick<CallLine, 'cost' | 'ending'>): string {
  if (cost.type === 'metered') return usd(cost.nanoUsd)
  if (cost.type === 'unknown') return hasBound(cost) ? `at least ${usd(cost.atLeastNanoUsd)}` : 'not known'
  if (cost.type !== 'none') return cost.type
  return ending === 'in-flight' ? '' : 'none'
}

/** Tokens in and out: `1.2k → 340`, `≥ 1.2k → 1` where the answer was cut off. What was not told is a question mark. */
export function tokensOf(call: Pick<CallLine, 'inputTokens' | 'outputTokens' | 'ending'>): string {
  const { inputTokens, outputTokens } = call
  if (inputTokens === undefined && outputTokens === undefined) return ''
  const said = (value: number | undefined) => (value === undefined ? '?' : shortCount(value))
  return `${isToldInPart(call) ? '≥ ' : ''}${said(inputTokens)} → ${said(outputTokens)}`
}

/** What was asked for, in words also where no model was named. */
export function askedOf({ asked }: Pick<CallLine, 'asked'>): string {
  return asked === '' ? 'no model named' : asked
}

/** The name calls of this client are found by, whatever its version: `claude-cli`. Empty: it has none. */
export function clientNameOf({ client }: Pick<CallLine, 'client'>): string {
  return clientProduct(client)
}

/** The first product of a client's `User-Agent`: `claude-cli/2.1.0`. */
export function clientOf({ client }: Pick<CallLine, 'client'>): string {
  return client.split(' ')[0] ?? ''
}
