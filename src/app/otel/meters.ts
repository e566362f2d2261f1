import { Histogram, OTHER } from '../../admin/metrics/series.ts'
import { inputTotal, outputTotal } from '../../canon/usage.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import {
  DURATION_BOUNDS,
  FIRST_TOKEN_BOUNDS,
  GENAI,
  operationName,
  providerName,
  servedProvider,
  TOKEN_BOUNDS,
} from './genai.ts'
import { attributes, type HistogramMetric } from './otlp.ts'

/** The conventions' metrics, summed since the start. */
export interface Meters {
  note(receipt: Receipt): void
  read(): readonly HistogramMetric[]
}

const COMMON = [GENAI.operation, GENAI.provider, GENAI.requestModel]

interface Meter {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly labels: readonly string[]
  readonly bounds: readonly number[]
}

const METERS = {
  tokens: {
    name: 'gen_ai.client.token.usage',
    description: 'Number of input and output tokens used.',
    unit: '{token}',
    labels: [...COMMON, GENAI.tokenType],
    bounds: TOKEN_BOUNDS,
  },
  duration: {
    name: 'gen_ai.client.operation.duration',
    description: 'Duration of the operation, with all its attempts.',
    unit: 's',
    labels: [...COMMON, GENAI.errorType],
    bounds: DURATION_BOUNDS,
  },
  firstChunk: {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    description: 'Time to the first byte of a streamed answer.',
    unit: 's',
    labels: COMMON,
    bounds: DURATION_BOUNDS,
  },
  firstToken: {
    name: 'gen_ai.server.time_to_first_token',
    description: 'Time to the first byte of a complete answer, as the client of the gateway sees it.',
    unit: 's',
    labels: COMMON,
    bounds: FIRST_TOKEN_BOUNDS,
  },
} as const satisfies Record<string, Meter>

/** Opens the meters, all empty. */
export function openMeters(): Meters {
  const tokens = histogramOf(METERS.tokens)
  const duration = histogramOf(METERS.duration)
  const firstChunk = histogramOf(METERS.firstChunk)
  const firstToken = histogramOf(METERS.firstToken)

  return {
    note(receipt) {
      const provider = servedProvider(receipt)
      // Who was refused by the gateway itself, or answered from its cache, asked no model.
      if (provider === undefined || receipt.attempts.length === 0) return
      const { problem, stream, firstByteMs, ending, usage } = receipt
      const common = [operationName(receipt), providerName(provider), modelLabel(receipt, provider)] as const
      if (receipt.totalUnknown !== true) duration.observe(receipt.totalMs / 1_000, ...common, problem?.code ?? '')
      if (firstByteMs !== undefined && stream) firstChunk.observe(firstByteMs / 1_000, ...common)
      if (firstByteMs !== undefined && ending === 'complete') firstToken.observe(firstByteMs / 1_000, ...common)
      const [input, output] = usage === undefined ? [] : [inputTotal(usage), outputTotal(usage)]
      if (input !== undefined) tokens.observe(input, ...common, 'input')
      if (output !== undefined) tokens.observe(output, ...common, 'output')
    },
    read: () => [
      metricOf(METERS.tokens, tokens),
      metricOf(METERS.duration, duration),
      metricOf(METERS.firstChunk, firstChunk),
      metricOf(METERS.firstToken, firstToken),
    ],
  }
}

/** A name the provider does not know is no label: anybody could make new ones. */
function modelLabel({ servedModel, problem, attempts }: Receipt, provider: string): string {
  if (problem?.code === 'upstream_model_not_found') return OTHER
  return servedModel?.slice(provider.length + 1) ?? attempts.at(-1)?.model ?? ''
}

function histogramOf({ name, description, labels, bounds }: Meter): Histogram {
  return new Histogram({ name, help: description }, labels, bounds, () => {})
}

function metricOf({ name, description, unit, labels, bounds }: Meter, histogram: Histogram): HistogramMetric {
  const points = [...histogram.distributions()].map(({ labels: values, counts, sum }) => ({
    attributes: attributes(Object.fromEntries(labels.map((label, at) => [label, values[at]]))),
    counts: [...counts],
    sum,
  }))
  return { name, description, unit, bounds, points }
}
