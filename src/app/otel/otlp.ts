/**
 * Messages of OTLP 1.x in their JSON form (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): field names in lowerCamelCase, trace
 * and span ids in hex, 64-bit integers as decimal text.
 */

/** A value of an attribute. A number that is not whole, or may not be, is given as `double`. */
export type AttributeValue = string | boolean | number | readonly string[] | { readonly double: number }

type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }

/** One attribute. */
export interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

/** A span, ended. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly KeyValue[]
  readonly status: { readonly code?: number; readonly message?: string }
}

/** SpanKind of trace.proto. */
export const SPAN_KIND = { server: 2, client: 3 } as const

/** STATUS_CODE_ERROR of trace.proto. A span that went well leaves it unset. */
export const STATUS_ERROR = 2

/** AGGREGATION_TEMPORALITY_CUMULATIVE of metrics.proto. */
const CUMULATIVE = 2

/** A histogram of a metric, as it is now. */
export interface HistogramMetric {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly bounds: readonly number[]
  readonly points: readonly {
    readonly attributes: readonly KeyValue[]
    readonly counts: readonly number[]
    readonly sum: number
  }[]
}

/** Attributes from a plain object; what is undefined or empty is left out. */
export function attributes(values: Readonly<Record<string, AttributeValue | undefined>>): readonly KeyValue[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [{ key, value: anyValue(value) }],
  )
}

function anyValue(value: AttributeValue): AnyValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return { intValue: String(Math.round(value)) }
  if ('double' in value) return { doubleValue: value.double }
  return { arrayValue: { values: value.map(anyValue) } }
}

/** Milliseconds since 1970 as nanoseconds, exact to the microsecond. */
export function unixNano(ms: number): string {
  return `${Math.round(ms * 1_000)}000`
}

/** The body of `POST /v1/traces`. `spans`: each as JSON text already, so that no more than one is written in one go. */
export function tracesBody(resource: readonly KeyValue[], scope: Scope, spans: readonly string[]): string {
  const head = `{"resource":${JSON.stringify({ attributes: resource })},"scopeSpans":[{"scope":${JSON.stringify(scope)}`
  return `{"resourceSpans":[${head},"spans":[${spans.join(',')}]}]}]}`
}

/** Who wrote it. */
export interface Scope {
  readonly name: string
  readonly version: string
}

/** The body of `POST /v1/metrics`. Times are milliseconds since 1970. */
export function metricsBody(
  resource: readonly KeyValue[],
  scope: Scope,
  metrics: readonly HistogramMetric[],
  times: { readonly startMs: number; readonly nowMs: number },
): string {
  const written = metrics.filter(({ points }) => points.length > 0).map(metric => histogram(metric, times))
  return JSON.stringify({
    resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ scope, metrics: written }] }],
  })
}

function histogram(
  { name, description, unit, bounds, points }: HistogramMetric,
  { startMs, nowMs }: { readonly startMs: number; readonly nowMs: number },
): object {
  const dataPoints = points.map(({ attributes: own, counts, sum }) => ({
    attributes: own,
    startTimeUnixNano: unixNano(startMs),
    timeUnixNano: unixNano(nowMs),
    count: String(counts.reduce((all, each) => all + each, 0)),
    sum,
    bucketCounts: counts.map(String),
    explicitBounds: bounds,
  }))
  return { name, description, unit, histogram: { aggregationTemporality: CUMULATIVE, dataPoints } }
}
