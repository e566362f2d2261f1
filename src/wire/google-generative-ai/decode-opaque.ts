import type { OpaquePart } from '../../canon/request.ts'
import { PROTOCOL } from './protocol.ts'
import type { Message } from './reading.ts'

/** A part only Gemini understands, carried as it came but for the spelling of its names. */
export function opaquePart(part: Message, name: string): OpaquePart {
  return { type: 'opaque', protocol: PROTOCOL, name, value: part.fields, at: part.at }
}
