import { PROBLEMS } from '../canon/problem.ts'
import type { Receipt } from '../ledger/receipt.ts'

/**
 * What is worth telling of a call. `fell-back`: another model answered. `moved`: another key or surface had to be tried. `refused`: the client's
 * fault, or not allowed. `failed`: a provider's, a credential's or the gateway's. `cut`: the answer was not whole. `low`: little is left of a quota.
 */
export type RemarkKind = 'fell-back' | 'moved' | 'refused' | 'failed' | 'cut' | 'low'

/** One sentence about a call that did not simply go well. */
export interface Remark {
  readonly kind: RemarkKind
  readonly callId: string
  /** When the call began, milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

/** What is to be told of a call that has ended; undefined if it simply went well, or the client left. */
export function remarkOf(receipt: Receipt): Remark | undefined {
  const told = fallbackWords(receipt) ?? endingWords(receipt) ?? movedWords(receipt) ?? quotaWords(receipt)
  return told === undefined ? undefined : { ...told, callId: receipt.id, at: receipt.at }
}

type Words = Pick<Remark, 'kind' | 'text'>

function fallbackWords({ fallback, route, servedModel, attempts, ending, problem }: Receipt): Words | undefined {
  if (fallback === undefined) return undefined
  const cause = attempts.find(attempt => attempt.problem?.code === fallback.reason)?.problem?.what
  const who = `${servedModel ?? 'another model'} ${ending === 'complete' ? 'answered' : 'was asked'} in place of ${fallback.from}`
  const why = cause === undefined ? `because of ${fallback.reason}.` : `because of ${fallback.reason}: ${cause}`
  const rest = ending === 'failed' && problem !== undefined ? ` That failed as well: ${problem.what}` : ''
  return { kind: 'fell-back', text: `${route === undefined ? '' : `${route}: `}${who}, ${why}${rest}` }
}

function endingWords({ ending, problem, requestedModel, servedModel }: Receipt): Words | undefined {
  const name = servedModel ?? (requestedModel === '' ? 'no model named' : requestedModel)
  const what = problem?.what
  if (ending === 'truncated') return { kind: 'cut', text: `${name}: the answer was cut. ${what ?? ''}`.trim() }
  if (ending === 'interrupted') return { kind: 'cut', text: `${name}: Candor stopped while the call ran.` }
  if (ending !== 'failed') return undefined
  const isClients = problem !== undefined && PROBLEMS[problem.code].blame === 'client'
  return { kind: isClients ? 'refused' : 'failed', text: `${name}: ${what ?? 'the call failed.'}` }
}

function movedWords({ attempts, servedModel }: Receipt): Words | undefined {
  const failed = attempts.find(attempt => attempt.problem !== undefined)
  if (failed?.problem === undefined || attempts.length < 2) return undefined
  return { kind: 'moved', text: `${servedModel ?? failed.model}: ${attempts.length} attempts. ${failed.problem.what}` }
}

function quotaWords({ quotaWarning }: Receipt): Words | undefined {
  if (quotaWarning === undefined) return undefined
  const { provider, window, remainingPercent } = quotaWarning
  return {
    kind: 'low',
    text: `${provider} says that ${Math.round(remainingPercent)} % of its quota (${window}) is left.`,
  }
}
