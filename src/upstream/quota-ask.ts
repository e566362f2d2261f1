import { quoteText, redactText } from '../base/redact.ts'
import { readEnvelope } from '../catalog/envelope.ts'
import type { QuotaEndpoint } from '../catalog/provider.ts'
import { attachKey, buildHeaders, identityOf } from './headers.ts'
import { type Broken, NO_BYTES, type SendParts } from './incoming.ts'
import type { CredentialSetup, EndpointSetup, ProviderSetup } from './provider-setup.ts'
import { send } from './send.ts'
import type { Timeouts } from './timers.ts'

/** One address to ask. */
export type QuotaPlace = Pick<QuotaEndpoint, 'url' | 'method' | 'auth'>

/** The text of an answer, or why there is none, in words to show. */
export type QuotaAnswer = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly fault: string }

/** Asks one quota endpoint once, with one credential. Never rejects. */
export type QuotaAsk = (
  provider: ProviderSetup,
  credential: CredentialSetup,
  place: QuotaPlace,
  leaving: AbortSignal,
) => Promise<QuotaAnswer>

/** Kimi's own client waits eight seconds; nobody waits for these answers but the person who looks. In milliseconds. */
const TIMEOUTS: Timeouts = { connectMs: 5_000, firstByteMs: 8_000, idleMs: 5_000, totalMs: 10_000 }

/** Real answers have less than 8 KiB. */
const ANSWER_BYTES_MAX = 256 * 1024
const WORDS_CHARS_MAX = 200

/**
 * Asks through the same client as calls, under the same identity (the provider's configured `User-Agent`, else Candor's own). The key goes only to
 * an origin the provider's calls go to (law 6); anywhere else nothing is sent. A redirect is a failure.
 */
export function quotaAsker(parts: Omit<SendParts, 'leaving'>): QuotaAsk {
  return async (provider, credential, place, leaving) => {
    const endpoint = provider.endpoints.find(each => place.url.startsWith(`${each.origin}/`))
    if (endpoint === undefined) return { ok: false, fault: 'its quota endpoint is not where its calls go' }
    const { url, method } = place
    const { origin } = endpoint
    const headers = headersFor(provider, endpoint)
    attachKey(headers, url, { origin, auth: place.auth }, credential.key)
    const got = await send(
      { method, url, origin, headers, body: NO_BYTES, timeouts: TIMEOUTS },
      { ...parts, leaving: { signal: leaving } },
    )
    if ('type' in got) return { ok: false, fault: wordsOf(got) }
    const body = await got.whole(ANSWER_BYTES_MAX)
    if (body === 'too large') return { ok: false, fault: `the answer has more than ${ANSWER_BYTES_MAX / 1024} KiB` }
    if ('type' in body) return { ok: false, fault: wordsOf(body) }
    const text = new TextDecoder().decode(body)
    if (got.status === 200) return { ok: true, text }
    return { ok: false, fault: refusalOf(got.status, text, credential) }
  }
}

/** What the provider itself says in an answer that is none, masked and bounded. Empty if it says nothing. */
export function quotaWords(text: string, { key }: CredentialSetup): string {
  const said = readEnvelope(text).message ?? ''
  return quoteText(redactText(key?.maskIn(said) ?? said), WORDS_CHARS_MAX)
}

function refusalOf(status: number, text: string, credential: CredentialSetup): string {
  if (status >= 300 && status < 400) return `it answered ${status}, a redirect, which is not followed`
  const said = quotaWords(text, credential)
  return `it answered ${status}${said === '' ? '' : `: ${said}`}`
}

/** The user's own headers come along: a proxy in front of the provider may want them. */
function headersFor(provider: ProviderSetup, endpoint: EndpointSetup): Record<string, string> {
  const plan = {
    client: new Headers(),
    clientProtocol: endpoint.protocol,
    provider,
    endpoint: { ...endpoint, headers: {} },
    model: undefined,
    stream: false,
  }
  return buildHeaders(plan, identityOf(plan))
}

function wordsOf(broken: Broken): string {
  if (broken.type === 'unreachable') return broken.why
  if (broken.type === 'cancelled') return 'the gateway stopped asking'
  return `no answer in time (${broken.timer}, ${Math.round(broken.afterMs / 1000)} s)`
}
