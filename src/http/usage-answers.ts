import { type KeyInfoSource, keyInfoView, userInfoView } from '../admin/key-info.ts'
import { usageView } from '../admin/usage.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { LedgerReads } from '../ledger/store.ts'
import type { Asked } from './answers.ts'
import { plainProblem } from './plain-problem.ts'
import type { UsageQuestion } from './routes.ts'

/** What the questions about usage are answered from. */
export interface UsageKnowledge extends KeyInfoSource {
  readonly ledger: Pick<LedgerReads, 'usage' | 'charged' | 'list'>
}

/** The questions about what was used. Who is no administrator sees only the calls of its own key. */
export const USAGE_ANSWERS: Readonly<
  Record<UsageQuestion, (know: UsageKnowledge, asked: Asked) => Promise<Response> | Response>
> = {
  async usage(know, { query, caller }) {
    const text = (name: string) => query.get(name) ?? undefined
    const words = { period: text('period'), since: text('since'), until: text('until'), by: text('by') }
    return reply(await usageView(words, know.ledger, know.now(), caller.admin ? undefined : (caller.key?.id ?? '')))
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

function reply(answer: object | Problem): Response {
  return isProblem(answer) ? plainProblem(answer) : Response.json(answer, { headers: { 'cache-control': 'no-store' } })
}

function noKey(): Problem {
  return problem('bad_request', 'No gateway key was shown, so there is none to tell about.', {
    fix: ['Send the key as "Authorization: Bearer cnd_…".', 'Keys are made with: candor keys create <name>'],
  })
}

function notTheUser({ id }: GatewayKey): Problem {
  return problem('forbidden', 'A key may ask only for itself.', { fix: [`Ask for user_id=${id}.`] })
}
