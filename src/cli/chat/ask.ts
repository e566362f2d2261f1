import type { Receipt } from '../../ledger/receipt.ts'
import type { Access } from '../gateway-access.ts'
import { requestTo } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { overHttp } from '../receipt-source.ts'
import { oneLine } from '../terminal-text.ts'
import { type Trouble, troubleLines, troubleOf } from '../trouble.ts'
import type { Desk } from '../verb.ts'
import { readAnswer } from './answer-stream.ts'
import type { Content } from './content.ts'
import { type Conversation, requestBody } from './conversation.ts'
import type { Drawing } from './drawing.ts'

/** Who answers, as the headers of the answer tell it. */
export interface Answerer {
  /** The `provider/model`. */
  readonly model?: string
  readonly requestId?: string
  /** That it is not the model that was to answer first, and why. */
  readonly fallback?: { readonly from: string; readonly reason: string }
  /** The lane it is paid on. */
  readonly billing?: string
  /** It was given before, and no provider was asked. */
  readonly cached?: true
}

/** An answer, or as much of it as came. */
export interface Answer extends Answerer {
  readonly text: string
  readonly reasoning: string
  readonly stopReason?: string
  /** `whole`; `stopped`: the user did it; `cut`: it broke off without a word; `failed`: and it was told why. */
  readonly outcome: 'whole' | 'stopped' | 'cut' | 'failed'
  readonly trouble?: Trouble
}

/** What one question needs. */
export interface Question {
  readonly text: Content
  readonly model: string
  readonly stop: AbortSignal
  /** Called when the answer begins, before its first piece. */
  begun(answerer: Answerer): void
}

/** Asks one question and draws the answer while it comes. Rejects only if the gateway itself is not there. */
export async function ask(
  access: Access,
  conversation: Conversation,
  question: Question,
  drawing: Drawing,
): Promise<Answer> {
  const got = { text: '', reasoning: '' }
  let begun = false
  let known: Answerer & { readonly stopReason?: string } = {}
  try {
    const body = requestBody(conversation, question.text, question.model)
    const response = await access.handle(requestTo('/v1/chat/completions', { body, signal: question.stop }))
    known = headersOf(response)
    // In this process the gateway answers also those who have left.
    if (question.stop.aborted) return { ...got, ...known, outcome: 'stopped' }
    if (!response.ok) return { ...got, ...known, outcome: 'failed', trouble: await troubleOf(response) }
    begun = true
    question.begun(known)
    for await (const piece of readAnswer(response.body, question.stop)) {
      if (question.stop.aborted) break
      if (piece.type === 'failed') return { ...got, ...known, outcome: 'failed', trouble: piece.trouble }
      if (piece.type === 'end') return { ...got, ...known, outcome: piece.whole ? 'whole' : 'cut' }
      if (piece.type === 'stop') known = { ...known, stopReason: piece.reason }
      else {
        got[piece.type] += piece.text
        drawing[piece.type](piece.text)
      }
    }
    return { ...got, ...known, outcome: 'stopped' }
  } catch (error) {
    if (question.stop.aborted) return { ...got, ...known, outcome: 'stopped' }
    // The connection to the gateway was lost in the middle of the answer.
    if (begun) return { ...got, ...known, outcome: 'cut' }
    throw error
  } finally {
    drawing.finish()
  }
}

/** Who answers, as far as the headers tell it. */
export function headersOf({ headers }: Response): Answerer {
  const model = headers.get('candor-model')
  const requestId = headers.get('candor-request-id')
  const billing = headers.get('candor-billing')
  const [, from, reason] = /^from=(.+); reason=([a-z_]+)$/.exec(headers.get('candor-fallback') ?? '') ?? []
  return {
    ...(model === null ? {} : { model }),
    ...(requestId === null ? {} : { requestId }),
    ...(billing === null ? {} : { billing }),
    ...(from === undefined || reason === undefined ? {} : { fallback: { from, reason } }),
    ...(headers.get('candor-cache') === 'hit' ? { cached: true } : {}),
  }
}

/** The receipt of an answer. Undefined if it cannot be had: the answer stands without it. */
export async function receiptOf(access: Access, answer: Answer): Promise<Receipt | undefined> {
  if (answer.requestId === undefined) return undefined
  return await overHttp(access)
    .find(answer.requestId)
    .catch(() => undefined)
}

/** What the person must know of an answer that is not whole; empty if it is. */
function endingWords({ outcome, stopReason }: Answer): string {
  if (outcome === 'stopped') return 'Interrupted: the answer stops here, and the request was cancelled.'
  if (outcome === 'cut') return 'The answer broke off: the connection ended before it was whole.'
  if (stopReason === 'length') return 'The answer stops here because it reached the output limit.'
  if (stopReason === 'content_filter' || stopReason === 'content-filter')
    return 'The answer stops here because a content filter cut it.'
  return ''
}

/** Says how an answer ended that is not whole, and why. Gives the trouble, if there was one. */
export function tellEnding(answer: Answer, { print }: Desk): Trouble | undefined {
  const words = endingWords(answer)
  if (words !== '') print.warn(words)
  if (answer.trouble === undefined) return undefined
  const [what = '', ...rest] = troubleLines(answer.trouble)
  print.error(oneLine(what, 1_000))
  for (const each of rest) print.note(`  ${oneLine(each, 1_000)}`)
  return answer.trouble
}

/** Says that another model answers than the one chosen, and of a fallback from what, why and who pays. */
export function announce({ print, shell }: Desk, chosen: string, answerer: Answerer): void {
  const { model, fallback, billing, cached } = answerer
  if (model === undefined || (model === chosen && fallback === undefined && cached === undefined)) return
  const asked = chosen === '' || chosen === model ? '' : ` for ${oneLine(chosen)}`
  const say = (style: 'dim' | 'cyan' | 'yellow', text: string) => {
    for (const line of indent(text, '', shell.stderr)) print.note(print.paintNote(style, line))
  }
  const answers = `${oneLine(model)} answers${asked}`
  if (cached === true) say('dim', `From the cache, as ${oneLine(model)} answered${asked} before:`)
  else if (fallback === undefined) say('dim', `${answers}:`)
  else {
    const fell = `${answers}, in place of ${oneLine(fallback.from)} (${fallback.reason})`
    if (billing === 'metered') say('yellow', `${fell}, and is metered: paid by use.`)
    else say('cyan', `${fell}${billing === undefined ? '' : `, ${oneLine(billing)}`}:`)
  }
}
