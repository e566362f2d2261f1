import { type KeyInfoSource, keyInfoView, userInfoView } from '../admin/key-info.ts'
import type { QuotaHistoryView } from '../admin/quota-history.ts'
import { type UsageAsked, usageView } from '../admin/usage.ts'
import { usageCsv } from '../admin/usage-csv.ts'
import { usageSeriesView } from '../admin/usage-series.ts'
import { quoteText } from '../base/redact.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { LedgerReads } from '../ledger/store.ts'
import type { Asked } from './answers.ts'
import { ownKeyOf } from './call-answers.ts'
import { plainProblem } from './plain-problem.ts'
import type { UsageQuestion } from './routes.ts'

/** What the questions about usage are answered from. */
export interface UsageKnowledge extends KeyInfoSource {
  readonly ledger: Pick<LedgerReads, 'usage' | 'charged' | 'list'>
  /** What providers said is left, since the start. Somebody looks, so what rests is asked about again. */
  quotaHistory(): QuotaHistoryView
}

/** The questions about what was used. Who is no administrator sees only the calls of its own key. */
export const USAGE_ANSWERS: Readonly<
  Record<UsageQuestion, (know: UsageKnowledge, asked: Asked) => Promise<Response> | Response>
> = {
  async usage(know, asked) {
    const format = asked.query.get('format') ?? 'json'
    if (format !== 'json' && format !== 'csv') return reply(unknownFormat(format))
    const words = wordsOf(asked)
    const found = await usageView(
      format === 'csv' ? { ...words, by: words.by ?? 'provider' } : words,
      know.ledger,
      know.now(),
      ownKeyOf(asked.caller),
    )
    return format === 'json' || isProblem(found) ? reply(found) : csv(usageCsv(found.rows), `usage-${found.period}.csv`)
  },
  async usageSeries(know, asked) {
    const words = { ...wordsOf(asked), bucket: asked.query.get('bucket') ?? undefined }
    const found = await usageSeriesView(words, know.ledger, know.now(), ownKeyOf(asked.caller))
    return reply(isProblem(found) || !asked.caller.admin ? found : { ...found, quotas: know.quotaHistory() })
  },
  async keyInfo(know, { caller }) {
    return reply(caller.key === undefined ? noKey() : await keyInfoView(caller.key, know))
  },
  async userInfo(know, { query, caller }) {
    const { key } = caller
    if (key === undefined) return reply(noKey())
    const user = query.get('user_id') ?? key.id
    return reply(user === key.id ? await userInfoView(key, know) : notTheUser(key))
  },
}

function wordsOf({ query }: Asked): UsageAsked {
  const text = (name: string) => query.get(name) ?? undefined
  return { period: text('period'), since: text('since'), until: text('until'), by: text('by') }
}

function csv(text: string, name: string): Response {
  const headers = {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${name}"`,
  }
  return new Response(text, { headers })
}

function unknownFormat(format: string): Problem {
  return problem('bad_request', `Usage is not told as "${quoteText(format, 40)}".`, {
    fix: ['Ask for format=json or format=csv.'],
    paths: ['format'],
  })
}

function reply(answer: object | Problem): Response {
  return isProblem(answer) ? plainProblem(answer) : Response.json(answer)
}

function noKey(): Problem {
  return problem('bad_request', 'No gateway key was shown, so there is none to tell about.', {
    why: 'This path answers about the key that asks; the gateway admits callers without one here.',
    fix: ['Send the key as "Authorization: Bearer cnd_…".', 'Keys are made with: candor keys create <name>'],
  })
}

function notTheUser({ id }: GatewayKey): Problem {
  return problem('forbidden', 'A key may ask only for itself.', {
    why: 'The request names another user than the key that was shown.',
    fix: [`Ask for user_id=${id}.`],
  })
}
