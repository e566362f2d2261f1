import { systemClock } from '../../src/base/clock.ts'
import { openCoarseTimers } from '../../src/base/coarse-timers.ts'
import { type Latch, openLatch } from '../../src/base/latch.ts'
import { POOL_LIMITS, type PoolLimits } from '../../src/upstream/http1-pool.ts'
import { type Network, openNetwork } from '../../src/upstream/network.ts'
import { type Broken, type Incoming, type Outgoing, type SendParts, send } from '../../src/upstream/send.ts'
import type { Timeouts } from '../../src/upstream/timers.ts'

/** Limits that no test reaches by itself. */
const PATIENT: Timeouts = { connectMs: 60_000, firstByteMs: 60_000, idleMs: 60_000, totalMs: 60_000 }

const timers = openCoarseTimers(systemClock)
const encoder = new TextEncoder()
const decoder = new TextDecoder('latin1')

/** What a test sends, where it is not the usual. */
export interface Wanted {
  readonly method?: 'GET' | 'POST'
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly timeouts?: Partial<Timeouts>
  readonly leaving?: SendParts['leaving']
  readonly closing?: Latch
}

/** A network without proxies. */
export function plainNetwork(limits: Partial<PoolLimits> = {}, ca?: string): Network {
  return openNetwork({
    clock: systemClock,
    env: {},
    limits: { ...POOL_LIMITS, ...limits },
    ...(ca === undefined ? {} : { trust: { ca } }),
  })
}

/** One in which a proxy may stand before every origin, so that the runtime's own client is used. The tests' process itself has no proxy. */
const behindProxy = openNetwork({
  clock: systemClock,
  env: { HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' },
})

/** Sends to an origin; without a network by the runtime's own client. */
export function sendTo(origin: string, network: Network | undefined, wanted: Wanted = {}): Promise<Incoming | Broken> {
  const { body = '{}' } = wanted
  const out: Outgoing = {
    ...(wanted.method === undefined ? {} : { method: wanted.method }),
    url: origin + (wanted.path ?? '/v1/chat'),
    origin,
    headers: { 'content-type': 'application/json', ...wanted.headers },
    body: typeof body === 'string' ? encoder.encode(body) : body,
    timeouts: { ...PATIENT, ...wanted.timeouts },
  }
  const parts: SendParts = {
    leaving: wanted.leaving ?? new AbortController(),
    closing: wanted.closing ?? openLatch(),
    clock: systemClock,
    timers,
    network: network ?? behindProxy,
  }
  return send(out, parts)
}

/** The same, for an answer that must begin. */
export async function begun(origin: string, network: Network | undefined, wanted: Wanted = {}): Promise<Incoming> {
  const got = await sendTo(origin, network, wanted)
  if ('type' in got) throw new Error(`no answer: ${JSON.stringify(got)}`)
  return got
}

/** All pieces as one latin1 text, and how it ended. */
export async function drained(got: Incoming): Promise<{ text: string; end: 'done' | Broken }> {
  let text = ''
  for (;;) {
    const piece = await got.read()
    if (piece === 'done' || 'type' in piece) return { text, end: piece }
    text += decoder.decode(piece)
  }
}

/** The text of a whole answer. */
export async function textOf(got: Incoming | Broken): Promise<string> {
  if ('type' in got) return JSON.stringify(got)
  const bytes = await got.whole(1_000_000)
  return bytes instanceof Uint8Array ? decoder.decode(bytes) : JSON.stringify(bytes)
}

/** Waits, a turn of the event loop at a time, until it is so. */
export async function turnsUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setImmediate(resolve))
}

/** Why there is no answer, or no more of it, in the words a person gets. */
export function whyOf(end: 'done' | Broken | Incoming): string {
  if (end === 'done' || !('type' in end)) return 'nothing is broken'
  return end.type === 'unreachable' ? end.why : end.type
}
