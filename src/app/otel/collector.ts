import { parseJson } from '../../base/json.ts'
import { asObject, asString } from '../../base/json-value.ts'
import { openLatch } from '../../base/latch.ts'
import { quoteText, redactText } from '../../base/redact.ts'
import type { Secret } from '../../base/secret.ts'
import { OWN_USER_AGENT } from '../../base/version.ts'
import { readEnvelope } from '../../catalog/envelope.ts'
import { readHints } from '../../catalog/retry-hints.ts'
import { type Broken, type Incoming, type SendParts, send } from '../../upstream/send.ts'
import type { Timeouts } from '../../upstream/timers.ts'

/** What became of something that was sent. */
export type Delivery =
  /** `rejected`: how many of its spans or points the collector did not take all the same, and what it said. */
  | { readonly type: 'accepted'; readonly rejected: number; readonly said: string }
  /** Worth another try, after `waitMs` if it asked for that. */
  | { readonly type: 'later'; readonly why: string; readonly waitMs?: number }
  | { readonly type: 'refused'; readonly why: string }

/** The two kinds of things a collector takes. */
export type Signal = 'traces' | 'metrics'

/** Where traces and metrics go. */
export interface Collector {
  /** For people: the origin, without path and headers. */
  readonly origin: string
  /** Sends one body. Never rejects. */
  post(signal: Signal, body: string, leaving: AbortSignal): Promise<Delivery>
}

/** How a collector is reached. */
export interface CollectorOptions extends Omit<SendParts, 'leaving' | 'closing'> {
  /** Base URL of OTLP/HTTP; `/v1/traces` and `/v1/metrics` are put behind it. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, Secret>>
}

/** Ten seconds is the protocol's own default for an export (opentelemetry.io/docs/specs/otel/protocol/exporter). In milliseconds. */
const TIMEOUTS: Timeouts = { connectMs: 5_000, firstByteMs: 10_000, idleMs: 5_000, totalMs: 10_000 }

/** Statuses that ask for another try (opentelemetry.io/docs/specs/otlp/#retryable-response-codes). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])

const ANSWER_BYTES_MAX = 64 * 1024
const WORDS_CHARS_MAX = 200

/** Opens a collector. Nothing is sent yet. Its headers go to this origin only: a redirect is a refusal. */
export function openCollector({ endpoint, headers, clock, timers, network }: CollectorOptions): Collector {
  const base = endpoint.replace(/\/+$/, '')
  const { origin } = new URL(base)
  // A shutdown of the gateway is what the last spans tell of, so it does not end their way: the caller's signal does.
  const parts = { clock, timers, network, closing: openLatch() }
  const mask = (text: string) => Object.values(headers).reduce((masked, secret) => secret.maskIn(masked), text)
  return {
    origin,
    async post(signal, body, leaving) {
      const out = {
        url: `${base}/v1/${signal}`,
        origin,
        headers: headersOf(headers),
        body: new TextEncoder().encode(body),
        timeouts: TIMEOUTS,
      }
      const got = await send(out, { ...parts, leaving: { signal: leaving } })
      if ('type' in got) return { type: 'later', why: wordsOf(got) }
      const text = await textOf(got)
      if (typeof text !== 'string') return { type: 'later', why: wordsOf(text) }
      return judge(got, text, said => quoteText(redactText(mask(said)), WORDS_CHARS_MAX), clock.now())
    },
  }
}

function headersOf(own: Readonly<Record<string, Secret>>): Record<string, string> {
  const named = Object.entries(own).map(([name, secret]) => [name.toLowerCase(), secret.reveal()] as const)
  return {
    'user-agent': OWN_USER_AGENT,
    'accept-encoding': 'identity',
    ...Object.fromEntries(named),
    'content-type': 'application/json',
  }
}

async function textOf(got: Incoming): Promise<string | Broken> {
  const body = await got.whole(ANSWER_BYTES_MAX)
  if (body === 'too large') return ''
  return 'type' in body ? body : new TextDecoder().decode(body)
}

/** What stands in an answer of 200 decides nothing but how much of the request was taken. */
function judge({ status, headers }: Incoming, text: string, quote: (said: string) => string, now: number): Delivery {
  if (status >= 200 && status < 300) return { type: 'accepted', ...partialSuccess(text, quote) }
  const envelope = readEnvelope(text)
  const said = quote(envelope.message ?? '')
  const why = `it answered ${status}${said === '' ? '' : `: ${said}`}`
  if (!RETRYABLE.has(status)) return { type: 'refused', why }
  const { retryAfterMs } = readHints(headers, envelope, now)
  return { type: 'later', why, ...(retryAfterMs === undefined ? {} : { waitMs: retryAfterMs }) }
}

function partialSuccess(text: string, quote: (said: string) => string): { rejected: number; said: string } {
  const read = parseJson(text)
  const partial = read.ok ? asObject(asObject(read.value)?.['partialSuccess']) : undefined
  const rejected = Number(partial?.['rejectedSpans'] ?? partial?.['rejectedDataPoints'] ?? 0)
  return {
    rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    said: quote(asString(partial?.['errorMessage']) ?? ''),
  }
}

function wordsOf(broken: Broken): string {
  if (broken.type === 'unreachable') return broken.why
  if (broken.type === 'cancelled') return 'the time to send it was over'
  return `no answer in time (${broken.timer}, ${Math.round(broken.afterMs / 1_000)} s)`
}
