import type { WireProtocol } from '../wire-protocol.ts'
import { counting } from './counting.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { parameters } from './parameters.ts'
import { methodPath } from './path.ts'
import { decodeProblem, encodeProblem } from './problem.ts'
import { PROTOCOL } from './protocol.ts'
import { encodeReply } from './reply.ts'
import { retarget } from './retarget.ts'
import { seals } from './seals.ts'
import { decodeReply, openDecoder } from './stream-decoder.ts'
import { openEncoder } from './stream-encoder.ts'

/** Google's Gemini API, version v1beta, with what Vertex adds to its replies. Streams are asked for as server-sent events. */
export const googleGenerativeAi: WireProtocol = {
  id: PROTOCOL,
  path: ({ model, stream }) => methodPath(model, stream ? 'streamGenerateContent?alt=sse' : 'generateContent'),
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
}
