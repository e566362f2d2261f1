import { parseJson } from '../../base/json.ts'
import { asObject } from '../../base/json-value.ts'
import { isProblem } from '../../canon/problem.ts'
import type { Part, Turn } from '../../canon/request.ts'
import type { RequestNames, WireProtocol } from '../../wire/wire-protocol.ts'

/** What a client asked, as it came. */
export interface Prompt {
  readonly protocol: WireProtocol
  readonly body: Uint8Array
  readonly names: RequestNames | undefined
}

/** Larger bodies are not told, in bytes. */
export const PROMPT_BYTES_MAX = 128 * 1024

/** Most characters of conversation that are told, the newest first: what was asked last says most. */
export const PROMPT_CHARS_MAX = 32 * 1024

/**
 * A conversation as `gen_ai.input.messages`, by the conventions' schema, as JSON text. Images, sounds and documents are named, not told. Undefined
 * for a body that is none.
 */
export function inputMessages({ protocol, body, names }: Prompt): string | undefined {
  const read = parseJson(new TextDecoder().decode(body))
  const whole = read.ok ? asObject(read.value) : undefined
  if (whole === undefined) return undefined
  const request = protocol.decodeRequest(whole, names)
  if (isProblem(request)) return undefined
  const messages: string[] = []
  let room = PROMPT_CHARS_MAX
  for (const turn of request.turns.toReversed()) {
    const message = JSON.stringify(messageOf(turn, room))
    room -= message.length
    if (room < 0 && messages.length > 0) break
    messages.push(message)
  }
  return `[${messages.reverse().join(',')}]`
}

function messageOf({ role, parts }: Turn, charsMax: number): object {
  const kinds = parts.map(part => partOf(part, charsMax))
  return { role: parts.some(part => part.type === 'tool-result') ? 'tool' : role, parts: kinds }
}

function partOf(part: Part, charsMax: number): object {
  const cut = (text: string) => (text.length > charsMax ? `${text.slice(0, charsMax)}…` : text)
  if (part.type === 'text' || part.type === 'refusal') return { type: 'text', content: cut(part.text) }
  if (part.type === 'reasoning') return { type: 'reasoning', content: cut(part.text) }
  if (part.type === 'tool-call') return { type: 'tool_call', id: part.id, name: part.name, arguments: cut(part.input) }
  if (part.type !== 'tool-result') return { type: part.type }
  const said = part.content.map(each => (each.type === 'text' ? each.text : `[${each.type}]`)).join('\n')
  return { type: 'tool_call_response', id: part.callId, response: cut(said) }
}
