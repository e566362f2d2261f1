import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../base/json-value.ts'
import type { Failure } from './reply.ts'
import type { World } from './sim-kind.ts'

/** Items that call a tool, by type, with the type that answers them. */
export const ANSWERED_BY: ReadonlyMap<string, string> = new Map([
  ['function_call', 'function_call_output'],
  ['custom_tool_call', 'custom_tool_call_output'],
])

/** Types the model itself writes, as far as this provider simulates them. */
const WRITTEN: readonly string[] = ['reasoning', 'function_call', 'custom_tool_call']

/** The type of an item; one with a role and no type is a message. */
export function typeOf(item: JsonObject): string {
  return asString(item.type) ?? (item.role === undefined ? '' : 'message')
}

/** True for an item that the model wrote. */
export function isWritten(item: JsonObject): boolean {
  return WRITTEN.includes(typeOf(item)) || (typeOf(item) === 'message' && item.role === 'assistant')
}

/** What a stored reply is kept with. */
export interface KeptReply {
  readonly reply: JsonObject
  /** The whole conversation, its own output included. */
  readonly items: readonly JsonObject[]
}

/** The items a request stands for: those of the reply it goes on from, then its own, with references resolved. */
export function itemsOf(body: JsonObject, world: World): readonly JsonObject[] | Failure {
  const before = earlierItems(body, world)
  if ('status' in before) return before
  const own = ownItems(body.input)
  const resolved: JsonObject[] = []
  for (const item of own) {
    const found = withoutContent(item) ? asObject(asObject(world.kept.get(asString(item.id) ?? ''))?.item) : item
    if (found === undefined) return itemNotFound(asString(item.id) ?? '', body)
    resolved.push(found)
  }
  return [...before.items, ...resolved]
}

/** `input` as items: a text is one message. */
export function ownItems(input: JsonValue | undefined): readonly JsonObject[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }]
  return asArray(input).map(item => asObject(item) ?? {})
}

/** Keeps a reply and its items, so that later requests can name them. */
export function keepReply(reply: JsonObject, items: readonly JsonObject[], world: World): void {
  const output = asArray(reply.output).map(item => asObject(item) ?? {})
  world.kept.set(asString(reply.id) ?? '', { reply, items: [...items, ...output] })
  let reasoning: string | null = null
  for (const item of output) {
    world.kept.set(asString(item.id) ?? '', { item, reasoning })
    if (item.type === 'reasoning') reasoning = asString(item.id) ?? null
  }
}

/** The reply kept under this id. */
export function keptReply(id: string, world: World): KeptReply | undefined {
  const kept = asObject(world.kept.get(id))
  const reply = asObject(kept?.reply)
  if (reply === undefined) return undefined
  return { reply, items: asArray(kept?.items).map(item => asObject(item) ?? {}) }
}

/** Status and wording as in Soju06/codex-lb#853. */
function earlierItems(body: JsonObject, world: World): Pick<KeptReply, 'items'> | Failure {
  const id = asString(body.previous_response_id)
  if (id === undefined) return { items: [] }
  return (
    keptReply(id, world) ?? {
      status: 400,
      message: `Previous response with id '${id}' not found.`,
      param: 'previous_response_id',
      code: 'previous_response_not_found',
    }
  )
}

/** A reference, or reasoning that can only be found by its id. */
function withoutContent(item: JsonObject): boolean {
  if (typeOf(item) === 'item_reference') return true
  return (
    typeOf(item) === 'reasoning' && asString(item.id) !== undefined && asString(item.encrypted_content) === undefined
  )
}

/** Status and wording as in openai/openai-agents-python#2265. */
function itemNotFound(id: string, body: JsonObject): Failure {
  const hint =
    body.store === false
      ? ' Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.'
      : ''
  return { status: 404, message: `Item with id '${id}' not found.${hint}`, param: 'input' }
}
