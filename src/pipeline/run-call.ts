import { isProblem, type Problem } from '../canon/problem.ts'
import { admit, type Settle } from './admit.ts'
import type { Call, House, Target } from './call.ts'
import { type CallRecord, openRecord } from './call-record.ts'
import { chooseSurfaces, noSurface } from './choose-targets.ts'
import { estimateCount } from './count-tokens.ts'
import { internal } from './internal.ts'
import { allowedLosses, canonReader } from './prepare.ts'
import { interruption } from './pump.ts'
import { type RequestHead, readRequestHead } from './read-request.ts'
import { refuse, respond } from './respond.ts'
import type { Answer } from './take-reply.ts'
import { LEFT, tryTarget } from './try-target.ts'
import { waysTo } from './ways.ts'

/**
 * One call, from the client's bytes to the answer. It is matched to a target, passes the policies, is sent to one surface at a time, and comes
 * back in the protocol it came in, with a receipt that says everything that happened to it. Never throws.
 */
export async function runCall(call: Call, house: House): Promise<Response> {
  const record = openRecord(call, house)
  let settle: Settle | undefined
  try {
    const head = readRequestHead(call)
    if (isProblem(head)) return await refuse(call, head, record, house)
    record.asked(head)
    const target = house.directory.resolve(head.model)
    const admitted = await admit(call, head, target, house)
    if (isProblem(admitted)) return await refuse(call, admitted, record, house)
    settle = admitted
    if (isProblem(target)) return await refuse(call, target, record, house, settle)
    record.target(target)
    house.ledger.admit(record.row())
    const answer = await trySurfaces(call, target, head, record, house)
    if (answer === LEFT) return await left(call, record, house, settle)
    if (isProblem(answer)) return await refuse(call, answer, record, house, settle)
    return await respond(call, answer, record, house, settle)
  } catch (error) {
    return await refuse(call, internal(error), record, house, settle)
  }
}

/** Refuses a call before it is run, in the caller's protocol and with a receipt all the same. */
export function refuseCall(call: Call, found: Problem, house: House): Promise<Response> {
  return refuse(call, found, openRecord(call, house), house)
}

/**
 * Tries the ways to reach the target. Only one answer leads from one surface to the next: that this surface does not admit the client, for then
 * the provider, the key and the model stay what the user chose. Nothing else is ever tried in its place.
 */
async function trySurfaces(
  call: Call,
  target: Target,
  head: RequestHead,
  record: CallRecord,
  house: House,
): Promise<Answer | Problem | typeof LEFT> {
  const { surfaces, passed } = chooseSurfaces(target, call, house)
  record.draft.passed.push(...passed)
  const canon = canonReader(call)
  const allowLoss = allowedLosses(call, house.settings.allowLoss)
  if (surfaces.length === 0 && call.operation === 'count-tokens') return estimateCount(call, canon, record)
  const ways = waysTo(call, surfaces, head, canon, allowLoss, record.draft.passed)
  let refused: Problem | undefined
  for (let way = ways.next(); ; way = ways.next()) {
    if (way.done) return refused ?? way.value ?? noSurface(target, call.operation, passed)
    const { surface, prepared } = way.value
    record.serving(surface, prepared)
    const answer = await tryTarget(call, surface, prepared, head.stream, record, house)
    if (answer === LEFT || !isProblem(answer)) return answer
    refused = answer
    if (answer.code !== 'client_not_admitted') return answer
    house.memory.refused(surface.endpoint.baseUrl, record.draft.attempts.at(-1)?.identity.userAgent ?? '')
  }
}

async function left(call: Call, record: CallRecord, house: House, settle: Settle): Promise<Response> {
  if (house.closing.happened) return await refuse(call, interruption(), record, house, settle, 'interrupted')
  const receipt = record.close('abandoned', { status: 499, replyBytes: 0 })
  settle(receipt)
  await house.ledger.settle(receipt)
  return new Response(null, { status: 499, headers: { 'candor-request-id': call.id } })
}
