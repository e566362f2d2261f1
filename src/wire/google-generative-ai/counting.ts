import { isObject } from '../../base/json-value.ts'
import type { TokenCounting } from '../wire-protocol.ts'
import { methodPath } from './path.ts'

/**
 * Gemini's `countTokens`. Its body is `contents` alone, or a whole request under `generateContentRequest`; its answer `{ totalTokens }` has no mark
 * for an estimate, so Candor adds one.
 */
export const counting: TokenCounting = {
  path: names => methodPath(names.model, 'countTokens'),
  completeRequest: body => {
    const whole = body.generateContentRequest ?? body.generate_content_request
    return isObject(whole) ? whole : body
  },
  encodeCount: (tokens, estimated) => ({ totalTokens: tokens, ...(estimated ? { candor: { estimated: true } } : {}) }),
}
