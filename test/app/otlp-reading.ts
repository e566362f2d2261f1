import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import type { Received } from './collector.ts'

/** A span as a collector reads it. */
export interface ReadSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: JsonValue | undefined
  readonly start: string
  readonly end: string
  readonly status: JsonObject
  readonly attributes: Readonly<Record<string, unknown>>
}

/** A point of a histogram as a collector reads it. */
export interface ReadPoint {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly count: number
  readonly sum: number
  readonly counts: readonly number[]
  readonly bounds: readonly number[]
}

const HEX = { traceId: /^[0-9a-f]{32}$/, spanId: /^[0-9a-f]{16}$/ }
const INTEGER = /^-?\d+$/

/** The spans of a request. Throws where the message is not OTLP's JSON. */
export function readSpans({ body }: Received): readonly ReadSpan[] {
  return inside(body, 'resourceSpans', 'scopeSpans', 'spans').map(span => {
    const traceId = text(span['traceId'], HEX.traceId)
    const start = text(span['startTimeUnixNano'], INTEGER)
    const end = text(span['endTimeUnixNano'], INTEGER)
    if (BigInt(end) < BigInt(start)) throw new Error('a span ends before it begins')
    return {
      traceId,
      spanId: text(span['spanId'], HEX.spanId),
      parentSpanId: span['parentSpanId'] === undefined ? undefined : text(span['parentSpanId'], HEX.spanId),
      name: text(span['name'], /./),
      kind: span['kind'],
      start,
      end,
      status: asObject(span['status']) ?? {},
      attributes: readAttributes(span['attributes']),
    }
  })
}

/** The histograms of a request by their names, with their units. */
export function readHistograms({
  body,
}: Received): ReadonlyMap<string, { unit: string; points: readonly ReadPoint[] }> {
  const metrics = inside(body, 'resourceMetrics', 'scopeMetrics', 'metrics')
  return new Map(
    metrics.map(metric => {
      const histogram = asObject(metric['histogram'])
      if (histogram?.['aggregationTemporality'] !== 2) throw new Error('not cumulative')
      const points = (asArray(histogram['dataPoints']) ?? []).map(readPoint)
      return [text(metric['name'], /./), { unit: text(metric['unit'], /./), points }]
    }),
  )
}

/** The resource's attributes. */
export function readResource({ body }: Received): Readonly<Record<string, unknown>> {
  const all = asArray(body['resourceSpans'] ?? body['resourceMetrics'])
  return readAttributes(asObject(asObject(all?.[0])?.['resource'])?.['attributes'])
}

function readPoint(value: JsonValue): ReadPoint {
  const point = asObject(value) ?? {}
  const counts = (asArray(point['bucketCounts']) ?? []).map(count => Number(text(count, INTEGER)))
  const bounds = (asArray(point['explicitBounds']) ?? []).map(Number)
  const count = Number(text(point['count'], INTEGER))
  const all = counts.reduce((sum, each) => sum + each, 0)
  if (all !== count || counts.length !== bounds.length + 1) throw new Error('a histogram whose buckets do not add up')
  return { attributes: readAttributes(point['attributes']), count, sum: Number(point['sum']), counts, bounds }
}

function inside(body: JsonObject, ...path: readonly string[]): readonly JsonObject[] {
  return path.reduce<readonly JsonObject[]>(
    (at, name) => at.flatMap(each => (asArray(each[name]) ?? []).map(value => asObject(value) ?? {})),
    [body],
  )
}

function readAttributes(value: JsonValue | undefined): Readonly<Record<string, unknown>> {
  const pairs = (asArray(value) ?? []).map(each => asObject(each) ?? {})
  return Object.fromEntries(pairs.map(pair => [text(pair['key'], /./), readValue(asObject(pair['value']))]))
}

function readValue(value: JsonObject | undefined): unknown {
  const [[kind, held] = ['nothing', null]] = Object.entries(value ?? {})
  if (kind === 'intValue') return Number(text(held, INTEGER))
  if (kind === 'arrayValue') return (asArray(asObject(held)?.['values']) ?? []).map(each => readValue(asObject(each)))
  if (kind === 'stringValue' || kind === 'doubleValue' || kind === 'boolValue') return held
  throw new Error(`not a value: ${kind}`)
}

function text(value: JsonValue | undefined, shape: RegExp): string {
  const found = asString(value) ?? ''
  if (!shape.test(found)) throw new Error(`${JSON.stringify(value)} is not ${shape}`)
  return found
}
