import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { Loss } from '../../canon/loss.ts'
import type { CallIds } from '../call-ids.ts'
import type { Quirks } from '../quirks.ts'
import {
  breaks,
  eachOnce,
  keepsNone,
  mapObjects,
  openedId,
  sealsAt,
  sealsOfId,
  unsealed,
  withoutFields,
} from '../seals.ts'
import { lossOf } from '../settings.ts'
import type { KeepsSeal, Seals, Unsealed } from '../wire-protocol.ts'
import { openAnthropicIds } from './writing.ts'

/** Signed and redacted thinking, and ids of calls that carry another provider's signature. */
export const seals: Seals = { signaturesIn, withoutSeals }

function signaturesIn(body: JsonObject): readonly string[] {
  return eachOnce(blocksIn(body).flatMap(block => [...thinkingSeals(block), ...sealsOfId(block, 'id')]))
}

function blocksIn(body: JsonObject): JsonObject[] {
  return asArray(body.messages).flatMap(message => asArray(asObject(message)?.content).filter(isObject))
}

function thinkingSeals(block: JsonObject): readonly string[] {
  if (block.type === 'thinking') return sealsAt(block, 'signature')
  return block.type === 'redacted_thinking' ? sealsAt(block, 'data') : []
}

/** What is known while messages are gone through. */
interface Removal {
  readonly losses: Loss[]
  /** Where an id carries something, all ids are gone through, so that no two become the same. */
  readonly ids: CallIds | undefined
  readonly keepsText: boolean
  readonly keeps: KeepsSeal
  /** The last message of which thinking was taken; -1: none. */
  last: number
}

function withoutSeals(body: JsonObject, to: Quirks | 'translated' = {}, keeps = keepsNone): Unsealed {
  const quirks = to === 'translated' ? {} : to
  const packed = blocksIn(body).some(({ id, tool_use_id }) => [id, tool_use_id].some(each => openedId(each, keeps)))
  const removal: Removal = {
    losses: [],
    ids: packed ? openAnthropicIds(quirks.toolIdPattern) : undefined,
    keepsText: quirks.unsignedThinking === true,
    keeps,
    last: -1,
  }
  const before = asArray(body.messages)
  const messages = mapObjects(before, (message, i) => withoutThinking(message, i, removal))
  const { losses } = removal
  if (losses.length === 0 && !packed) return { body, losses, assumptions: [] }
  const opened = { ...body, messages }
  const inTurn = removal.last >= toolTurnStart(before) && asObject(body.thinking)?.type === 'enabled'
  const done = inTurn && to !== 'translated' ? withoutThinkingMode(opened, losses) : opened
  return { body: done, losses, assumptions: [] }
}

/** The message without sealed thinking; none if nothing else was in it. */
function withoutThinking(message: JsonObject, place: number, removal: Removal): JsonObject[] {
  const { content } = message
  if (!Array.isArray(content)) return [message]
  const kept = mapObjects(content, (block, i) => withoutSeal(block, `messages[${place}].content[${i}]`, removal))
  if (kept.length < content.length) removal.last = place
  return kept.length === 0 && content.length > 0 ? [] : [{ ...message, content: kept }]
}

/** Where unsigned thinking is taken its text stays, and only the signature goes. */
function withoutSeal(block: JsonObject, at: string, removal: Removal): JsonObject[] {
  const { losses, keepsText, keeps } = removal
  if (!breaks(thinkingSeals(block), keeps)) return [withPlainIds(block, at, removal)]
  const readable = keepsText && block.type === 'thinking' && (asString(block.thinking) ?? '') !== ''
  losses.push(unsealed(readable ? `${at}.signature` : at))
  return readable ? [{ ...block, signature: '' }] : []
}

function withPlainIds(block: JsonObject, at: string, { ids, losses, keeps }: Removal): JsonObject {
  if (ids === undefined) return block
  const { id, tool_use_id } = block
  const [call, result] = [openedId(id, keeps), openedId(tool_use_id, keeps)]
  if (call !== undefined) losses.push(unsealed(`${at}.id`))
  return {
    ...block,
    ...(typeof id === 'string' ? { id: ids.forCall(call ?? id, false) } : {}),
    ...(typeof tool_use_id === 'string' ? { tool_use_id: ids.forResult(result ?? tool_use_id, false).id } : {}),
  }
}

/**
 * Where the turn begins that the results of tools at the end belong to: behind the last message in which the user speaks. Infinity where the
 * conversation does not end with such results.
 */
function toolTurnStart(messages: readonly JsonValue[]): number {
  const answers = (message: JsonValue | undefined) =>
    asArray(asObject(message)?.content).some(block => asObject(block)?.type === 'tool_result')
  if (!answers(messages.at(-1))) return Number.POSITIVE_INFINITY
  return messages.findLastIndex(message => asObject(message)?.role === 'user' && !answers(message)) + 1
}

/**
 * A turn that began with thinking and goes on behind tool results must still begin with it where thinking has a budget
 * (platform.claude.com/docs, "Extended thinking with tool use"), so what is left of it goes on without. Clearing old thinking is refused
 * where thinking is off.
 */
function withoutThinkingMode(body: JsonObject, losses: Loss[]): JsonObject {
  losses.push(lossOf('reasoning', 'thinking', 'the turn must begin with its thinking, which another model signed'))
  const rest = withoutFields(body, ['thinking'])
  const management = asObject(rest.context_management)
  const edits = asArray(management?.edits)
  const kept = edits.filter((edit, i) => {
    const clears = (asString(asObject(edit)?.type) ?? '').startsWith('clear_thinking')
    if (clears) losses.push(lossOf('context_management', `context_management.edits[${i}]`, 'there is no thinking'))
    return !clears
  })
  if (kept.length === edits.length) return rest
  return kept.length === 0
    ? withoutFields(rest, ['context_management'])
    : { ...rest, context_management: { ...management, edits: kept } }
}
