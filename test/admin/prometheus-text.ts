/** One line of values. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One metric as it was written. */
export interface ParsedMetric {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*/
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/
const SUFFIXES = ['_bucket', '_sum', '_count'] as const

/**
 * Reads the text exposition format 0.0.4, more strictly than Prometheus does: HELP and TYPE stand first, each metric is one group, no series comes
 * twice, histograms are whole and cumulative. Throws what is wrong.
 */
export function parseMetrics(text: string): ReadonlyMap<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const metrics = new Map<string, ParsedMetric & { readonly samples: Sample[] }>()
  const seen = new Set<string>()
  let current: (ParsedMetric & { readonly samples: Sample[] }) | undefined
  let help: { readonly name: string; readonly text: string } | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const helped = /^# HELP (\S+) (.+)$/.exec(line)
    const typed = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    if (helped?.[1] !== undefined) help = { name: helped[1], text: helped[2] ?? '' }
    else if (typed?.[1] !== undefined && typed[2] !== undefined) {
      const [, name, type] = typed
      if (help?.name !== name) throw new Error(`${name}: no HELP before TYPE`)
      if (metrics.has(name)) throw new Error(`${name} comes twice`)
      current = { name, type, help: help.text, samples: [] }
      metrics.set(name, current)
    } else {
      const sample = parseSample(line)
      if (current === undefined || !belongs(sample.name, current)) throw new Error(`stray line: ${line}`)
      const key = JSON.stringify([sample.name, sample.labels])
      if (seen.has(key)) throw new Error(`series twice: ${line}`)
      seen.add(key)
      current.samples.push(sample)
    }
  }
  for (const metric of metrics.values()) if (metric.type === 'histogram') checkHistogram(metric)
  return metrics
}

/** The value of one series, undefined if there is none. */
export function sampleValue(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const samples = [...parseMetrics(text).values()].flatMap(metric => metric.samples)
  const wanted = JSON.stringify(Object.entries(labels).toSorted())
  return samples.find(
    sample => sample.name === name && JSON.stringify(Object.entries(sample.labels).toSorted()) === wanted,
  )?.value
}

function belongs(name: string, metric: ParsedMetric): boolean {
  if (metric.type !== 'histogram') return name === metric.name
  return SUFFIXES.some(suffix => name === `${metric.name}${suffix}`)
}

function parseSample(line: string): Sample {
  const name = NAME.exec(line)?.[0]
  if (name === undefined) throw new Error(`no metric name: ${line}`)
  const { labels, rest } = parseLabels(line.slice(name.length), line)
  if (!rest.startsWith(' ') || !NUMBER.test(rest.slice(1))) throw new Error(`no number: ${line}`)
  const number = rest.slice(1)
  return { name, labels, value: number.endsWith('Inf') ? Number(number.replace('Inf', 'Infinity')) : Number(number) }
}

function parseLabels(text: string, line: string): { labels: Record<string, string>; rest: string } {
  const labels: Record<string, string> = {}
  if (!text.startsWith('{')) return { labels, rest: text }
  let rest = text.slice(1)
  for (;;) {
    const name = LABEL_NAME.exec(rest)?.[0]
    const value = /^="((?:[^"\\\n]|\\[\\"n])*)"/.exec(rest.slice(name?.length))
    if (name === undefined || value === null || name in labels) throw new Error(`a bad label: ${line}`)
    labels[name] = (value[1] ?? '').replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))
    rest = rest.slice(name.length + value[0].length)
    if (rest.startsWith('}')) return { labels, rest: rest.slice(1) }
    if (!rest.startsWith(',')) throw new Error(`labels without an end: ${line}`)
    rest = rest.slice(1)
  }
}

function checkHistogram({ name, samples }: ParsedMetric): void {
  const groups = new Map<string, Sample[]>()
  for (const sample of samples) {
    const { le: _, ...own } = sample.labels
    const key = JSON.stringify(own)
    groups.set(key, [...(groups.get(key) ?? []), sample])
  }
  for (const [key, group] of groups) {
    const buckets = group.filter(sample => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) =>
      labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']),
    )
    const rising = bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? bound))
    const cumulative = buckets.every(({ value }, at) => at === 0 || value >= (buckets[at - 1]?.value ?? value))
    const count = group.find(sample => sample.name === `${name}_count`)?.value
    const whole = bounds.at(-1) === Number.POSITIVE_INFINITY && buckets.at(-1)?.value === count
    const summed = group.filter(sample => sample.name === `${name}_sum`).length === 1
    if (!rising || !cumulative || !whole || !summed) throw new Error(`${name}${key} is not a whole histogram`)
  }
}
