import { headLines, labelText, type MetricHead, numberText } from './text-format.ts'

/** Most series a metric may have. What comes on top is counted together, under the label value {@link OTHER}. */
export const SERIES_MAX = 2_000

/** Most series a histogram may have: each of them is as many lines as it has bounds. */
export const HISTOGRAM_SERIES_MAX = 500

/** The value of every label of the series that stands for all that found no place of their own. */
export const OTHER = 'other'

/** Told whenever something is counted under {@link OTHER}. */
export type OnOverflow = (metric: string) => void

/** A number that only grows. An object, so that counting is one addition. */
export interface CounterSeries {
  count: number
}

/** The series of one metric by their label values. Bounded. */
class SeriesBook<S> {
  readonly #byKey = new Map<string, S>()
  readonly #make: (values: readonly string[]) => S
  readonly #labels: readonly string[]
  readonly #most: number
  readonly #overflow: () => void
  #other: S | undefined

  constructor(labels: readonly string[], most: number, overflow: () => void, make: (values: readonly string[]) => S) {
    this.#labels = labels
    this.#most = most
    this.#overflow = overflow
    this.#make = make
  }

  /** `key` is the values joined: it is what a known series costs to find. */
  at(key: string, values: () => readonly string[]): S {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    if (this.#byKey.size >= this.#most) {
      this.#overflow()
      this.#other ??= this.#make(this.#labels.map(() => OTHER))
      return this.#other
    }
    const fresh = this.#make(values())
    this.#byKey.set(key, fresh)
    return fresh
  }

  *all(): Iterable<S> {
    yield* this.#byKey.values()
    if (this.#other !== undefined) yield this.#other
  }
}

const SEPARATOR = '\u0000'

interface LabelledCounter extends CounterSeries {
  readonly line: string
}

/** A counter with labels. */
export class Counter {
  readonly #head: MetricHead
  readonly #unit: number
  readonly #book: SeriesBook<LabelledCounter>

  /** `unit`: how many of what is counted make one of what is shown, for sums that are kept in whole numbers. */
  constructor(head: Omit<MetricHead, 'type'>, labels: readonly string[], overflow: OnOverflow, unit = 1) {
    this.#head = { ...head, type: 'counter' }
    this.#unit = unit
    this.#book = new SeriesBook(
      labels,
      SERIES_MAX,
      () => overflow(head.name),
      values => ({
        line: `${head.name}${labelText(labels, values)} `,
        count: 0,
      }),
    )
  }

  /** The series of these label values, in the order of the labels. */
  at(...values: readonly string[]): CounterSeries {
    return this.#book.at(values.length === 1 ? (values[0] ?? '') : values.join(SEPARATOR), () => values)
  }

  render(): string {
    let text = headLines(this.#head)
    for (const { line, count } of this.#book.all()) text += `${line}${numberText(count / this.#unit)}\n`
    return text
  }
}

/** How the values of one series of a histogram lie. */
export interface Distribution {
  /** In the order of the histogram's labels. */
  readonly labels: readonly string[]
  /** Values per bucket, not cumulative; one more than there are bounds. */
  readonly counts: readonly number[]
  readonly sum: number
}

interface OpenDistribution extends Distribution {
  readonly counts: number[]
  sum: number
}

/** A histogram with labels. */
export class Histogram {
  readonly #head: MetricHead
  readonly #bounds: readonly number[]
  readonly #labels: readonly string[]
  readonly #book: SeriesBook<OpenDistribution>

  constructor(
    head: Omit<MetricHead, 'type'>,
    labels: readonly string[],
    bounds: readonly number[],
    overflow: OnOverflow,
  ) {
    this.#head = { ...head, type: 'histogram' }
    this.#bounds = bounds
    this.#labels = labels
    this.#book = new SeriesBook(
      labels,
      HISTOGRAM_SERIES_MAX,
      () => overflow(head.name),
      values => ({
        counts: new Array<number>(bounds.length + 1).fill(0),
        labels: values,
        sum: 0,
      }),
    )
  }

  /** Notes one value for these label values. */
  observe(value: number, ...values: readonly string[]): void {
    const found = this.#book.at(values.length === 1 ? (values[0] ?? '') : values.join(SEPARATOR), () => values)
    found.sum += value
    const at = bucketOf(value, this.#bounds)
    found.counts[at] = (found.counts[at] ?? 0) + 1
  }

  render(): string {
    let text = headLines(this.#head)
    for (const distribution of this.distributions()) text += this.#lines(distribution)
    return text
  }

  /** Every series there is. */
  distributions(): Iterable<Distribution> {
    return this.#book.all()
  }

  #lines({ counts, labels, sum }: Distribution): string {
    const { name } = this.#head
    const own = labelText(this.#labels, labels)
    const names = [...this.#labels, 'le']
    let text = ''
    let below = 0
    for (const [at, count] of counts.entries()) {
      below += count
      const bound = numberText(this.#bounds[at] ?? Number.POSITIVE_INFINITY)
      text += `${name}_bucket${labelText(names, [...labels, bound])} ${below}\n`
    }
    return `${text}${name}_sum${own} ${numberText(sum)}\n${name}_count${own} ${below}\n`
  }
}

/** The first bucket whose bound is not below the value; bounds rise, and behind the last one is a bucket for the rest. */
export function bucketOf(value: number, bounds: readonly number[]): number {
  let at = 0
  while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1
  return at
}

/** One line of a gauge. */
export interface GaugeValue {
  readonly labels?: readonly string[]
  readonly value: number
}

/** A gauge read at this moment. Values beyond {@link SERIES_MAX} are left out, and told as overflow. */
export function renderGauge(
  head: Omit<MetricHead, 'type'> & { readonly type?: 'gauge' | 'counter' },
  labels: readonly string[],
  values: readonly GaugeValue[],
  overflow: OnOverflow,
): string {
  let text = headLines({ type: 'gauge', ...head })
  for (const { labels: own = [], value } of values.slice(0, SERIES_MAX))
    text += `${head.name}${labelText(labels, own)} ${numberText(value)}\n`
  for (let more = SERIES_MAX; more < values.length; more += 1) overflow(head.name)
  return text
}
