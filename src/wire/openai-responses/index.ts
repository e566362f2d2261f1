import type { WireProtocol } from '../wire-protocol.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { parameters } from './parameters.ts'
import { decodeProblem, encodeProblem } from './problem.ts'
import { PROTOCOL } from './protocol.ts'
import { decodeReply, encodeReply } from './reply.ts'
import { retarget } from './retarget.ts'
import { seals } from './seals.ts'
import { openDecoder } from './stream-decoder.ts'
import { openEncoder } from './stream-encoder.ts'

/** OpenAI Responses, with the fields of its 2026 SDK and the dialects of the servers that copy it. */
export const openaiResponses: WireProtocol = {
  id: PROTOCOL,
  path: () => '/responses',
  parameters,
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
}
