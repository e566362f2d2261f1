import { isProblem, type Problem } from '../canon/problem.ts'
import { admit } from './admit.ts'
import { askCache } from './cached.ts'
import type { Call, House } from './call.ts'
import { type CallRecord, openRecord } from './call-record.ts'
import { estimator } from './estimate.ts'
import { internal } from './internal.ts'
import { keepBodies } from './keep-bodies.ts'
import { allowedLosses, canonReader } from './prepare.ts'
import { interruption } from './pump.ts'
import { readRequestHead } from './read-request.ts'
import { refuse, respond } from './respond.ts'
import { NO_COURSE } from './route.ts'
import { runCourse } from './run-course.ts'
import { NOTHING_REMOVED, type Trip } from './trip.ts'
import { LEFT } from './try-target.ts'

/**
 * One call, from the client's bytes to the answer. Its name leads to a course of targets, it passes the policies, is sent to one target at a time,
 * and comes back in the protocol it came in, with a receipt that says everything that happened to it. Never throws.
 */
export async function runCall(call: Call, house: House): Promise<Response> {
  const record = openRecord(call, house)
  try {
    const head = readRequestHead(call)
    if (isProblem(head)) return await refuse(call, head, record, house)
    record.asked(head)
    const found = house.directory.course(head.model)
    const course = isProblem(found) ? NO_COURSE : found
    const canon = canonReader(call)
    const estimate = estimator(call, course, canon)
    // Most calls have nobody to ask here: awaiting nothing costs too.
    const admission = admit(call, head, found, estimate, record, house)
    const denied = admission === undefined ? undefined : await admission
    if (denied !== undefined) return await refuse(call, denied, record, house)
    if (isProblem(found)) return await refuse(call, found, record, house)
    record.course(course)
    house.ledger.admit(record.row())
    for (const watcher of house.watchers) watcher.begun?.(record.draft)
    const allowLoss = allowedLosses(call, house.settings.allowLoss)
    const trip: Trip = { call, head, course, house, record, canon, allowLoss, removed: NOTHING_REMOVED, estimate }
    const asked = askCache(trip)
    const kept = asked === undefined ? undefined : await asked
    if (kept instanceof Response) return kept
    const answer = await runCourse(trip)
    if (answer === LEFT) return await left(call, record, house)
    if (isProblem(answer)) return await refuse(call, answer, record, house)
    return await respond(call, answer, record, house, kept)
  } catch (error) {
    return await refuse(call, internal(error), record, house)
  }
}

/** Refuses a call before it is run, in the caller's protocol and with a receipt all the same. */
export function refuseCall(call: Call, found: Problem, house: House): Promise<Response> {
  const record = openRecord(call, house)
  const key = call.key === undefined ? undefined : house.findKey(call.key)
  if (key !== undefined) record.caller(key)
  return refuse(call, found, record, house)
}

async function left(call: Call, record: CallRecord, house: House): Promise<Response> {
  if (house.closing.happened) return await refuse(call, interruption(), record, house, 'interrupted')
  const receipt = record.close('abandoned', { status: 499, replyBytes: 0 })
  keepBodies(call, house, undefined)
  await house.ledger.settle(receipt)
  return new Response(null, { status: 499, headers: { 'candor-request-id': call.id } })
}
