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
