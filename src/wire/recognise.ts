import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import type { ProtocolId } from '../canon/protocol.ts'

/** What a saved request seems to be. */
export interface Recognised {
  readonly protocol: ProtocolId
  readonly operation: 'generate' | 'embed'
  /** The sign it was told by: the end of a sentence that begins with "because". */
  readonly because: string
}

/**
 * Guesses the protocol of a request nobody named one for, by its shape. Undefined: it looks like none. Never used for a call that comes over
 * HTTP: there the path says it.
 */
export function recogniseRequest(body: JsonObject): Recognised | undefined {
  if (has(body, 'contents')) return generate('google-generative-ai', 'it has "contents"')
  if (has(body, 'messages')) return recogniseMessages(body)
  if (isEmbedding(body)) {
    return {
      protocol: 'openai-completions',
      operation: 'embed',
      because: 'its "input" is a list of texts or of numbers',
    }
  }
  for (const key of ['input', 'previous_response_id', 'conversation', 'prompt'])
    if (has(body, key)) return generate('openai-responses', `it has "${key}"`)
  return undefined
}

/** Fields of Chat Completions that Messages does not have, and the reverse. */
const CHAT_FIELDS = ['response_format', 'stream_options', 'max_completion_tokens', 'stop', 'n', 'reasoning_effort']
const MESSAGES_FIELDS = ['system', 'stop_sequences', 'anthropic_version', 'mcp_servers', 'container']
const CHAT_ROLES: ReadonlySet<string> = new Set(['system', 'developer', 'tool', 'function'])
const MESSAGES_BLOCKS: ReadonlySet<string> = new Set(['tool_use', 'tool_result', 'thinking', 'image', 'document'])

function recogniseMessages(body: JsonObject): Recognised {
  const anthropic =
    named(MESSAGES_FIELDS, body) ?? toolSign(body, 'input_schema') ?? firstOf(body, message => blockSign(message))
  if (anthropic !== undefined) return generate('anthropic-messages', anthropic)
  const chat = named(CHAT_FIELDS, body) ?? toolSign(body, 'function') ?? firstOf(body, message => roleSign(message))
  return generate('openai-completions', chat ?? 'it has "messages" and nothing that only Anthropic Messages has')
}

function generate(protocol: ProtocolId, because: string): Recognised {
  return { protocol, operation: 'generate', because }
}

function named(keys: readonly string[], body: JsonObject): string | undefined {
  const key = keys.find(each => has(body, each))
  return key === undefined ? undefined : `it has "${key}"`
}

function toolSign(body: JsonObject, key: string): string | undefined {
  const found = asArray(body.tools).some(tool => isObject(tool) && has(tool, key))
  return found ? `its tools have "${key}"` : undefined
}

function firstOf(body: JsonObject, sign: (message: JsonObject) => string | undefined): string | undefined {
  for (const message of asArray(body.messages)) {
    const found = isObject(message) ? sign(message) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function blockSign(message: JsonObject): string | undefined {
  for (const part of asArray(message.content)) {
    const type = asString(asObject(part)?.type)
    if (type !== undefined && MESSAGES_BLOCKS.has(type)) return `a message holds a "${type}" block`
  }
  return undefined
}

function roleSign(message: JsonObject): string | undefined {
  const role = asString(message.role)
  return role !== undefined && CHAT_ROLES.has(role) ? `a message has the role "${role}"` : undefined
}

function isEmbedding(body: JsonObject): boolean {
  if (!has(body, 'input')) return false
  if (has(body, 'encoding_format') || has(body, 'dimensions')) return true
  const rows: readonly JsonValue[] = asArray(body.input)
  return rows.length > 0 && rows.every(row => !isObject(row))
}

function has(body: JsonObject, key: string): boolean {
  const value = Object.hasOwn(body, key) ? body[key] : undefined
  return value !== undefined && value !== null
}
