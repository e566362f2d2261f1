import type { ProtocolId } from '../../canon/protocol.ts'

/** This protocol's id. */
export const PROTOCOL: ProtocolId = 'openai-completions'
