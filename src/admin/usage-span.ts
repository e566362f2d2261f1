import { quoteText } from '../base/redact.ts'
import { type Problem, problem } from '../canon/problem.ts'

/** The stretches usage can be asked for by name: calendar ones up to now, in the time zone of the process that answers. */
export const USAGE_PERIODS = ['today', 'week', 'month', 'all'] as const
export type UsagePeriod = (typeof USAGE_PERIODS)[number]

/** From when to when, in milliseconds since 1970: `until` is not in it. */
export interface UsageSpan {
  readonly period: UsagePeriod | 'custom'
  /** Absent: from the beginning. */
  readonly since?: number
  readonly until: number
}

/** The texts of a question that say from when to when. */
export interface SpanAsked {
  readonly period?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** Reads the stretch of a question; without any word about it, today. What is not understood is a problem. */
export function usageSpan({ period, since, until }: SpanAsked, now: number): UsageSpan | Problem {
  // The call that is answered in this very millisecond belongs to it.
  const end = now + 1
  if (since === undefined && until === undefined) {
    const name = USAGE_PERIODS.find(each => each === (period ?? 'today'))
    if (name === undefined) return unknownPeriod(period ?? '')
    const start = startOf(name, new Date(now))
    return { period: name, ...(start === undefined ? {} : { since: start.getTime() }), until: end }
  }
  if (period !== undefined) return bothGiven()
  const from = since === undefined ? undefined : moment(since, 0)
  if (since !== undefined && from === undefined) return badMoment('since', since)
  const to = until === undefined ? end : moment(until, 1)
  if (to === undefined) return badMoment('until', until ?? '')
  return { period: 'custom', ...(from === undefined ? {} : { since: from }), until: to }
}

function startOf(period: UsagePeriod, now: Date): Date | undefined {
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()]
  switch (period) {
    case 'today':
      return new Date(year, month, day)
    case 'week':
      return new Date(year, month, day - daysSinceMonday(now))
    case 'month':
      return new Date(year, month, 1)
    case 'all':
      return undefined
  }
}

function daysSinceMonday(date: Date): number {
  return (date.getDay() + 6) % 7
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/

/** A date is the beginning of that day in local time, or of the one `daysLater`; a time without a zone is local time too. */
function moment(text: string, daysLater: number): number | undefined {
  const date = DATE.exec(text)
  if (date !== null) {
    const [year = 0, month = 0, day = 0] = date.slice(1).map(Number)
    const exists = new Date(year, month - 1, day).getDate() === day && month >= 1 && month <= 12
    return exists ? new Date(year, month - 1, day + daysLater).getTime() : undefined
  }
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

function unknownPeriod(period: string): Problem {
  return problem('bad_request', `There is no period "${quoteText(period, 40)}".`, {
    fix: [`Ask for one of: ${USAGE_PERIODS.join(', ')}.`, 'Or say from when to when, with since and until.'],
    paths: ['period'],
  })
}

function bothGiven(): Problem {
  return problem('bad_request', 'A period and since or until are two answers to one question.', {
    fix: ['Leave one of them out.'],
    paths: ['period'],
  })
}

function badMoment(name: string, text: string): Problem {
  return problem('bad_request', `"${quoteText(text, 40)}" is no moment for ${name}.`, {
    fix: ['Write a date, 2026-11-29, or a time, 2026-11-29T10:15 or 2026-11-29T10:15:00Z.'],
    paths: [name],
  })
}
