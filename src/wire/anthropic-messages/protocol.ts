import type { ProtocolId } from '../../canon/protocol.ts'

/** This protocol's own id: what tells its own opaque parts, signatures and citations from foreign ones. */
export const PROTOCOL: ProtocolId = 'anthropic-messages'
