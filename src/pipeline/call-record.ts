import { quoteText, redactText } from '../base/redact.ts'
import { remember } from '../base/remember.ts'
import type { Problem } from '../canon/problem.ts'
import { costOf } from '../catalog/price.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { Attempt, Cost, Ending, Passed, Receipt } from '../ledger/receipt.ts'
import type { AdmittedRow } from '../ledger/store.ts'
import { chargeOf } from '../policy/charge.ts'
import type { Estimate, Outcome } from '../policy/policy.ts'
import type { Visit } from '../upstream/health.ts'
import type { Call, House, Leg, Surface } from './call.ts'
import { userPrice } from './estimate.ts'
import type { Heard } from './listener.ts'
import type { Prepared } from './prepare.ts'
import type { RequestHead } from './read-request.ts'
import type { Course } from './route.ts'

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
  /** Notes the gateway key the call came with. */
  caller(key: GatewayKey): void
  /** Notes where the name leads, before anything is tried. */
  course(course: Course): void
  /** Notes the leg that is tried now. */
  leg(leg: Leg): void
  /** Notes who is to be told how the call ended: once, when the receipt is closed. */
  owe(settle: Owed): void
  /** Notes what was used, as far as budgets count it, for the receipt. */
  counted(estimate: () => Estimate): void
  /** Notes what budgets have reserved, in case the process dies while the call runs. */
  reserved(): void
  /** The request under way counts as in flight until the receipt is closed. */
  visiting(visit: Visit): void
  /** Requests for which the price was reserved of a day's amount for leaving the first lane. */
  crossings: number
  /** Headers the policies want on the answer. */
  readonly headers: Record<string, string>
  /** Notes what a surface's answer was made with. */
  serving(surface: Surface, prepared: Prepared): void
  row(): AdmittedRow
  /** Closes the receipt; what happens later is not in it. */
  close(ending: Exclude<Ending, 'in-flight'>, rest: Closing): Receipt
}

/** Told how a call ended. */
export type Owed = (outcome: Outcome, receipt: Receipt) => void

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
  readonly headers: Record<string, string> = {}
  crossings = 0
  readonly #call: Call
  readonly #house: House
  #leg: Leg | undefined
  #visit: Visit | undefined
  #owed: Owed[] | undefined
  #estimate: (() => Estimate) | undefined

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
    if (call.trace !== undefined) this.draft.traceId = call.trace.traceId
    if (house.bodies !== undefined && call.body.length > 0) this.draft.bodies = 'kept'
    if (call.replayOf !== undefined) this.draft.replayOf = call.replayOf
  }

  elapsedMs(): number {
    return Math.round((this.#house.clock.monotonicMs() - this.#call.startedMs) * 10) / 10
  }

  asked(head: RequestHead): void {
    this.draft.requestedModel = clean(head.model)
    this.draft.stream = head.stream
  }

  caller({ id, name }: GatewayKey): void {
    this.draft.key = { id, name }
  }

  course({ route, first }: Course): void {
    if (route !== undefined) this.draft.route = route.name
    this.draft.servedModel = first.ref
    this.draft.billing = first.billing
  }

  leg(leg: Leg): void {
    this.#leg = leg
    this.draft.servedModel = leg.target.ref
    this.draft.billing = leg.credential.billing
  }

  owe(settle: Owed): void {
    if (this.#owed === undefined) this.#owed = [settle]
    else this.#owed.push(settle)
  }

  counted(estimate: () => Estimate): void {
    this.#estimate = estimate
  }

  reserved(): void {
    if (this.#estimate !== undefined)
      this.draft.charged = chargeOf({ ending: 'in-flight', used: 'unknown' }, this.#estimate)
  }

  visiting(visit: Visit): void {
    this.#visit?.over()
    this.#visit = visit
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
    this.#visit?.over()
    draft.ending = ending
    draft.status = rest.status
    draft.replyBytes = rest.replyBytes
    draft.totalMs = this.elapsedMs()
    if (rest.problem !== undefined) draft.problem = rest.problem
    if (rest.unsaid !== undefined) draft.replyLosses = rest.unsaid
    if (heard !== undefined) this.#hear(heard)
    if (this.#leg !== undefined && draft.attempts.length > 0)
      draft.cost = costOfCall(this.#leg, heard, draft, this.#call.at)
    this.#settle()
    for (const watcher of this.#house.watchers) watcher.ended(draft, this.#call)
    return draft
  }

  #hear(heard: Heard): void {
    const { draft } = this
    if (heard.model !== undefined) draft.reportedModel = shown(heard.model)
    if (heard.stopReason !== undefined) draft.stopReason = shownReason(heard.stopReason)
    if (heard.usage !== undefined) draft.usage = heard.usage
    for (const signature of heard.signatures) this.#house.seals.signed(signature, draft.servedModel ?? '')
  }

  /** Tells whoever reserved something how the call ended. Exactly once: what is owed is forgotten. */
  #settle(): void {
    const owed = this.#owed
    const estimate = this.#estimate
    if (owed === undefined && estimate === undefined) return
    this.#owed = undefined
    const outcome = outcomeOf(this.draft)
    if (estimate !== undefined) this.draft.charged = chargeOf(outcome, estimate)
    for (const settle of owed ?? []) settle(outcome, this.draft)
  }
}

/** What a refused call's receipt closes with: the problem, and the status the client sees. */
export function closingWith(problem: Problem, status: number): Closing {
  return { status, problem, replyBytes: 0 }
}

/**
 * Usage is unknown wherever a provider may have worked and the answer did not come to its end: what was told by then, if anything, is not all. One
 * that refused, or was never reached, used nothing.
 */
function outcomeOf({ ending, usage, cost, attempts }: Receipt): Outcome {
  const told = ending === 'complete' && usage !== undefined && (usage.input !== undefined || usage.output !== undefined)
  const used = told ? 'known' : attempts.some(mayHaveWorked) ? 'unknown' : 'none'
  const costNanoUsd = cost.type === 'metered' && told ? cost.nanoUsd : isWithoutPrice(cost) ? 0 : undefined
  return {
    ending,
    used,
    ...(told ? { usage } : {}),
    ...(costNanoUsd === undefined ? {} : { costNanoUsd }),
  }
}

function isWithoutPrice({ type }: Cost): boolean {
  return type !== 'metered' && type !== 'unknown'
}

/** The provider may have carried the request out, and may bill for it. */
export function mayHaveWorked({ problem, status = 0, possiblyBilled }: Attempt): boolean {
  return possiblyBilled === true || problem === undefined || (status >= 200 && status < 300)
}

/** A call that was cut off may have used more than was told by then: some providers tell most of it at the end only. */
const CUT_OFF = 'the answer was cut off, and its provider may count more than it had told by then'

function costOfCall(leg: Leg, heard: Heard | undefined, { ending, operation }: Receipt, at: number): Cost {
  const { target, credential } = leg
  const { billing } = credential
  if (operation === 'count-tokens') return { type: 'none' }
  if (billing !== 'metered') return { type: billing }
  if (heard?.usage === undefined) {
    return ending === 'failed' ? { type: 'none' } : { type: 'unknown', reason: 'the provider told no usage' }
  }
  const found = costOf(target.provider.row, target.model, heard.usage, new Date(at), userPrice(target))
  if (!('nanoUsd' in found)) return { type: 'unknown', reason: found.unknown }
  if (ending !== 'complete') return { type: 'unknown', reason: CUT_OFF, atLeastNanoUsd: found.nanoUsd }
  return { type: 'metered', ...found }
}
