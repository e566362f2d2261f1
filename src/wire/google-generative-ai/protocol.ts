import type { ProtocolId } from '../../canon/protocol.ts'

/** This protocol's own id: what tells its own opaque parts and signatures from foreign ones. */
export const PROTOCOL: ProtocolId = 'google-generative-ai'
