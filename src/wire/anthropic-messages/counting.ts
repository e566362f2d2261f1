import type { TokenCounting } from '../wire-protocol.ts'

/** Anthropic's `POST /v1/messages/count_tokens`; its answer is `{ input_tokens }` and has no mark for an estimate, so Candor adds one. */
export const counting: TokenCounting = {
  path: () => '/v1/messages/count_tokens',
  completeRequest: body => ({ max_tokens: 1, ...body }),
  encodeCount: (tokens, estimated) => ({ input_tokens: tokens, ...(estimated ? { candor: { estimated: true } } : {}) }),
}
