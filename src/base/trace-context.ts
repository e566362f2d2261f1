import { randomBytes } from 'node:crypto'

/** One call's place in a W3C trace (https://www.w3.org/TR/trace-context/). Ids are lower-case hex. */
export interface TraceContext {
  /** 32 digits. */
  readonly traceId: string
  /** 16 digits: the call's own span. */
  readonly spanId: string
  /** 16 digits: the caller's span, if it told one. */
  readonly parentId?: string
  readonly sampled: boolean
}

/** What a `traceparent` header says. */
export interface TraceParent {
  readonly traceId: string
  readonly parentId: string
  readonly sampled: boolean
}

const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

const SAMPLED = 1

/**
 * Reads a `traceparent` header, by section 3.2 of the specification: version 00 has exactly four fields, later versions may have more behind them,
 * version ff and ids of zeros only are not valid. Undefined for anything else.
 */
export function readTraceParent(header: string): TraceParent | undefined {
  const [, version, traceId = '', parentId = '', flags = '', more] = SHAPE.exec(header.trim()) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 }
}

/** The place of a new call in the caller's trace, or at the beginning of a new one where the caller told none that is valid. */
export function openTrace(header: string | null): TraceContext {
  const told = header === null ? undefined : readTraceParent(header)
  return told === undefined
    ? { traceId: randomHex(16), spanId: newSpanId(), sampled: true }
    : { ...told, spanId: newSpanId() }
}

/** A new span's id. */
export function newSpanId(): string {
  return randomHex(8)
}

/** The header that tells the next one down that this span is its parent. */
export function traceparent({ traceId, sampled }: TraceContext, spanId: string): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

/** Random bytes are drawn in blocks: one system call serves many ids. */
const BLOCK_BYTES = 1_024
let block = Buffer.alloc(0)
let used = 0

function randomHex(bytes: number): string {
  if (used + bytes > block.length) {
    block = randomBytes(BLOCK_BYTES)
    used = 0
  }
  const text = block.toString('hex', used, used + bytes)
  used += bytes
  return /^0+$/.test(text) ? randomHex(bytes) : text
}
