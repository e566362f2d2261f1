import type { WireProtocol } from '../wire-protocol.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { parameters } from './parameters.ts'
import { decodeProblem, encodeProblem } from './problem.ts'
import { PROTOCOL } from './protocol.ts'
import { encodeReply } from './reply.ts'
import { retarget } from './retarget.ts'
import { seals } from './seals.ts'
import { decodeReply, openDecoder } from './stream-decoder.ts'
import { openEncoder } from './stream-encoder.ts'

/** OpenAI Chat Completions, with the dialects of the servers that copy it. */
export const openaiCompletions: WireProtocol = {
  id: PROTOCOL,
  path: () => '/chat/completions',
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
