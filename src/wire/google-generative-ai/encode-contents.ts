import type { JsonObject } from '../../base/json-value.ts'
import type { Part, Turn } from '../../canon/request.ts'
import {
  isInstruction,
  MARKED_REASON,
  markInstructions,
  splitInstructions,
  USER_FILLER,
} from '../instructions-inside.ts'
import { NO_SIGNATURE } from './decode-signatures.ts'
import { writePart } from './encode-parts.ts'
import { PROTOCOL } from './protocol.ts'
import type { Writing } from './writing.ts'

/** `systemInstruction` and `contents` as written. */
export interface Conversation {
  readonly systemInstruction?: JsonObject
  readonly contents: readonly JsonObject[]
}

interface Content {
  readonly role: 'user' | 'model'
  readonly parts: JsonObject[]
}

/** Writes the turns: leading instructions to `systemInstruction`, the rest to contents whose roles alternate. */
export function writeContents(turns: readonly Turn[], writing: Writing): Conversation {
  const { head, rest } = splitInstructions(turns)
  const instruction = head.flatMap(turn => writeParts(turn, writing))
  const contents: Content[] = []
  for (const turn of rest) append(contents, writeTurn(turn, writing))
  if (contents[0] === undefined || contents[0].role === 'model') {
    contents.unshift({ role: 'user', parts: [{ text: USER_FILLER }] })
    writing.assume('contents[0]', USER_FILLER, 'a conversation must begin with a content of the user')
  }
  return {
    ...(instruction.length === 0 ? {} : { systemInstruction: { parts: instruction } }),
    contents: contents.map(({ role, parts }) => ({
      role,
      parts: role === 'user' ? resultsFirst(parts, writing) : signed(parts, writing),
    })),
  }
}

function writeTurn(turn: Turn, writing: Writing): Content {
  if (!isInstruction(turn))
    return { role: turn.role === 'assistant' ? 'model' : 'user', parts: writeParts(turn, writing) }
  writing.lose('instructions_inside', turn.at, MARKED_REASON)
  return { role: 'user', parts: writeParts(markInstructions(turn), writing) }
}

function writeParts(turn: Turn, writing: Writing): JsonObject[] {
  if (turn.name !== undefined) writing.lose('participant_name', `${turn.at}.name`, 'Gemini has no names on contents')
  const parts = writing.quirks.noCallIds === true ? inCallOrder(turn.parts, writing) : turn.parts
  return parts.flatMap(part => writePart(part, writing))
}

/** Where there are no ids a result is known by its place only: results stand in the order of their calls. */
function inCallOrder(parts: readonly Part[], { calledNames }: Writing): readonly Part[] {
  const order = [...calledNames.keys()]
  const results = parts.filter(part => part.type === 'tool-result')
  results.sort((a, b) => order.indexOf(a.callId) - order.indexOf(b.callId))
  return [...results, ...parts.filter(part => part.type !== 'tool-result')]
}

/** Neighbours of the same role become one content; a turn of which nothing is left becomes none. */
function append(contents: Content[], content: Content): void {
  if (content.parts.length === 0) return
  const last = contents.at(-1)
  if (last?.role === content.role) last.parts.push(...content.parts)
  else contents.push(content)
}

/** Results must follow the calls at once; Gemini's own order stays as it was. */
function resultsFirst(parts: readonly JsonObject[], writing: Writing): readonly JsonObject[] {
  if (writing.request.from === PROTOCOL) return parts
  const isResult = (part: JsonObject) => part.functionResponse !== undefined
  return [...parts.filter(isResult), ...parts.filter(part => !isResult(part))]
}

/**
 * From Gemini 3 on the first call of a content must be signed. For a call that another model wrote Google documents a placeholder; of parallel
 * calls the others never have a signature.
 */
function signed(parts: readonly JsonObject[], writing: Writing): readonly JsonObject[] {
  const first = parts.find(part => part.functionCall !== undefined)
  if (first === undefined || first.thoughtSignature !== undefined || writing.quirks.unsignedCalls === true) return parts
  const path = 'contents[].parts[].thoughtSignature'
  writing.assume(
    path,
    NO_SIGNATURE,
    'the model demands a signature on calls, and there is none on those of other models',
  )
  return parts.map(part => (part === first ? { ...part, thoughtSignature: NO_SIGNATURE } : part))
}
