import type { ProtocolId } from '../../src/canon/protocol.ts'

/** Features a protocol has no words for in a request, so that no fixture can stand there. */
export const LACKING_REQUESTS: Readonly<Record<string, readonly ProtocolId[]>> = {}

/** Features a protocol has no words for in a reply. */
export const LACKING_REPLIES: Readonly<Record<string, readonly ProtocolId[]>> = {}
