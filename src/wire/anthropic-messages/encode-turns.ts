import type { JsonObject } from '../../base/json-value.ts'
import type { Turn } from '../../canon/request.ts'
import { MARKED_REASON, markInstructions, splitInstructions, USER_FILLER } from '../instructions-inside.ts'
import { type Block, writePart } from './encode-content.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** `system` and `messages` as written. */
export interface Conversation {
  readonly system: readonly Block[]
  readonly messages: readonly JsonObject[]
}

interface Message {
  readonly role: 'user' | 'assistant' | 'system'
  readonly blocks: Block[]
}

/** Writes the turns: leading instructions to `system`, the rest to messages whose roles alternate. */
export function writeTurns(turns: readonly Turn[], writing: Writing): Conversation {
  const { head, rest } = splitInstructions(turns)
  const system = head.flatMap(turn => writeParts(turn, writing))
  const messages: Message[] = []
  for (const turn of rest) append(messages, writeTurn(turn, writing))
  if (messages[0] === undefined || messages[0].role === 'assistant') {
    messages.unshift({ role: 'user', blocks: [{ type: 'text', text: USER_FILLER }] })
    writing.assume('messages[0]', USER_FILLER, 'a conversation must begin with a user message')
  }
  return { system, messages: messages.map(message => ({ role: message.role, content: ordered(message, writing) })) }
}

function writeTurn(turn: Turn, writing: Writing): Message {
  if (turn.role === 'user' || turn.role === 'assistant') return { role: turn.role, blocks: writeParts(turn, writing) }
  if (writing.request.from === PROTOCOL) return { role: 'system', blocks: writeParts(turn, writing) }
  writing.lose('instructions_inside', turn.at, MARKED_REASON)
  return { role: 'user', blocks: writeParts(markInstructions(turn), writing) }
}

function writeParts(turn: Turn, writing: Writing): Block[] {
  if (turn.name !== undefined) writing.lose('participant_name', `${turn.at}.name`, 'Anthropic has no names on messages')
  return turn.parts.flatMap(part => writePart(part, writing))
}

/** Neighbours of the same role become one message; a turn of which nothing is left becomes none. */
function append(messages: Message[], message: Message): void {
  if (message.blocks.length === 0) return
  const last = messages.at(-1)
  if (last?.role === message.role) last.blocks.push(...message.blocks)
  else messages.push(message)
}

/** Results of tools stand first in a user message, thinking first in an assistant message; Anthropic's own order stays as it was. */
function ordered({ role, blocks }: Message, writing: Writing): readonly Block[] {
  if (writing.request.from === PROTOCOL || role === 'system') return blocks
  const first = role === 'user' ? ['tool_result'] : ['thinking', 'redacted_thinking']
  const isFirst = (block: Block) => first.includes(String(block.type))
  return [...blocks.filter(isFirst), ...blocks.filter(block => !isFirst(block))]
}
