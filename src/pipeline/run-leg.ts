import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { AttemptCause } from '../ledger/receipt.ts'
import { ADVICE } from './advice.ts'
import { retryable, retryWait, waitFor } from './backoff.ts'
import type { Call, Leg } from './call.ts'
import { chooseSurfaces, noSurface } from './choose-targets.ts'
import { estimateCount } from './count-tokens.ts'
import { enterLane } from './lane-fence.ts'
import type { Prepared } from './prepare.ts'
import type { Answer } from './take-reply.ts'
import type { Trip } from './trip.ts'
import { LEFT, tryTarget } from './try-target.ts'
import { waysTo } from './ways.ts'

/** How a leg came out. */
export type LegEnd = Answer | Problem | typeof LEFT

/** Why an attempt is made, and what was waited for it. */
export interface Occasion {
  readonly because?: AttemptCause
  readonly waitedMs?: number
}

/** Goes one leg: its surfaces, and the same once more where the retry settings, the provider's budget and the time that is left allow it. */
export async function runLeg(leg: Leg, trip: Trip, first: Occasion = {}): Promise<LegEnd> {
  const { call, course, house, record } = trip
  const retry = course.route?.retry ?? house.settings.retry
  record.leg(leg)
  const foreign = foreignKey(leg)
  if (foreign !== undefined) return foreign
  let occasion = first
  for (let tries = 0; ; tries += 1) {
    const found = await trySurfaces(leg, trip, occasion)
    if (found === LEFT || !isProblem(found)) return found
    if (tries >= retry.max || !retryable(found) || !mayGoAgain(found, trip)) return found
    const wait = retryWait(found, tries, retry, house.random, house.clock.now())
    if (wait === 'too long' || record.elapsedMs() + wait >= totalMs(leg, trip)) return found
    if (!maySpend(leg, found, trip) || !(await mayPayAgain(leg, trip))) return found
    const how = await waitFor(wait, house.clock, call.leaving.signal, house.closing)
    // At a shutdown too: run-call tells the two apart.
    if (how !== 'over') return LEFT
    occasion = { because: 'retry', waitedMs: Math.round(wait) }
  }
}

/** How long the call may take in all, the provider's own limit included. */
function totalMs({ target }: Leg, { house }: Trip): number {
  return Math.min(house.settings.timeouts.totalMs, target.provider.timeouts?.totalMs ?? Number.POSITIVE_INFINITY)
}

/** Reserves the price of one more request where the lane is open up to an amount, or notes that it is closed. */
async function mayPayAgain(leg: Leg, trip: Trip): Promise<boolean> {
  const closed = await enterLane(leg, trip)
  if (closed === undefined) return true
  trip.record.draft.passed.push({ target: leg.target.ref, reason: `no further attempt: ${closed}` })
  return false
}

/** Takes one more attempt from the provider's budget, or notes that there is none. */
export function maySpend({ target }: Leg, cause: Problem, { house, record }: Trip): boolean {
  if (house.health.spend(target.provider.id, cause)) return true
  record.draft.passed.push({
    target: target.ref,
    reason: `no further attempt: the retry budget of ${target.provider.id} is used up`,
  })
  return false
}

/** True if nothing is done twice by asking again: nothing of the request went out, or the provider refused it, or doing it twice does no harm. */
export function mayGoAgain(found: Problem, { call }: Trip): boolean {
  return found.sent !== true || isReplayable(call)
}

/** What changes something at the provider, or elsewhere by the provider's hand, in the words of OpenAI and Anthropic. */
const LASTING = /"(?:conversation|mcp_servers)"\s*:|"background"\s*:\s*true|"type"\s*:\s*"mcp"/

/** Whether carrying the request out twice leaves nothing behind but a second answer, and maybe its price. */
function isReplayable({ body }: Call): boolean {
  return !LASTING.test(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'))
}

/**
 * Tries the ways to reach the target. Only one answer leads from one surface to the next: that this surface does not admit the client, for then
 * the provider, the key and the model stay what the user chose.
 */
async function trySurfaces(leg: Leg, trip: Trip, first: Occasion): Promise<LegEnd> {
  const { call, house, head, record, canon } = trip
  const { surfaces, passed } = chooseSurfaces(leg, call, house)
  const noted = record.draft.passed
  const known = first.because === 'retry'
  if (!known) for (const each of passed) noted.push(placeOf(leg, each, trip))
  if (surfaces.length === 0 && call.operation === 'count-tokens') return estimateCount(call, canon, record)
  const skipped = known ? [] : noted
  const ways = waysTo(call, surfaces, head, canon, trip.allowLoss, skipped)
  let refused: Problem | undefined
  let occasion = first
  for (let way = ways.next(); ; way = ways.next()) {
    if (way.done) return refused ?? way.value ?? noSurface(leg.target, call.operation, passed)
    const { surface, prepared } = way.value
    record.serving(surface, withRemoved(prepared, trip))
    const answer = await tryTarget(surface, prepared, trip, occasion)
    if (answer === LEFT || !isProblem(answer)) return answer
    refused = answer
    if (answer.code !== 'client_not_admitted') return answer
    house.memory.refused(surface.endpoint.baseUrl, record.draft.attempts.at(-1)?.identity.userAgent ?? '')
    occasion = { because: 'surface' }
  }
}

/** What was prepared, with what had been taken out of the request before. */
function withRemoved(prepared: Prepared, { removed }: Trip): Prepared {
  const { losses, assumptions } = removed
  if (losses.length === 0 && assumptions.length === 0) return prepared
  return {
    ...prepared,
    losses: [...losses, ...prepared.losses],
    assumptions: [...assumptions, ...prepared.assumptions],
  }
}

/** Names the target too, where a route has several. */
export function placeOf<T extends object>({ target }: Leg, each: T, { course }: Trip): T {
  return course.route === undefined ? each : { ...each, target: target.ref }
}

/** A key of another lane is known by its beginning, and stays here: why it is not sent. */
export function foreignKey({ target, credential }: Leg): Problem | undefined {
  const { belongsTo: sibling } = credential
  if (sibling === undefined) return undefined
  const { provider, model } = target
  const [endpoint] = provider.endpoints
  const identity = { userAgent: '', source: 'candor' } as const
  const words =
    endpoint === undefined
      ? undefined
      : ADVICE.wrong_service_key?.({ provider, credential, endpoint, model, identity, sibling })
  return problem('wrong_service_key', words?.what ?? `The key is not one for ${provider.name}.`, {
    why: `Its beginning says that it belongs to "${sibling}", which another purse pays for. It was not sent. ${words?.why ?? ''}`.trim(),
    fix: words?.fix ?? [],
    provider: provider.id,
    model,
  })
}
