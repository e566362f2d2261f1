import type { WireProtocol } from '../wire-protocol.ts'
import { counting } from './counting.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { parameters } from './parameters.ts'
import { decodeProblem, encodeProblem, STATUSES } from './problem.ts'
import { PROTOCOL } from './protocol.ts'
import { decodeReply, encodeReply } from './reply.ts'
import { retarget } from './retarget.ts'
import { seals } from './seals.ts'
import { openDecoder } from './stream-decoder.ts'
import { openEncoder } from './stream-encoder.ts'

/** Anthropic Messages, API version 2023-06-01, with the fields of its 2026 SDK. */
export const anthropicMessages: WireProtocol = {
  id: PROTOCOL,
  path: () => '/v1/messages',
  parameters,
  counting,
  decodeRequest,
  encodeRequest,
  retarget,
  decodeReply,
  encodeReply,
  openDecoder,
  openEncoder,
  decodeProblem,
  encodeProblem,
  seals,
  statuses: STATUSES,
}
