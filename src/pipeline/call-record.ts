import { quoteText, redactText } from '../base/redact.ts'
import { remember } from '../base/remember.ts'
import type { Problem } from '../canon/problem.ts'
import type { ModelPrice } from '../catalog/model.ts'
import { costOf } from '../catalog/price.ts'
import type { Attempt, Cost, Ending, Passed, Receipt } from '../ledger/receipt.ts'
import type { AdmittedRow } from '../ledger/store.ts'
import type { Call, House, Surface, Target } from './call.ts'
import type { Heard } from './listener.ts'
import type { Prepared } from './prepare.ts'
import type { RequestHead } from './read-request.ts'

type Draft<T> = { -readonly [K in keyof T]: T[K] }

/** An attempt while it runs. */
export type AttemptDraft = Draft<Attempt>

/** The receipt of one call while it is written. */
export interface CallRecord {
  readonly draft: Draft<Omit<Receipt, 'attempts' | 'passed'>> & {
    readonly attempts: AttemptDraft[]
    readonly passed: Passed[]
  }
  /** Milliseconds since the call began. */
  elapsedMs(): number
  asked(head: RequestHead): void
  target(target: Target): void
  /** Notes what a surface's answer was made with. */
  serving(surface: Surface, prepared: Prepared): void
  row(): AdmittedRow
  /** Closes the receipt; what happens later is not in it. */
  close(ending: Exclude<Ending, 'in-flight'>, rest: Closing): Receipt
}

/** What is only known at the end. */
export interface Closing {
  readonly status: number
  readonly problem?: Problem
  readonly heard?: Heard
  readonly unsaid?: readonly string[]
  readonly replyBytes: number
}

/** A client's words as they may be shown: names come again and again, so they are cleaned once. */
const clean = remember(text => quoteText(redactText(text), 200))

/** A provider's words, likewise. */
const shown = remember(text => quoteText(text, 200))
const shownReason = remember(text => quoteText(text, 60))

/** Opens the receipt of a call. */
export function openRecord(call: Call, house: House): CallRecord {
  return new OpenRecord(call, house)
}

class OpenRecord implements CallRecord {
  readonly draft: CallRecord['draft']
  readonly #call: Call
  readonly #house: House
  #served: Target | undefined

  constructor(call: Call, house: House) {
    this.#call = call
    this.#house = house
    this.draft = {
      id: call.id,
      at: call.at,
      operation: call.operation,
      clientProtocol: call.protocol.id,
      client: clean(call.headers.get('user-agent') ?? ''),
      stream: false,
      requestedModel: '',
      attempts: [],
      passed: [],
      losses: [],
      assumptions: [],
      replyLosses: [],
      cost: { type: 'none' },
      requestBytes: call.body.length,
      replyBytes: 0,
      totalMs: 0,
      ending: 'in-flight',
      status: 0,
    }
  }

  elapsedMs(): number {
    return Math.round((this.#house.clock.monotonicMs() - this.#call.startedMs) * 10) / 10
  }

  asked(head: RequestHead): void {
    this.draft.requestedModel = clean(head.model)
    this.draft.stream = head.stream
  }

  target(target: Target): void {
    this.#served = target
    this.draft.servedModel = target.ref
    this.draft.billing = target.provider.billing
  }

  serving(surface: Surface, prepared: Prepared): void {
    this.draft.upstreamProtocol = surface.endpoint.protocol
    this.draft.losses = prepared.losses
    this.draft.assumptions = prepared.assumptions
  }

  row(): AdmittedRow {
    return this.draft
  }

  close(ending: Exclude<Ending, 'in-flight'>, rest: Closing): Receipt {
    const { draft } = this
    const { heard } = rest
    this.#call.ended()
    draft.ending = ending
    draft.status = rest.status
    draft.replyBytes = rest.replyBytes
    draft.totalMs = this.elapsedMs()
    if (rest.problem !== undefined) draft.problem = rest.problem
    if (rest.unsaid !== undefined) draft.replyLosses = rest.unsaid
    if (heard?.model !== undefined) draft.reportedModel = shown(heard.model)
    if (heard?.stopReason !== undefined) draft.stopReason = shownReason(heard.stopReason)
    if (heard?.usage !== undefined) draft.usage = heard.usage
    if (this.#served !== undefined && draft.attempts.length > 0)
      draft.cost = costOfCall(this.#served, heard, ending, this.#call.at)
    return draft
  }
}

/** What a refused call's receipt closes with: the problem, and the status the client sees. */
export function closingWith(problem: Problem, status: number): Closing {
  return { status, problem, replyBytes: 0 }
}

function costOfCall(target: Target, heard: Heard | undefined, ending: Ending, at: number): Cost {
  const { billing, row } = target.provider
  if (billing !== 'metered') return { type: billing }
  if (heard?.usage === undefined) {
    return ending === 'failed' ? { type: 'none' } : { type: 'unknown', reason: 'the provider told no usage' }
  }
  const found = costOf(row, target.model, heard.usage, new Date(at), userPrice(target))
  return 'nanoUsd' in found ? { type: 'metered', ...found } : { type: 'unknown', reason: found.unknown }
}

/** A price the user wrote down wins over every list. */
function userPrice(target: Target): ModelPrice | undefined {
  const { models, modelAliases } = target.provider
  return models.find(m => (modelAliases[m.id] ?? m.id) === target.model)?.price
}
