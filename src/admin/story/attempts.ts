import { oneLine } from '../../base/one-line.ts'
import type { Problem } from '../../canon/problem.ts'
import type { Attempt, Passed, Receipt } from '../../ledger/receipt.ts'
import { showDuration } from './amounts.ts'

/** What was passed over, a sentence each. A surface is passed over once for every key, and told once. */
export function passedSentences(passed: readonly Passed[]): readonly string[] {
  return [...new Set(passed.map(passedSentence))]
}

function passedSentence({ target, credential, protocol, reason }: Passed): string {
  const where = target === undefined ? '' : oneLine(target)
  const key = credential === undefined ? '' : `${where === '' ? '' : ', '}the key "${oneLine(credential)}"`
  const surface = protocol === undefined ? '' : `the ${protocol} surface${where === '' ? '' : ' of '}`
  return `Passed over ${surface}${where}${key}: ${oneLine(reason, 300).replace(/\.$/, '')}.`
}

/** Why each attempt was made and how it ended, but for the ending of the last one. */
export function attemptSentences(receipt: Receipt): readonly string[] {
  const { attempts } = receipt
  return attempts.flatMap((attempt, i) => {
    const cause = causeOf(attempt, attempts[i - 1], receipt)
    const isLast = i === attempts.length - 1
    return [
      ...(cause === undefined ? [] : [cause]),
      ...(isLast || attempt.problem === undefined ? [] : [refusal(attempt)]),
    ]
  })
}

/** Why there was this attempt. Undefined for the first one, and for another surface of the same: what it was refused with says it. */
function causeOf(attempt: Attempt, before: Attempt | undefined, { fallback }: Receipt): string | undefined {
  const { because: cause, credential = '', billing } = attempt
  const where = refOf(attempt)
  if (cause === 'retry') return `Asked ${where} again${waited(attempt, before?.problem)}.`
  const crossed =
    before?.billing === undefined || billing === undefined || before.billing === billing
      ? ''
      : `. This left the lane "${before.billing}" for "${billing}"`
  if (cause === 'credential')
    return `Went on with another key of the same provider: "${oneLine(credential)}"${crossed}.`
  if (cause !== 'fallback') return undefined
  const code = before?.problem?.code ?? fallback?.reason
  const from = before === undefined ? fallback?.from : undefined
  const left = from === undefined ? '' : ` from ${oneLine(from)}`
  const why = code === undefined ? '' : `, because of ${code}`
  // The same model, with a key of another lane.
  const to = from === where ? `its key "${oneLine(credential)}", on the lane "${billing ?? ''}"` : where
  return `Fell back${left} to ${to}${why}${crossed}.`
}

function waited({ waitedMs }: Attempt, problem: Problem | undefined): string {
  if (waitedMs === undefined) return ''
  const asked = problem?.retryAfterMs !== undefined && waitedMs >= problem.retryAfterMs - 1
  return ` after ${showDuration(waitedMs)}${asked ? ', as the provider asked' : ''}`
}

function refusal(attempt: Attempt): string {
  const { protocol, problem, status, possiblyBilled } = attempt
  const how = status === undefined ? 'no answer' : `refused with status ${status}`
  const billed = possiblyBilled === true ? ' It may be billed all the same.' : ''
  return `Tried ${refOf(attempt)}${keyOf(attempt)} over ${protocol}: ${how}. ${because(problem)}${billed}`
}

/** `provider/model` of an attempt. */
export function refOf({ provider, model }: Attempt): string {
  return oneLine(`${provider}/${model}`)
}

/** The key of an attempt, where the provider has several. */
export function keyOf({ credential }: Attempt): string {
  return credential === undefined ? '' : ` with the key "${oneLine(credential)}"`
}

/** What went wrong, with its code. */
export function because(problem: Problem | undefined): string {
  return problem === undefined ? '' : `${oneLine(problem.what, 400)} (${problem.code})`
}
