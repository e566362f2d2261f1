import { asArray, asString, isObject, type JsonObject } from '../../base/json-value.ts'
import type { Loss } from '../../canon/loss.ts'
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

/**
 * Encrypted reasoning items, and ids of calls that carry another provider's signature. What else a provider encrypts (a compacted stretch of
 * the conversation) is no reasoning, and nothing would be left without it.
 */
export const seals: Seals = { signaturesIn, withoutSeals }

function signaturesIn(body: JsonObject): readonly string[] {
  return eachOnce(
    asArray(body.input)
      .filter(isObject)
      .flatMap(item => [...reasoningSeals(item), ...(isResult(item) ? [] : sealsOfId(item, 'call_id'))]),
  )
}

function reasoningSeals(item: JsonObject): readonly string[] {
  return item.type === 'reasoning' ? sealsAt(item, 'encrypted_content') : []
}

/** What is left is fit for every endpoint of this protocol, so it does not matter where it goes. */
function withoutSeals(body: JsonObject, _to?: Quirks | 'translated', keeps = keepsNone): Unsealed {
  const losses: Loss[] = []
  if (!Array.isArray(body.input)) return { body, losses, assumptions: [] }
  let belongs = false
  const input = mapObjects(body.input, (item, i) => {
    const at = `input[${i}]`
    if (isSealed(item, keeps)) {
      losses.push(unsealed(at))
      belongs = true
      return []
    }
    const open = withPlainId(item, at, losses, keeps)
    belongs = belongs && isOfTheModel(open)
    return [belongs ? withoutItemId(open, at, losses) : open]
  })
  return { body: { ...body, input }, losses, assumptions: [] }
}

/** Encrypted, or kept by its provider under its id: an item without a text of its own says nothing to another one. */
function isSealed(item: JsonObject, keeps: KeepsSeal): boolean {
  if (breaks(reasoningSeals(item), keeps)) return true
  const kept = item.type === 'reasoning' && (asString(item.id) ?? '') !== ''
  return kept && (asString(item.encrypted_content) ?? '') === '' && asArray(item.content).length === 0
}

function withPlainId(item: JsonObject, at: string, losses: Loss[], keeps: KeepsSeal): JsonObject {
  const call_id = openedId(item.call_id, keeps)
  if (call_id === undefined) return item
  if (!isResult(item)) losses.push(unsealed(`${at}.call_id`))
  return { ...item, call_id }
}

function isResult(item: JsonObject): boolean {
  return asString(item.type)?.endsWith('_output') === true
}

function isOfTheModel(item: JsonObject): boolean {
  return item.type === 'function_call' || item.type === 'custom_tool_call' || item.role === 'assistant'
}

/**
 * OpenAI refuses an item by whose id it knows the reasoning that must stand before it (its error message: "was provided without its required
 * 'reasoning' item"). The id may be left out of calls and messages.
 */
function withoutItemId(item: JsonObject, at: string, losses: Loss[]): JsonObject {
  if (item.id === undefined) return item
  losses.push(lossOf('reasoning_history', `${at}.id`, 'the id belongs to thinking that another model signed'))
  return withoutFields(item, ['id'])
}
