import { quoteText } from '../../base/redact.ts'

/** The content type of what is rendered here: Prometheus text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** What a metric is to Prometheus. */
export type MetricType = 'counter' | 'gauge' | 'histogram'

/** What stands above the series of a metric. */
export interface MetricHead {
  readonly name: string
  readonly type: MetricType
  /** One sentence, for people. */
  readonly help: string
}

/** Longer label values are cut, in characters. */
const LABEL_CHARS_MAX = 200

/** The two comment lines of a metric. */
export function headLines({ name, type, help }: MetricHead): string {
  const said = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return `# HELP ${name} ${said}\n# TYPE ${name} ${type}\n`
}

/** Labels as they stand in a line, braces included; empty for none. Values may be any text. */
export function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return ''
  return `{${names.map((name, at) => `${name}="${escaped(values[at] ?? '')}"`).join(',')}}`
}

/** Backslash, quote and line break are escaped by the format's rule; other control characters are made visible. */
function escaped(value: string): string {
  return quoteText(value, LABEL_CHARS_MAX).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** A number as the format wants it. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
