import { createHash } from 'node:crypto'
import { canonicalJson } from '../base/canonical-json.ts'
import { parseJson } from '../base/json.ts'
import { scanArray } from '../base/json-splice.ts'
import { isObject, type JsonObject } from '../base/json-value.ts'
import { nextEventEnd } from '../base/sse-boundary.ts'
import type { Receipt } from '../ledger/receipt.ts'
import type { KeptResponse } from '../shared/response-cache.ts'
import type { Call } from './call.ts'
import { type Framing, SSE } from './framing.ts'
import { STRANGE_LINE } from './listener.ts'
import type { RequestHead } from './read-request.ts'

/** Longer requests are not looked up: they seldom come again, and would be read and sorted for nothing. Bytes. */
const REQUEST_BYTES_MAX = 1024 * 1024

/** Headers of the client's that may change the answer. */
export const TELLING_HEADERS = ['anthropic-beta', 'anthropic-version', 'openai-beta', 'candor-allow-loss']

/** Fields by which a request builds on what the provider keeps, so that the same words may mean something else the next time. */
const STATE_FIELDS = ['previous_response_id', 'conversation', 'container']

/** Fields that, if true, have the provider keep something: it would not be there for an answer out of the cache. */
const KEEPING_FIELDS = ['store', 'background']

/** Invalid UTF-8 is no text, rather than a text that others share. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The name under which the answer of a call is kept: a hash of all that decides about it. `tenant` is the id of the gateway key, or `local`:
 * nobody is given an answer that another key paid for. Requests are the same if their JSON is, but for white space and the order of fields;
 * numbers count as written.
 *
 * Undefined for calls that are never answered out of the cache: counting tokens, a request that asks the provider to keep or to use something,
 * one that names a field twice, one of more than a mebibyte, and one with the header `candor-cache: no-store`. Tools that a provider runs
 * itself (web search) do not keep a call out: a route that caches says that answers may be as old as it allows.
 */
export function cacheKeyOf(call: Call, head: RequestHead, route: string, tenant: string): string | undefined {
  if (call.operation === 'count-tokens' || call.body.length > REQUEST_BYTES_MAX || refusesCache(call.headers))
    return undefined
  const text = textOf(call.body)
  const read = text === undefined ? undefined : parseJson(text)
  if (text === undefined || read?.ok !== true || !isObject(read.value) || keepsState(read.value)) return undefined
  const request = canonicalJson(text)
  if (request === undefined) return undefined
  const facts = [
    tenant,
    route,
    call.protocol.id,
    call.operation,
    head.model,
    head.stream,
    call.framing.contentType,
    ...TELLING_HEADERS.map(name => call.headers.get(name)),
  ]
  return createHash('sha256').update(JSON.stringify(facts)).update('\n').update(request).digest('hex')
}

function refusesCache(headers: Headers): boolean {
  const said = headers.get('candor-cache') ?? ''
  return said.split(',').some(word => word.trim().toLowerCase() === 'no-store')
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

function keepsState(body: JsonObject): boolean {
  return (
    KEEPING_FIELDS.some(name => body[name] === true) ||
    STATE_FIELDS.some(name => body[name] !== undefined && body[name] !== null)
  )
}

/** Collects what a client is given, as long as it is not too much. */
export interface Keeper {
  push(bytes: Uint8Array): void
  /** All of it in one piece; undefined if it was too much. */
  bytes(): Uint8Array | undefined
}

/** Opens a keeper for one answer. Signs of life in this framing are passed over: they belong to the waiting, not to the answer. */
export function openKeeper(bytesMax: number, { heartbeat }: Pick<Framing, 'heartbeat'>): Keeper {
  let pieces: Uint8Array[] | undefined = []
  let length = 0
  return {
    push(bytes) {
      if (pieces === undefined || bytes === heartbeat) return
      length += bytes.length
      if (length > bytesMax) pieces = undefined
      else pieces.push(bytes)
    },
    bytes: () => (pieces === undefined ? undefined : new Uint8Array(Buffer.concat(pieces))),
  }
}

/**
 * The answer in the form in which it is kept. Undefined unless it is whole and nothing went wrong: status 200, complete, no problem. Calls of
 * tools are answers like any other.
 */
export function keptOf(receipt: Receipt, bytes: Uint8Array | undefined, contentType: string): KeptResponse | undefined {
  const { servedModel, ending, status, problem } = receipt
  if (bytes === undefined || servedModel === undefined) return undefined
  if (ending !== 'complete' || status !== 200 || problem !== undefined) return undefined
  // Something of the stream was not understood, and may be missing.
  if (receipt.replyLosses.includes(STRANGE_LINE)) return undefined
  const { reportedModel, upstreamProtocol, stopReason, usage, fallback, losses, assumptions, replyLosses } = receipt
  return {
    bytes,
    contentType,
    servedModel,
    at: receipt.at,
    ...(reportedModel === undefined ? {} : { reportedModel }),
    ...(upstreamProtocol === undefined ? {} : { upstreamProtocol }),
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(usage === undefined ? {} : { usage }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(losses.length === 0 ? {} : { losses }),
    ...(assumptions.length === 0 ? {} : { assumptions }),
    ...(replyLosses.length === 0 ? {} : { replyLosses }),
  }
}

/**
 * Gives a kept stream out again as a stream: event by event, each when the client asks for more. The bytes are those of the first time, the ids
 * inside the reply (`chatcmpl-…`) with them; the call's own id stands in its headers. An answer that came whole needs none of this.
 */
export function replay({ bytes }: KeptResponse, framing: Framing): ReadableStream<Uint8Array> {
  const pieces = framing === SSE ? eventsIn(bytes) : elementsIn(bytes)
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = pieces.next()
        if (next.done === true) controller.close()
        else controller.enqueue(next.value)
      },
    },
    { highWaterMark: 0 },
  )
}

function* eventsIn(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; ) {
    const end = nextEventEnd(bytes, at)
    yield bytes.subarray(at, end)
    at = end
  }
}

/** The elements of a JSON array, each with what stands before it; what closes the array comes last. */
function* elementsIn(bytes: Uint8Array): Generator<Uint8Array, void> {
  const spans = scanArray(bytes, { start: 0, end: bytes.length })
  let at = 0
  for (const { end } of 'fault' in spans ? [] : spans) {
    yield bytes.subarray(at, end)
    at = end
  }
  if (at < bytes.length) yield bytes.subarray(at)
}
