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

/** What lies below one value of a label: the values of the next, and behind the last the series. */
interface Branch<S> {
  readonly below: Map<string, Branch<S>>
  series: S | undefined
}

function bare<S>(): Branch<S> {
  return { below: new Map(), series: undefined }
}

/** The series of one metric by their label values. Bounded. Looked up without making a joined key, several times a call. */
class SeriesBook<S> {
  readonly #root = bare<S>()
  #size = 0
  readonly #byText = new Map<string, S>()
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

  at(values: readonly string[]): S {
    let branch: Branch<S> | undefined = this.#root
    for (let i = 0; i < values.length && branch !== undefined; i += 1) branch = branch.below.get(values[i] ?? '')
    return branch?.series ?? this.#open(values)
  }

  /** Values that look the same once they are bounded and escaped share a series: the format allows none to come twice. */
  #open(values: readonly string[]): S {
    if (this.#size >= this.#most) {
      this.#overflow()
      this.#other ??= this.#seriesOf(this.#labels.map(() => OTHER))
      return this.#other
    }
    const series = this.#seriesOf(values)
    this.#branchAt(values).series = series
    this.#size += 1
    return series
  }

  #branchAt(values: readonly string[]): Branch<S> {
    let branch = this.#root
    for (const value of values) {
      const next: Branch<S> = branch.below.get(value) ?? bare()
      branch.below.set(value, next)
      branch = next
    }
    return branch
  }

  #seriesOf(values: readonly string[]): S {
    const text = labelText(this.#labels, values)
    const series = this.#byText.get(text) ?? this.#make(values)
    this.#byText.set(text, series)
    return series
  }

  all(): Iterable<S> {
    return this.#byText.values()
  }
}

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
    return this.#book.at(values)
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
    const found = this.#book.at(values)
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
  const lines = new Map<string, number>()
  for (const { labels: own = [], value } of values) {
    const text = labelText(labels, own)
    if (lines.size < SERIES_MAX || lines.has(text)) lines.set(text, value)
    else overflow(head.name)
  }
  const written = [...lines].map(([text, value]) => `${head.name}${text} ${numberText(value)}\n`)
  return `${headLines({ type: 'gauge', ...head })}${written.join('')}`
}
