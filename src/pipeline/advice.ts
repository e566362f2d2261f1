import { redactText } from '../base/redact.ts'
import type { Identity } from '../canon/identity.ts'
import type { ProblemCode } from '../canon/problem.ts'
import type { CredentialSetup, EndpointSetup, ProviderSetup } from '../upstream/provider-setup.ts'

/** What the words of a diagnosis are made from. */
export interface AdviceContext {
  readonly provider: ProviderSetup
  readonly credential: CredentialSetup
  readonly endpoint: EndpointSetup
  readonly model: string
  readonly identity: Identity
  /** The sibling service the key seems to belong to. */
  readonly sibling?: string
  /** `5 hour`, `weekly`, … where the provider told. */
  readonly window?: string
  /** Already in words: `at 2026-11-29 08:00 UTC`. */
  readonly resets?: string
  readonly retryAfterMs?: number
  /** Near names, for an unknown model. */
  readonly candidates?: readonly string[]
}

/** The words of one diagnosis. */
export interface Advice {
  readonly what: string
  readonly why?: string
  readonly fix: readonly string[]
}

type Writer = (c: AdviceContext) => Advice

/** The words for each failure a provider can answer with: what happened, why, what to do. One place for all of them. */
export const ADVICE: Partial<Readonly<Record<ProblemCode, Writer>>> = {
  invalid_key: c => ({
    what: `${c.provider.name} does not accept the key.`,
    why: `The provider says that the key from ${source(c)} is wrong, revoked or expired.`,
    fix: [
      `Make a new key${consoleOf(c)} and put it where the old one is: ${source(c)}.`,
      `Then check it: candor doctor ${c.provider.id}.`,
    ],
  }),
  wrong_service_key: c => ({
    what: `The key is not one for ${c.provider.name}${c.sibling === undefined ? '' : `: it belongs to "${c.sibling}"`}.`,
    why: 'The services are separate: each takes only its own keys, at its own address.',
    fix:
      c.sibling === undefined
        ? [`Use a key made${consoleOf(c) || ' in this service'}.`]
        : [
            `Use the provider id "${c.sibling}" with this key: configure models.providers.${c.sibling} and call "${c.sibling}/…".`,
            `Or get a key for ${c.provider.id}${consoleOf(c)}.`,
          ],
  }),
  client_not_admitted: c => ({
    what: `${c.provider.name} does not admit the client "${redactText(c.identity.userAgent).slice(0, 80)}" on its ${c.endpoint.protocol} surface.`,
    why: `The surface admits only clients on the provider's own list, told by User-Agent. The name sent was ${identityWords(c)}. The key was not judged.`,
    fix: [
      'Call a surface that admits any client, if the provider has one: candor providers shows them.',
      'Use a client that is on the list; its own name is passed on as it is.',
      'Ask the provider to admit your client. A User-Agent set under "headers" is obeyed and recorded, but naming another program may break the provider\'s terms.',
    ],
  }),
  plan_expired: c => ({
    what: `The ${c.provider.name} subscription is not active.`,
    why: 'The provider could not verify the membership: it has lapsed, or its look-up failed.',
    fix: [`Check the subscription${consoleOf(c)}.`, 'If it is active there, try again in a few minutes.'],
  }),
  plan_exhausted: c => ({
    what: `The ${windowWords(c)} of the ${c.provider.name} plan is used up${c.resets === undefined ? '' : `; it opens again ${c.resets}`}.`,
    why: 'The plan allows a fixed amount in each window. The key and the client are fine.',
    fix: [
      c.resets === undefined
        ? `See when the window opens again${consoleOf(c)}.`
        : `Wait until it opens again ${c.resets}.`,
      'Or call another model. Candor does not move to another purse by itself.',
    ],
  }),
  balance_exhausted: c => ({
    what: `The ${c.provider.name} balance or spending limit is used up.`,
    fix: [`Add credit or raise the limit${consoleOf(c)}.`, 'Or call a model of another provider.'],
  }),
  model_not_in_plan: c => ({
    what: `The ${c.provider.name} subscription does not include the model "${c.model}".`,
    why: 'The key is fine; the plan it belongs to does not cover this model, or not at this size.',
    fix: [`Choose a model the plan covers${consoleOf(c)}.`, 'Or upgrade the plan.'],
  }),
  upstream_model_not_found: c => ({
    what: `${c.provider.name} does not know the model "${c.model}".`,
    fix: [`Check the name${candidateWords(c)}.`, `See what the provider lists: candor models ${c.provider.id}.`],
  }),
  rate_limited: c => ({
    what: `${c.provider.name} asks to slow down${waitWords(c)}.`,
    fix: [
      c.retryAfterMs === undefined
        ? 'Try again in a few seconds, with fewer calls at once.'
        : `Try again${waitWords(c)}.`,
    ],
  }),
  overloaded: c => ({
    what: `${c.provider.name} has no capacity at this moment${waitWords(c)}.`,
    fix: ['Try again shortly.', "If it lasts, look at the provider's status page."],
  }),
  context_too_long: c => ({
    what: `The conversation is too long for ${c.provider.id}/${c.model}.`,
    fix: [
      'Shorten or compact the conversation.',
      'Or use a model with a larger context window: candor models shows them.',
    ],
  }),
  content_refused: c => ({
    what: `The content filter of ${c.provider.name} refused the request.`,
    fix: ['Change the text or the files that were sent.'],
  }),
  upstream_bad_request: c => ({
    what: `${c.provider.name} calls the request invalid.`,
    fix: [
      "Read the provider's words and change the request.",
      'candor trace shows what was sent and what was translated.',
    ],
  }),
  account_blocked: c => ({
    what: `${c.provider.name} refuses the account or the key's rights.`,
    why: 'The provider denies access without naming the key, the plan or the client as the reason.',
    fix: [`Look at the account${consoleOf(c)}.`, 'Check that the key has the right to call this model.'],
  }),
  upstream_refused: c => ({
    what: `${c.provider.name} refused the call and did not say why.`,
    fix: [`Look at the account${consoleOf(c)}.`, `See which part of the set-up works: candor doctor ${c.provider.id}.`],
  }),
  region_blocked: c => ({
    what: `${c.provider.name} does not serve this region.`,
    fix: ['Use a provider or an endpoint that serves your region.'],
  }),
  upstream_error: c => ({
    what: `${c.provider.name} failed.`,
    fix: ['Try again.', "If it lasts, look at the provider's status page."],
  }),
  timeout: c => ({
    what: `${c.provider.name} says that it took too long itself.`,
    fix: ['Try again, perhaps with a shorter request.'],
  }),
  upstream_protocol: c => ({
    what: `${c.provider.name} answered something its protocol does not allow.`,
    fix: [`Check the base URL: ${c.endpoint.baseUrl}.`, `Check that it speaks ${c.endpoint.protocol}.`],
  }),
}

function source(c: AdviceContext): string {
  return c.credential.source ?? 'the configuration'
}

function consoleOf(c: AdviceContext): string {
  const url = c.provider.row?.console
  return url === undefined ? '' : ` at ${url}`
}

function windowWords(c: AdviceContext): string {
  return c.window === undefined ? 'usage window' : `${c.window} usage window`
}

function waitWords(c: AdviceContext): string {
  if (c.retryAfterMs === undefined) return ''
  const seconds = Math.max(1, Math.ceil(c.retryAfterMs / 1000))
  return seconds < 120 ? ` in ${seconds} s` : ` in ${Math.ceil(seconds / 60)} min`
}

function candidateWords(c: AdviceContext): string {
  const names = c.candidates ?? []
  return names.length === 0 ? '' : `; near it are ${names.map(n => `"${n}"`).join(', ')}`
}

function identityWords(c: AdviceContext): string {
  const whose = {
    configured: 'the one your configuration sets',
    client: "the calling client's own, passed on as it came",
    candor: "Candor's own, since the client sent none",
  }
  return whose[c.identity.source]
}
