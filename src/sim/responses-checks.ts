import { asArray, asObject, asString, type JsonObject } from '../base/json-value.ts'
import { type CheckedCall, invalid } from './check.ts'
import { missingParameter } from './openai-wording.ts'
import type { Failure } from './reply.ts'
import { ANSWERED_BY, isWritten, typeOf } from './responses-items.ts'
import { SEAL_MARK, SIGNER } from './responses-write.ts'
import { unseal } from './seal.ts'

/** What OpenAI's Responses demand of a conversation, in its wording. */

/** A request that is being checked, with the items it stands for. */
export interface ItemsCall extends CheckedCall {
  readonly items: readonly JsonObject[]
}

type ItemsCheck = (call: ItemsCall) => Failure | undefined

/** Models that reason, and so take no sampling parameters but may reason. */
const REASONING_MODELS = /^(o\d|gpt-[5-9])/

/** A call without result, or a result without call. Position does not matter (deepseek-ai/awesome-deepseek-integration#740). */
const paired: ItemsCheck = ({ items }) => {
  for (const [type, answer] of ANSWERED_BY) {
    const calls = idsOf(items, type)
    const answers = idsOf(items, answer)
    const kind = type === 'function_call' ? 'function call' : 'custom tool call'
    const orphan = answers.find(id => !calls.includes(id))
    if (orphan !== undefined) {
      return invalid(`No tool call found for ${kind} output with call_id ${orphan}.`, { param: 'input' })
    }
    const open = calls.find(id => !answers.includes(id))
    if (open !== undefined) return invalid(`No tool output found for ${kind} ${open}.`, { param: 'input' })
  }
  return undefined
}

function idsOf(items: readonly JsonObject[], type: string): readonly string[] {
  return items.flatMap(item => (typeOf(item) === type ? (asString(item.call_id) ?? []) : []))
}

/** Sealed reasoning must be this provider's own, letter for letter. */
const ownReasoning: ItemsCheck = ({ items }) => {
  for (const item of items) {
    const sealed = asString(item.encrypted_content)
    if (typeOf(item) !== 'reasoning' || sealed === undefined) continue
    // An item that only opened has a seal of nothing; the one to send back is in the event that closed it.
    if ((unseal(SIGNER, sealed, SEAL_MARK) ?? '') !== '') continue
    const shown = sealed.length > 8 ? `${sealed.slice(0, 4)}...${sealed.slice(-4)}` : sealed
    const id = asString(item.id)
    // With and without an id: openai/codex#8145 and smallmain/vscode-unify-chat-provider#178.
    return invalid(
      `The encrypted content ${id === undefined ? shown : `for item ${id}`} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
      { code: 'invalid_encrypted_content' },
    )
  }
  return undefined
}

/** Reasoning stands before what it led to, and what was kept with reasoning does not come without it. */
const reasoningInPlace: ItemsCheck = ({ items, world }) => {
  for (const [at, item] of items.entries()) {
    const id = asString(item.id)
    if (id === undefined) continue
    const next = items[at + 1]
    if (typeOf(item) === 'reasoning' && (next === undefined || !isWritten(next))) {
      return invalid(`Item '${id}' of type 'reasoning' was provided without its required following item.`, {
        param: 'input',
      })
    }
    const needs = asString(asObject(world.kept.get(id))?.reasoning)
    if (needs !== undefined && !items.some(other => other.id === needs)) {
      return invalid(
        `Item '${id}' of type '${typeOf(item)}' was provided without its required 'reasoning' item: '${needs}'.`,
        { param: 'input' },
      )
    }
  }
  return undefined
}

/** As recorded: the code is null. */
const reasoningParameters: ItemsCheck = ({ ask, body }) => {
  const unsupported = REASONING_MODELS.test(ask.model)
    ? ['temperature', 'top_p'].find(name => (body[name] ?? 1) !== 1)
    : Object.entries(asObject(body.reasoning) ?? {}).flatMap(([name, value]) =>
        value === null ? [] : [`reasoning.${name}`],
      )[0]
  return unsupported === undefined
    ? undefined
    : invalid(`Unsupported parameter: '${unsupported}' is not supported with this model.`, { param: unsupported })
}

const knownChoice: ItemsCheck = ({ body }) => {
  const choice = asObject(body.tool_choice)
  const type = asString(choice?.type)
  if (type !== 'function' && type !== 'custom') return undefined
  if (choice?.name === undefined) return missingParameter('tool_choice.name')
  const offered = asArray(body.tools).some(tool => asObject(tool)?.name === choice.name)
  return offered
    ? undefined
    : invalid(`Tool choice '${type}' not found in 'tools' parameter.`, { param: 'tool_choice' })
}

const jsonIsMentioned: ItemsCheck = ({ body, items }) => {
  if (asObject(asObject(body.text)?.format)?.type !== 'json_object') return undefined
  if (/json/i.test(JSON.stringify([body.instructions, items]))) return undefined
  return invalid(
    "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
    { param: 'input' },
  )
}

const oneHistory: ItemsCheck = ({ body }) => {
  const conversation = asString(body.conversation) ?? asString(asObject(body.conversation)?.id)
  if (conversation === undefined) return undefined
  if (asString(body.previous_response_id) !== undefined) {
    return invalid("Mutually exclusive parameters: 'previous_response_id' and 'conversation' cannot be used together.")
  }
  return { status: 404, message: `Conversation with id '${conversation}' not found.`, param: 'conversation' }
}

const keptInBackground: ItemsCheck = ({ body }) =>
  body.background === true && body.store === false
    ? invalid("Background mode requires 'store' to be true.", { param: 'store' })
    : undefined

/** All of them; the first refusal wins. */
export const responsesChecks: readonly ItemsCheck[] = [
  reasoningParameters,
  oneHistory,
  keptInBackground,
  knownChoice,
  jsonIsMentioned,
  paired,
  reasoningInPlace,
  ownReasoning,
]
