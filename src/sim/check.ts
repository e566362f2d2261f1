import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../base/json-value.ts'
import type { Ask } from './ask.ts'
import type { ReceivedRequest } from './http-reader.ts'
import type { Failure } from './reply.ts'
import type { World } from './sim-kind.ts'

/** A request that is being checked. */
export interface CheckedCall {
  readonly body: JsonObject
  readonly ask: Ask
  readonly request: ReceivedRequest
  readonly world: World
}

/** One rule of a surface: undefined where the request keeps it, else the refusal in the provider's words. */
export type Check = (call: CheckedCall) => Failure | undefined

/** Largest `n` obeyed; OpenAI refuses more. */
export const CHOICES_MAX = 128

/** A refusal with status 400. */
export function invalid(message: string, rest: Omit<Failure, 'status' | 'message'> = {}): Failure {
  return { status: 400, message, ...rest }
}

/** The messages of either protocol, as objects. */
export function messagesOf(body: JsonObject): readonly JsonObject[] {
  return asArray(body.messages).map(message => asObject(message) ?? {})
}

/** The content parts or blocks of a message; a plain text has none. */
export function partsOf(message: JsonObject): readonly JsonObject[] {
  return asArray(message.content).map(part => asObject(part) ?? {})
}

/** The tool calls of a Chat Completions message, by id. */
export function callIdsOf(message: JsonObject): readonly string[] {
  return asArray(message.tool_calls).flatMap(call => asString(asObject(call)?.id) ?? [])
}

/** A break in the pairing of Chat Completions tool calls and tool messages. */
export interface Mismatch {
  readonly at: number
  /** A result nobody asked for. */
  readonly orphan?: string
  /** Calls without a result. */
  readonly missing?: readonly string[]
}

/** The first place where results do not answer the calls of the assistant message before them. */
export function toolMismatch(messages: readonly JsonObject[]): Mismatch | undefined {
  let open: readonly string[] = []
  let caller = 0
  for (const [at, message] of messages.entries()) {
    if (message.role === 'tool') {
      const id = asString(message.tool_call_id) ?? ''
      if (!open.includes(id)) return { at, orphan: id }
      open = open.filter(other => other !== id)
      continue
    }
    if (open.length > 0) return { at: caller, missing: open }
    open = callIdsOf(message)
    caller = at
  }
  return open.length > 0 ? { at: caller, missing: open } : undefined
}

/** True if any part of a JSON value fulfils the condition. Depth is bounded by the reader of the body. */
export function anyInside(value: JsonValue | undefined, condition: (node: JsonObject) => boolean): boolean {
  if (Array.isArray(value)) return value.some(item => anyInside(item, condition))
  const node = asObject(value)
  if (node === undefined) return false
  return condition(node) || Object.values(node).some(inner => anyInside(inner, condition))
}
