import { quoteText } from '../base/redact.ts'
import { isProblem, PROBLEM_CODES, type Problem, problem } from '../canon/problem.ts'
import { clientProduct } from '../ledger/client-product.ts'
import type { Ending } from '../ledger/receipt.ts'
import type { CallFilter, CallsHistogram, LedgerReads } from '../ledger/store.ts'
import { isoMoment } from './iso-time.ts'
import { type CallLine, callLine } from './live.ts'

/** What calls can be searched by, as the query of `/candor/calls` names it: filters of one value each, and from when to when. */
export const CALL_FILTERS = [
  'provider',
  'model',
  'served',
  'route',
  'keyName',
  'client',
  'ending',
  'problem',
  'billing',
  'fallback',
  'since',
  'until',
] as const
export type CallFilterName = (typeof CALL_FILTERS)[number]

/** Every ending a call can have, those that are good first. */
export const ENDINGS = [
  'complete',
  'in-flight',
  'abandoned',
  'failed',
  'truncated',
  'interrupted',
] as const satisfies readonly Ending[]

/** The billing lanes. */
export const LANES = ['plan', 'metered', 'free', 'local'] as const

/** Calls a page has where nothing else is said, and at most. */
export const PAGE_CALLS = { usual: 50, most: 200 } as const

/** Buckets a histogram has at most. */
const BUCKETS_MAX = 120

/** The answer to `GET /candor/calls`: newest first. */
export interface CallsView {
  readonly object: 'list'
  readonly data: readonly CallLine[]
  /** `before` of the next page. Absent: there is nothing older. */
  readonly next?: string
  /** The search stopped here for its length; the next page goes on with older calls. Milliseconds since 1970. */
  readonly lookedBackTo?: number
}

/** The answer to `GET /candor/calls/histogram`. */
export interface CallsHistogramView extends CallsHistogram {
  readonly object: 'histogram'
  /** Behind the last moment that is counted, milliseconds since 1970. */
  readonly until: number
}

/** What the questions about calls are answered from. */
export interface CallsSource {
  readonly ledger: Pick<LedgerReads, 'page' | 'histogram'>
  /** The id of the gateway key with this id or name, also of one that is revoked. */
  keyId(name: string): string | undefined
  /** Milliseconds since 1970. */
  now(): number
}

/** A page of calls. `ownKeyId`: of this key only, whatever is asked for. */
export async function callsView(
  asked: URLSearchParams,
  source: CallsSource,
  ownKeyId?: string,
): Promise<CallsView | Problem> {
  const unknown = unknownWord(asked, ['before', 'limit'])
  if (unknown !== undefined) return unknown
  const filter = filterOf(asked, source, ownKeyId)
  if (isProblem(filter)) return filter
  const limit = Number(asked.get('limit') ?? PAGE_CALLS.usual)
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_CALLS.most)
    return bad('limit', asked.get('limit') ?? '', 'number of calls', `Ask for 1 to ${PAGE_CALLS.most} calls.`)
  const before = asked.get('before')
  if (before !== null && !/^req_[0-9a-z]{10,24}$/.test(before))
    return bad('before', before, 'place in the list', 'Give it the "next" of the page before.')
  const page = await source.ledger.page({ ...filter, limit, ...(before === null ? {} : { before }) })
  const { receipts, next, lookedBackTo } = page
  return {
    object: 'list',
    data: receipts.map(callLine),
    ...(next === undefined ? {} : { next }),
    ...(lookedBackTo === undefined ? {} : { lookedBackTo }),
  }
}

/** How many calls ended how over time. `ownKeyId`: of this key only, whatever is asked for. */
export async function callsHistogramView(
  asked: URLSearchParams,
  source: CallsSource,
  ownKeyId?: string,
): Promise<CallsHistogramView | Problem> {
  const unknown = unknownWord(asked, [])
  if (unknown !== undefined) return unknown
  const filter = filterOf(asked, source, ownKeyId)
  if (isProblem(filter)) return filter
  // The call that is admitted in this very millisecond belongs to it.
  const until = filter.until ?? source.now() + 1
  if (filter.since !== undefined && filter.since >= until)
    return bad('since', asked.get('since') ?? '', 'time before until', 'Write an earlier one, or a later until.')
  const counted = await source.ledger.histogram({ ...filter, until, bucketsMax: BUCKETS_MAX })
  return { object: 'histogram', until, ...counted }
}

/** A word that is misspelt would otherwise give more than was asked for, silently. `key` is a way to show a gateway key. */
function unknownWord(asked: URLSearchParams, further: readonly string[]): Problem | undefined {
  const known = [...CALL_FILTERS, ...further]
  const found = [...asked.keys()].find(name => name !== 'key' && !known.some(each => each === name))
  if (found === undefined) return undefined
  return problem('bad_request', `Calls cannot be searched by "${quoteText(found, 40)}".`, {
    fix: [`What can be said: ${known.join(', ')}.`],
    paths: [found],
  })
}

/** Longest text a filter takes, in characters. */
const TEXT_CHARS_MAX = 500

function filterOf(asked: URLSearchParams, source: CallsSource, ownKeyId: string | undefined): CallFilter | Problem {
  let filter: CallFilter = {}
  for (const name of CALL_FILTERS) {
    const text = asked.get(name)
    if (text === null) continue
    const { read, noun, fix } = READERS[name]
    if (text.length > TEXT_CHARS_MAX) return bad(name, text, noun, `It may have ${TEXT_CHARS_MAX} characters.`)
    const part = read(text, source)
    if (part === undefined) return bad(name, text, noun, fix)
    filter = { ...filter, ...part }
  }
  return ownKeyId === undefined ? filter : { ...filter, keyId: ownKeyId }
}

/** How a filter's text is read; and where it cannot be, what it would have to be, and what to write. */
interface Reader {
  read(text: string, source: CallsSource): CallFilter | undefined
  readonly noun: string
  readonly fix: string
}

const READERS: Readonly<Record<CallFilterName, Reader>> = {
  provider: textFor('provider'),
  model: textFor('requestedModel'),
  served: textFor('servedModel'),
  route: textFor('route'),
  // The ledger finds clients by their names alone, whatever the version: as `curl/8.5.0`, so `curl`.
  client: named(text => ({ client: clientProduct(text) || text })),
  // A name nobody has finds nothing.
  keyName: named((text, source) => ({ keyId: source.keyId(text) ?? text })),
  ending: oneOf('ending', ENDINGS, 'ending', `Ask for one of: ${ENDINGS.join(', ')}.`),
  problem: oneOf('problem', PROBLEM_CODES, "problem's code", 'The codes are listed at /candor/problems.'),
  billing: oneOf('billing', LANES, 'billing lane', `Ask for one of: ${LANES.join(', ')}.`),
  fallback: {
    read: text => (text === 'true' ? { fallback: true } : undefined),
    noun: 'choice',
    fix: 'Write fallback=true, or nothing.',
  },
  since: momentFor('since'),
  until: momentFor('until'),
}

function textFor(name: 'provider' | 'requestedModel' | 'servedModel' | 'route'): Reader {
  return named(text => ({ [name]: text }))
}

/** Every text is a name. */
function named(read: (text: string, source: CallsSource) => CallFilter): Reader {
  return { read, noun: 'name', fix: 'Write a name.' }
}

function oneOf(name: 'ending' | 'problem' | 'billing', among: readonly string[], noun: string, fix: string): Reader {
  return { read: text => (among.includes(text) ? { [name]: text } : undefined), noun, fix }
}

function momentFor(name: 'since' | 'until'): Reader {
  const read = (text: string) => {
    const ms = isoMoment(text)
    return ms === undefined ? undefined : { [name]: ms }
  }
  return { read, noun: 'time', fix: 'Write 2026-11-29 or 2026-11-29T10:15:00Z.' }
}

/** `since=yesterday is no time.` */
function bad(name: string, text: string, noun: string, fix: string): Problem {
  return problem('bad_request', `${name}=${quoteText(text, 40)} is no ${noun}.`, {
    fix: [fix],
    paths: [name],
  })
}
