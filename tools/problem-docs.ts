import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '../src/canon/problem.ts'
import { WIRE_PROTOCOLS } from '../src/wire/index.ts'
import { PROBLEM_EXAMPLES, type ProblemExample } from './problem-examples.ts'
import { PROBLEM_WORDS } from './problem-words.ts'

const INTRO = `# Problems

<!-- Generated from the table of problems by \`npm run docs\`. Do not edit. -->

Everything that can go wrong has one of the codes below. A call that fails is told so in the client's own protocol, with an object
\`candor\` inside the error:

\`\`\`json
{
  "code": "plan_exhausted",
  "what": "The 5 hour usage window of the Kimi Code plan is used up.",
  "why": "The plan allows a fixed amount in each window. The key and the client are fine.",
  "fix": ["See when the window opens again at https://www.kimi.com/code/console.", "Or call another model. Candor does not move to another purse by itself."],
  "request_id": "req_01kamyxg0h5p1v7gxe8cs2t6zq",
  "docs": "/candor/problems#plan_exhausted",
  "provider": "kimi-coding",
  "model": "kimi-for-coding",
  "upstream": { "status": 429, "message": "You've reached your usage limit for this period.", "type": "rate_limit_error" }
}
\`\`\`

\`what\`, \`why\` and \`fix\` are Candor's own words. \`upstream\` quotes the provider: at most 500 characters of its message, control characters
written out, anything that looks like a key masked. Depending on the code there are also \`paths\`, \`candidates\`, \`timer\`, \`retry_after_ms\` and
\`resets_at\`. The same problem stands in the [receipt](receipts.md), also when the failure came in the middle of a stream.

How to read the line below each heading:

* **Status** is the HTTP status of the refusal. A failure after a stream has begun is an error event inside the stream, whose status is 200.
* **Whose doing** is the client, the credential, the plan, the provider, the network, or the gateway.
* **Asking again unchanged** says whether that has a chance. It is also sent as the header \`x-should-retry\`, which the official OpenAI and
  Anthropic SDKs obey. Where the provider said how long to wait, \`retry-after\` says it too.
* **In \`fallbackOn\`** says whether a route may name the code there, so that another target is asked. **yes**: that is what fallbacks are for.
  **only knowingly**: another target's answer would hide something that should be mended, such as a wrong key, so the route must name this very
  code, and the configuration warns of it. **no**: no provider is to blame, and another one would not help. A route falls back on nothing it
  does not name, and never after the first byte to the client.

A provider's failure is named by the catalogue, in this order: the provider's own wordings, what an aggregator passes on from the provider
behind it, the error's \`type\` and \`code\`, its message, and last its HTTP status. The status comes last because it tells least: the same 403 is a
client list at one provider, an empty purse at another and a content filter at a third. The tables named "In providers' words" are examples,
and a test reads each of them with the catalogue.
`

/** Whether a route may name a code in `fallbackOn`, in the page's words. */
const NAMED = { usual: 'yes', named: 'only knowingly', never: 'no' } as const

/** docs/problems.md, from the table of problems, the words for each, and examples of what providers say. */
export function problemsMarkdown(): string {
  return `${INTRO}\n${PROBLEM_CODES.map(section).join('\n')}`
}

function section(code: ProblemCode): string {
  const { why, fix } = PROBLEM_WORDS[code]
  const parts = [
    `## ${code}`,
    PROBLEMS[code].meaning,
    facts(code),
    `**Why.** ${why}`,
    `**Fix.** ${fix}`,
    ...examples(PROBLEM_EXAMPLES[code] ?? []),
  ]
  return `${parts.join('\n\n')}\n`
}

function facts(code: ProblemCode): string {
  const { status, blame, retryable, fallback } = PROBLEMS[code]
  const otherwise = WIRE_PROTOCOLS.flatMap(({ id, statuses }) =>
    statuses?.[code] === undefined ? [] : [`, ${statuses[code]} for clients of \`${id}\``],
  )
  return `Status ${status}${otherwise.join('')}. Whose doing: ${blame}. Asking again unchanged: ${retryable ? 'yes' : 'no'}. In \`fallbackOn\`: ${NAMED[fallback]}.`
}

function examples(rows: readonly ProblemExample[]): string[] {
  if (rows.length === 0) return []
  const keyed = rows.some(({ key }) => key !== undefined)
  const titles = ['provider', 'status', 'answer', ...(keyed ? ['key begins'] : [])]
  const lines = rows.map(({ provider, status, answer, key }) =>
    line([
      `\`${provider}\``,
      String(status),
      `\`${answer.replaceAll('|', '\\|')}\``,
      ...(keyed ? [key === undefined ? '' : `\`${key}\``] : []),
    ]),
  )
  return ["**In providers' words**", [line(titles), `|${titles.map(() => '---').join('|')}|`, ...lines].join('\n')]
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
