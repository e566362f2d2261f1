import type { ProblemCode } from '../src/canon/problem.ts'

/** What docs/problems.md says of a code beyond its row in the table: Markdown, with links as from the folder of the docs. */
export interface ProblemWords {
  /** How it comes about. */
  readonly why: string
  /** What to do. */
  readonly fix: string
}

/** The words for every code. A code without any does not compile. */
export const PROBLEM_WORDS: Readonly<Record<ProblemCode, ProblemWords>> = {
  bad_request: {
    why: `The body is not one JSON object, is nested deeper than 64 levels, or breaks off; \`model\` is not a text or stands twice; \`stream\` is
neither true nor false; a field has a shape the client's protocol does not allow (only checked where the request must be translated);
the content type is not JSON; two different keys were sent; the body took longer than \`gateway.timeouts.requestMs\`. A path, method or
receipt that does not exist has this code too, with status 404 or 405.`,
    fix: `The problem names the field in \`paths\` where one is to blame. For an unknown path, check the base URL: OpenAI clients want it with
\`/v1\`, Anthropic clients without.`,
  },
  body_too_large: {
    why: `The body has more bytes than \`gateway.limits.bodyBytesMax\` (32 MiB unless set otherwise). It is counted while it arrives, so a body
without a length is bounded too.`,
    fix: `Send less: smaller images, fewer files, a shorter conversation. Or raise the limit in the [configuration](configuration.md).`,
  },
  unauthorized: {
    why: `The gateway has [keys of its own](keys.md), made with \`candor keys create\` or written in \`gateway.keys\`, and the request carried none of
them; or the key was revoked, or has expired, which only whoever shows it is told. Once a key was made, one is asked for for good, also
if all are revoked. A provider's key does not open the gateway: Candor adds that one itself.`,
    fix: `Send a gateway key as \`Authorization: Bearer\`, \`x-api-key\`, \`x-goog-api-key\` or \`?key=\`. A new one is made where the gateway runs:
\`candor keys create\`.`,
  },
  forbidden: {
    why: `One of three. The gateway key may not call this model or route. Or the path is for administrators, and the key is not one's. Or the
\`Host\` header is not one of the gateway's own names, or a web page of another origin made the call: both are how web pages reach
programs on your machine and spend what is yours. No CORS headers are ever sent.`,
    fix: `The problem names the models that the key may call; more are added with \`candor keys limit\`. For the admin API show a key made with
\`--admin\`, or run the command where the gateway runs. Call the gateway by the address it printed at its start; if it stands behind a
name of its own, add that name to \`gateway.allowedHosts\`.`,
  },
  model_not_found: {
    why: `The name is no \`provider/model\`, no route, no alias and no model exactly one usable provider lists; or the provider's list is complete
and the model is not on it; or the request names no model and \`models.default\` is not set. Nothing was sent anywhere. In particular the
default model was not used instead.`,
    fix: `The nearest names stand in \`candidates\`. \`candor models\` lists what can be called. A model too new for the catalogue can be added under
\`models.providers.<id>.models\`.`,
  },
  ambiguous_model: {
    why: `A bare name is taken only if one usable provider lists it. Choosing one of several would decide who gets your text and which purse pays.`,
    fix: `Write \`provider/model\`; the possible ones stand in \`candidates\`. Or give the bare name a meaning in \`models.aliases\`.`,
  },
  provider_unavailable: {
    why: `Its key, or another variable its address is made of, is not set; a \`{ file }\` or \`{ exec }\` reference failed; it is switched off
(\`enabled: false\`); none of its surfaces speaks a protocol this version of Candor speaks; or of several keys only those of another
[billing lane](routes.md#billing-lanes) are there.`,
    fix: `\`candor providers\` shows the reason for each provider, and \`candor doctor <provider>\` looks closer.`,
  },
  untranslatable: {
    why: `Client and provider speak different protocols, or the provider knows less than its protocol. \`paths\` names each place in your request.
Nothing was sent. [What becomes of each parameter](translation.md) is one table. In a [route](routes.md#signed-thinking) it also means
that the conversation carries thinking another model signed.`,
    fix: `Leave it out. Or allow the loss: for one call with the request header \`candor-allow-loss: <name>\`, for all with \`translate.allowLoss\`.
An allowed loss is still told, in the header \`candor-losses\` and in the receipt.`,
  },
  invalid_key: {
    why: `The key was mistyped, revoked or has expired, or it stands in another place than you think: the problem names the place it was taken
from. No other provider was asked, whatever \`models.default\` says.`,
    fix: `Make a new key at the provider's console, put it where the old one is, and run \`candor doctor <provider>\`.`,
  },
  wrong_service_key: {
    why: `Several companies run a subscription and a pay-per-use platform, or two regions, with separate keys and addresses. A key of one is
unknown to the other. Candor tells them apart by how the key begins and by the provider's wording. A key that begins like one of a
sibling in another [billing lane](routes.md#billing-lanes) is not sent at all: no attempt, and nobody is told a key that is not theirs.`,
    fix: `The problem names the provider id the key belongs to. Configure that one, or get a key for this one.`,
  },
  client_not_admitted: {
    why: `This surface looks at \`User-Agent\` and lets through only names on the provider's list. The key was not judged. If the same provider has
another surface for the same key and model, Candor has tried it already, and the receipt says so; this problem means that there was none
left.`,
    fix: `Use a client that is on the list: its own name is passed on as it is. Or ask the provider to admit your client. A \`User-Agent\` written
under \`headers\` is sent exactly so and recorded as \`configured\`, but naming a program that is not the one calling may break the
provider's terms and cost you the account. Candor never does that by itself.`,
  },
  account_blocked: {
    why: `The provider denies access for reasons of the account: a ban, a missing verification, a key restricted to other models.`,
    fix: `Look at the account in the provider's console, and at the rights of the key.`,
  },
  region_blocked: {
    why: `The provider looks at the address the call came from.`,
    fix: `Use a provider, or an endpoint of this one, that serves your region.`,
  },
  upstream_refused: {
    why: `A bare 403. It may be a client list, a region, a firewall in between, or a missing right. Candor does not guess.`,
    fix: `Read the provider's words in \`upstream\`. \`candor doctor <provider>\` narrows it down.`,
  },
  plan_expired: {
    why: `The key is known, but no active membership stands behind it, or the provider's own look-up failed.`,
    fix: `Check the subscription in the provider's console. If it is active there, try again after a few minutes.`,
  },
  plan_exhausted: {
    why: `Plans count use in windows: five hours, a day, a week, a month. The problem names the window, and when it opens again if the provider
said so (\`resets_at\`). Key and client are fine. At Kimi Code the weekly window comes with the status and type of \`client_not_admitted\`;
only the wording tells them apart.`,
    fix: `Wait for the window, or call a model of another provider. Candor does not move to another purse by itself: only a
[route](routes.md#billing-lanes) with this code in its \`fallbackOn\` goes on, and into another lane only with \`crossBilling\`. \`candor
usage quota\` shows what is left before it comes to that.`,
  },
  balance_exhausted: {
    why: `There is no money left on the account, or a limit you set at the provider is reached. Providers say it with 400, 401, 402, 403, 412 and
429; clients that see the bare 429 wait and ask again for nothing.`,
    fix: `Add credit, or raise the limit, in the provider's console.`,
  },
  model_not_in_plan: {
    why: `The key is fine; the plan it belongs to has no access to the model, or not at this context size. Some providers answer with 401, which
reads like a bad key.`,
    fix: `Choose a model of the plan (\`candidates\` lists what is known of this provider), or upgrade the plan.`,
  },
  upstream_model_not_found: {
    why: `Candor knew no better and sent the name, since the provider's list is open; the provider has no such model, has retired it, or does not
show it to this account.`,
    fix: `Check the name; near ones stand in \`candidates\`. \`candor models <provider>\` lists what is known.`,
  },
  rate_limited: {
    why: `Too many requests or tokens in a short time, or too many calls at once.`,
    fix: `Wait as long as \`retry-after\` says; without it, some seconds. Run fewer calls at the same time.`,
  },
  overloaded: {
    why: `The provider is busy for everybody; it is not about you.`,
    fix: `Try again shortly. If it lasts, look at the provider's status page.`,
  },
  context_too_long: {
    why: `Input and wanted output together are longer than the model's context window, or the request is larger than the provider takes.`,
    fix: `Shorten or compact the conversation, or use a model with a larger window: \`candor models\` shows them.`,
  },
  content_refused: {
    why: `A filter of the provider, not the model, objected. A model that declines in its own words is an answer, not a problem.`,
    fix: `Change the text or the files that were sent.`,
  },
  upstream_bad_request: {
    why: `The request is good by its protocol, but this provider or model does not take it: a parameter, a combination, a schema.`,
    fix: `Read the provider's words. \`candor trace\` shows what was sent, what was translated and what was filled in. If Candor translated badly,
that is a bug of Candor's.`,
  },
  upstream_error: {
    why: `An error on the provider's side that says no more than that.`,
    fix: `Try again. If it lasts, look at the provider's status page.`,
  },
  unreachable: {
    why: `The name does not resolve, nothing listens at the address, the TLS certificate is not valid for it, or the connection was lost before
the first byte of an answer. \`what\` says which.`,
    fix: `Check the base URL and the network, and a proxy in between if there is one.`,
  },
  timeout: {
    why: `One of the four limits in \`gateway.timeouts\` ran out; \`timer\` says which: \`connect\` (no connection), \`first byte\` (no answer has begun),
\`idle\` (silence in the middle of an answer), \`total\` (the whole call). Or the provider itself says that it took too long; then there
is no \`timer\`.`,
    fix: `Try again. If such calls are expected to take that long, raise the limit, for all providers or for one
(\`models.providers.<id>.timeouts\`).`,
  },
  stream_truncated: {
    why: `The connection ended before the protocol's own ending. What came before is incomplete, and nothing was added to make it look whole: no
\`[DONE]\`, no \`message_stop\`. Nobody else is asked once the first byte is out, because the client has seen half an answer.`,
    fix: `Ask again.`,
  },
  upstream_protocol: {
    why: `The answer is no JSON, is a web page, is a redirect (which is never followed: the key would travel to an address nobody configured),
holds an event too large to pass on, is larger than \`gateway.limits.replyBytesMax\`, or breaks the protocol's order. Often a wrong base
URL or a proxy in between.`,
    fix: `Check the base URL and the protocol (\`api\`) of the provider.`,
  },
  budget_exceeded: {
    why: `The gateway key has a hard budget, in dollars or tokens, and what is spent, what running calls have reserved and what this call may use
do not fit in it together. A hard budget in dollars also stops a call whose price is not known, since the budget could not be kept. The
problem says which budget it was and when its period ends. [How budgets count](keys.md#budgets).`,
    fix: `Wait for the next period, ask for less (a smaller \`max_tokens\`; without one, the most the model can write is reckoned with), or raise
the budget: \`candor keys limit\`.`,
  },
  key_rate_limited: {
    why: `The gateway key has a limit on requests, input tokens or output tokens a minute, or on calls at the same time, and this call is above
it. The problem says which limit it was; \`retry-after\` says when there is room again, and the \`ratelimit-…\` headers of every answer how
much is left. A call that alone is larger than the limit can never pass, and has no \`retry-after\`.`,
    fix: `Wait as long as \`retry-after\` says, or raise the limit: \`candor keys limit\`.`,
  },
  draining: {
    why: `The gateway was told to stop: it takes no more calls and lets running answers finish for \`gateway.drainMs\`. What still runs then is
ended with this problem, in the client's protocol. Or as many calls run as \`gateway.limits.inFlightMax\` allows.`,
    fix: `Ask again in a moment; \`retry-after\` is one second.`,
  },
  internal: {
    why: `Candor met a case its code does not handle. The error itself is in the gateway's log only, because its text may hold anything.`,
    fix: `Please report it, with the request id and the lines of the log.`,
  },
}
