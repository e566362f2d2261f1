import type { CallLine, LiveEvent, Notice } from '../../../../src/admin/live.ts'
import type { Overview } from '../../../../src/admin/overview.ts'
import type { Remark } from '../../../../src/admin/remarks.ts'

/** Lines of each kind that are shown. */
const SHOWN_MAX = { calls: 60, remarks: 30, notices: 20 } as const

/** What is shown of the moment, newest first. */
export interface Moment {
  readonly calls: readonly CallLine[]
  readonly remarks: readonly Remark[]
  readonly notices: readonly Notice[]
  /** Events the gateway could not tell since the page is open. */
  readonly dropped: number
  /** The start of the gateway it was told by. */
  readonly epoch?: string
  /** Calls that ended since the page is open. */
  readonly ended: number
  /** What is shown has gaps: the overview has to be asked for again. Counts up. */
  readonly gaps: number
}

/** Before anything is known. */
export const NOTHING: Moment = { calls: [], remarks: [], notices: [], dropped: 0, ended: 0, gaps: 0 }

/** Puts what the overview tells together with what came live. */
export function withOverview(moment: Moment, told: Pick<Overview, 'calls' | 'remarks' | 'notices'>): Moment {
  return {
    ...moment,
    calls: mergedCalls(moment.calls, told.calls),
    remarks: mergedRemarks(moment.remarks, told.remarks),
    notices: mergedNotices(moment.notices, told.notices),
  }
}

/** Puts live events into what is shown. */
export function withEvents(moment: Moment, events: readonly LiveEvent[]): Moment {
  const calls = new Map<string, CallLine>()
  const remarks: Remark[] = []
  const notices: Notice[] = []
  let { dropped, gaps, epoch, ended } = moment
  let isAnew = false
  for (const event of events) {
    if (event.type === 'hello') {
      isAnew ||= epoch !== undefined && epoch !== event.epoch
      epoch = event.epoch
    } else if (event.type === 'notice') notices.push({ at: event.at, level: event.level, text: event.text })
    else if (event.type === 'dropped') {
      dropped += event.count
      gaps += 1
    } else {
      calls.set(event.call.id, event.call)
      if (event.type === 'ended') ended += 1
      if (event.type === 'ended' && event.remark !== undefined) remarks.push(event.remark)
    }
  }
  // Calls that ran when the gateway stopped have another ending now.
  const before = isAnew ? moment.calls.filter(({ ending }) => ending !== 'in-flight') : moment.calls
  return {
    calls: mergedCalls(before, [...calls.values()]),
    remarks: mergedRemarks(moment.remarks, remarks),
    notices: mergedNotices(moment.notices, notices),
    dropped,
    ended,
    gaps: isAnew ? gaps + 1 : gaps,
    ...(epoch === undefined ? {} : { epoch }),
  }
}

/** An end is never taken back by an older word that the call still runs. Ids sort by time. */
function mergedCalls(before: readonly CallLine[], after: readonly CallLine[]): readonly CallLine[] {
  const all = new Map(before.map(call => [call.id, call]))
  for (const call of after) {
    const known = all.get(call.id)
    if (known === undefined || known.ending === 'in-flight') all.set(call.id, call)
  }
  return [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, SHOWN_MAX.calls)
}

function mergedRemarks(before: readonly Remark[], after: readonly Remark[]): readonly Remark[] {
  const all = new Map([...before, ...after].map(remark => [remark.callId, remark]))
  return [...all.values()].sort((a, b) => (a.callId < b.callId ? 1 : -1)).slice(0, SHOWN_MAX.remarks)
}

function mergedNotices(before: readonly Notice[], after: readonly Notice[]): readonly Notice[] {
  const all = new Map([...before, ...after].map(notice => [`${notice.at} ${notice.text}`, notice]))
  return [...all.values()].sort((a, b) => b.at - a.at).slice(0, SHOWN_MAX.notices)
}
