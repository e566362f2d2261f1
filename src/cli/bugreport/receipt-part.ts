import type { JsonObject } from '../../base/json-value.ts'
import type { Problem } from '../../canon/problem.ts'
import { clientProduct } from '../../ledger/client-product.ts'
import type { Attempt, Receipt } from '../../ledger/receipt.ts'
import type { Cleaner } from './cleaner.ts'

/** A receipt's skeleton: what happened, and nothing that the user, a client or a provider chose freely without having been cleaned. */
export function receiptSkeleton(receipt: Receipt, cleaner: Cleaner): JsonObject {
  const { id, at, operation, stream, requestedModel, ending, status, problem, route, key, fallback, cost } = receipt
  const { totalMs, requestBytes, replyBytes, losses, passed, assumptions, replyLosses, usage } = receipt
  return defined({
    id: cleaner.text(id),
    at: new Date(at).toISOString(),
    operation,
    clientProtocol: receipt.clientProtocol,
    upstreamProtocol: receipt.upstreamProtocol,
    stream,
    client: clientWords(receipt.client, cleaner),
    requestedModel: cleaner.model(requestedModel),
    servedModel: modelOf(receipt.servedModel, cleaner),
    reportedModel: modelOf(receipt.reportedModel, cleaner),
    billing: receipt.billing,
    route: route === undefined ? undefined : cleaner.name('route', route),
    fallback: fallback === undefined ? undefined : { from: cleaner.model(fallback.from), reason: fallback.reason },
    key: key === undefined ? undefined : cleaner.name('gateway-key', key.id),
    cache: receipt.cache,
    ending,
    status,
    stopReason: receipt.stopReason === undefined ? undefined : cleaner.said(receipt.stopReason),
    problem: problemWords(problem, cleaner),
    requestBytes,
    replyBytes,
    firstByteMs: receipt.firstByteMs,
    totalMs,
    usage: usage === undefined ? undefined : numbersIn(usage),
    cost: cost.type,
    attempts: receipt.attempts.map(attempt => attemptWords(attempt, cleaner)),
    passed: passed.map(({ protocol, reason }) => defined({ protocol, reason: cleaner.said(reason) })),
    losses: losses.map(({ parameter, kind }) => `${cleaner.said(parameter)} (${kind})`),
    assumptions: assumptions.map(({ path }) => cleaner.said(path)),
    replyLosses: replyLosses.map(cleaner.said),
  })
}

function modelOf(name: string | undefined, cleaner: Cleaner): string | undefined {
  return name === undefined ? undefined : cleaner.model(name)
}

function attemptWords(attempt: Attempt, cleaner: Cleaner): JsonObject {
  const { provider, model, credential, billing, because, protocol, startedMs, firstByteMs, endedMs, status } = attempt
  const headers = Object.entries(attempt.headers).map(([name, value]) => [
    cleaner.said(name),
    cleaner.header(name, value),
  ])
  return defined({
    provider: cleaner.provider(provider),
    model: cleaner.model(model),
    credential: credential === undefined ? undefined : cleaner.name('credential', credential),
    billing,
    because,
    protocol,
    url: cleaner.url(attempt.url),
    identity: attempt.identity.source,
    headers: Object.fromEntries(headers),
    startedMs,
    firstByteMs,
    endedMs,
    status,
    problem: problemWords(attempt.problem, cleaner),
  })
}

function problemWords(problem: Problem | undefined, cleaner: Cleaner): JsonObject | undefined {
  if (problem === undefined) return undefined
  const { code, what, upstream } = problem
  const words = (text: string | undefined) => (text === undefined ? undefined : cleaner.said(text))
  const said =
    upstream === undefined
      ? undefined
      : defined({
          status: upstream.status,
          type: words(upstream.type),
          code: words(upstream.code),
          message: words(upstream.message),
        })
  return defined({ code, what: cleaner.said(what), upstream: said })
}

/** A client's name is the usual ones' own; any other may be that of a person or a firm. */
const USUAL_CLIENTS =
  /^(?:claude-cli|codex[\w-]*|openclaw[\w-]*|opencode|cline|roo-?code|cursor|aider|continue|gemini-?cli[\w-]*|curl|openai(?:\/(?:python|js))?|anthropic(?:\/(?:python|js))?|python-requests|python-httpx|node|undici|bun|candor|mozilla)$/i

function clientWords(client: string, cleaner: Cleaner): string {
  const product = clientProduct(client)
  return USUAL_CLIENTS.test(product) ? cleaner.said(client) : cleaner.name('client', product)
}

function numbersIn(usage: NonNullable<Receipt['usage']>): JsonObject {
  const { input, cacheRead, cacheWrite, output, reasoning } = usage
  return defined({ input, cacheRead, cacheWrite, output, reasoning })
}

/** Without the fields that are not there. */
function defined(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined))
}
