import { newSpanId, type TraceContext } from '../../base/trace-context.ts'
import { inputTotal, outputTotal } from '../../canon/usage.ts'
import type { Attempt, Receipt } from '../../ledger/receipt.ts'
import { GENAI, operationName, providerName, servedProvider, serverOf } from './genai.ts'
import { type AttributeValue, attributes, SPAN_KIND, type Span, STATUS_ERROR, unixNano } from './otlp.ts'

const NANO = 1e9

/** The spans of one call: the call itself, and below it one for each attempt. `messages`: the prompt, if it is to be told. */
export function spansOf(receipt: Receipt, trace: TraceContext, messages: string | undefined): readonly Span[] {
  return [callSpan(receipt, trace, messages), ...receipt.attempts.map(attempt => attemptSpan(attempt, receipt, trace))]
}

function callSpan(receipt: Receipt, trace: TraceContext, messages: string | undefined): Span {
  const { at, totalMs, problem, requestedModel } = receipt
  const operation = operationName(receipt)
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    ...(trace.parentId === undefined ? {} : { parentSpanId: trace.parentId }),
    name: requestedModel === '' ? operation : `${operation} ${requestedModel}`,
    kind: SPAN_KIND.server,
    startTimeUnixNano: unixNano(at),
    endTimeUnixNano: unixNano(at + totalMs),
    attributes: attributes({
      ...genaiAttributes(receipt, operation),
      ...candorAttributes(receipt),
      [GENAI.inputMessages]: messages,
    }),
    status: statusOf(receipt.ending === 'abandoned' ? undefined : problem),
  }
}

type Values = Record<string, AttributeValue | undefined>

function genaiAttributes(receipt: Receipt, operation: string): Values {
  const { usage, stream, firstByteMs, stopReason, problem } = receipt
  const provider = servedProvider(receipt)
  return {
    [GENAI.operation]: operation,
    [GENAI.provider]: provider === undefined ? undefined : providerName(provider),
    [GENAI.requestModel]: receipt.requestedModel,
    [GENAI.requestStream]: stream ? true : undefined,
    [GENAI.responseModel]: receipt.reportedModel,
    [GENAI.finishReasons]: stopReason === undefined ? undefined : [stopReason],
    [GENAI.firstChunk]: stream && firstByteMs !== undefined ? { double: firstByteMs / 1_000 } : undefined,
    [GENAI.inputTokens]: usage === undefined ? undefined : inputTotal(usage),
    [GENAI.outputTokens]: usage === undefined ? undefined : outputTotal(usage),
    [GENAI.cacheReadTokens]: usage?.cacheRead,
    [GENAI.cacheWriteTokens]: usage?.cacheWrite,
    [GENAI.reasoningTokens]: usage?.reasoning,
    [GENAI.errorType]: problem?.code,
    [GENAI.httpStatus]: receipt.status === 0 ? undefined : receipt.status,
  }
}

/** What only Candor knows. */
function candorAttributes(receipt: Receipt): Values {
  const { fallback, cost, key } = receipt
  return {
    'candor.request.id': receipt.id,
    'candor.protocol': receipt.clientProtocol,
    'candor.model': receipt.servedModel,
    'candor.ending': receipt.ending,
    'candor.billing': receipt.billing,
    'candor.route': receipt.route,
    'candor.fallback.from': fallback?.from,
    'candor.fallback.reason': fallback?.reason,
    'candor.cache': receipt.cache,
    'candor.key.name': key?.name,
    'candor.cost.usd': cost.type === 'metered' ? { double: cost.nanoUsd / NANO } : undefined,
    'candor.cost.at_least_usd':
      cost.type === 'unknown' && cost.atLeastNanoUsd !== undefined ? { double: cost.atLeastNanoUsd / NANO } : undefined,
  }
}

function attemptSpan(attempt: Attempt, receipt: Receipt, trace: TraceContext): Span {
  const { startedMs, endedMs = receipt.totalMs, spanId = newSpanId(), model, problem } = attempt
  const operation = operationName(receipt)
  const server = serverOf(attempt)
  return {
    traceId: trace.traceId,
    spanId,
    parentSpanId: trace.spanId,
    name: `${operation} ${model}`,
    kind: SPAN_KIND.client,
    startTimeUnixNano: unixNano(receipt.at + startedMs),
    endTimeUnixNano: unixNano(receipt.at + Math.max(startedMs, endedMs)),
    attributes: attributes({
      [GENAI.operation]: operation,
      [GENAI.provider]: providerName(attempt.provider),
      [GENAI.requestModel]: model,
      [GENAI.serverAddress]: server?.address,
      [GENAI.serverPort]: server?.port,
      [GENAI.httpStatus]: attempt.status,
      [GENAI.errorType]: problem?.code,
      'candor.protocol': attempt.protocol,
      'candor.credential': attempt.credential,
      'candor.billing': attempt.billing,
      'candor.attempt.cause': attempt.because,
      'candor.attempt.waited_ms': attempt.waitedMs,
    }),
    status: statusOf(problem),
  }
}

/** The message is Candor's own sentence: it quotes nobody. */
function statusOf(problem: Receipt['problem']): Span['status'] {
  return problem === undefined ? {} : { code: STATUS_ERROR, message: problem.what }
}
