import { asArray, asObject, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { Loss } from '../../canon/loss.ts'
import type { Quirks } from '../quirks.ts'
import {
  breaks,
  eachOnce,
  keepsNone,
  mapObjects,
  openedId,
  sealsAt,
  sealsOfDetail,
  sealsOfId,
  unsealed,
  withoutFields,
} from '../seals.ts'
import type { KeepsSeal, Seals, Unsealed } from '../wire-protocol.ts'

/**
 * Signed and encrypted `reasoning_details`, ids of calls that carry another provider's signature, and where Google's endpoint of this
 * protocol has it (ai.google.dev/gemini-api/docs/openai): `extra_content.google.thought_signature`. Reasoning in a plain field is nobody's.
 */
export const seals: Seals = { signaturesIn, withoutSeals }

function signaturesIn(body: JsonObject): readonly string[] {
  return eachOnce(
    asArray(body.messages)
      .filter(isObject)
      .flatMap(message => [
        ...detailSeals(message),
        ...googleSeals(message),
        ...callsOf(message).flatMap(call => [...sealsOfId(call, 'id'), ...googleSeals(call)]),
      ]),
  )
}

function detailSeals(message: JsonObject): readonly string[] {
  return asArray(message.reasoning_details).flatMap(sealsOfDetail)
}

function callsOf(message: JsonObject): JsonObject[] {
  return asArray(message.tool_calls).filter(isObject)
}

function googleSeals(object: JsonObject): readonly string[] {
  const google = asObject(asObject(object.extra_content)?.google)
  return google === undefined ? [] : sealsAt(google, 'thought_signature')
}

/** What is left is fit for every endpoint of this protocol, so it does not matter where it goes. */
function withoutSeals(body: JsonObject, _to?: Quirks | 'translated', keeps = keepsNone): Unsealed {
  const losses: Loss[] = []
  if (!Array.isArray(body.messages)) return { body, losses, assumptions: [] }
  const messages = mapObjects(body.messages, (message, i) => openMessage(message, `messages[${i}]`, { losses, keeps }))
  return { body: { ...body, messages }, losses, assumptions: [] }
}

/** What is gathered, and which seals stay. */
interface Removal {
  readonly losses: Loss[]
  readonly keeps: KeepsSeal
}

/** Fields of which an assistant's message must have one. */
const SUBSTANCE = ['content', 'tool_calls', 'function_call', 'refusal', 'audio', 'reasoning_content', 'reasoning']

/** The message without seals; none if nothing else was in it. */
function openMessage(message: JsonObject, at: string, removal: Removal): JsonObject[] {
  const { losses, keeps } = removal
  const told = losses.length
  let open = message
  if (breaks(detailSeals(open), keeps)) {
    losses.push(unsealed(`${at}.reasoning_details`))
    open = withoutFields(open, ['reasoning_details'])
  }
  open = withoutGoogleSeal(open, at, removal)
  if (losses.length > told && !SUBSTANCE.some(name => isThere(open[name]))) return []
  const tool_call_id = openedId(open.tool_call_id, keeps)
  if (tool_call_id !== undefined) open = { ...open, tool_call_id }
  if (!Array.isArray(open.tool_calls)) return [open]
  const tool_calls = mapObjects(open.tool_calls, (call, i) => [openCall(call, `${at}.tool_calls[${i}]`, removal)])
  return [{ ...open, tool_calls }]
}

function isThere(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && value !== ''
}

function openCall(call: JsonObject, at: string, removal: Removal): JsonObject {
  const open = withoutGoogleSeal(call, at, removal)
  const id = openedId(open.id, removal.keeps)
  if (id === undefined) return open
  removal.losses.push(unsealed(`${at}.id`))
  return { ...open, id }
}

/** An object that holds nothing else goes with it. */
function withoutGoogleSeal(object: JsonObject, at: string, { losses, keeps }: Removal): JsonObject {
  if (!breaks(googleSeals(object), keeps)) return object
  losses.push(unsealed(`${at}.extra_content.google.thought_signature`))
  const { google, ...others } = asObject(object.extra_content) ?? {}
  const left = withoutFields(asObject(google) ?? {}, ['thought_signature'])
  const rest = Object.keys(left).length === 0 ? others : { ...others, google: left }
  return Object.keys(rest).length === 0 ? withoutFields(object, ['extra_content']) : { ...object, extra_content: rest }
}
