import type { ProtocolId } from '../../canon/protocol.ts'

/** This protocol's own id: what tells its own opaque parts, signatures and annotations from foreign ones. */
export const PROTOCOL: ProtocolId = 'openai-responses'
