import { asArray, asNumber, asObject, asString, type JsonObject } from '../base/json-value.ts'
import { sealedReasoning, signatureOf } from './anthropic-write.ts'
import { type Check, invalid, messagesOf, partsOf } from './check.ts'
import type { Failure } from './reply.ts'

/** The rules of Anthropic's Messages API, in its wording as far as it is known from its error messages. */

const FIELDS: ReadonlySet<string> = new Set(
  `model messages max_tokens cache_control container context_management inference_geo mcp_servers metadata output_config output_format
   service_tier speed stop_sequences stream system temperature thinking tool_choice tools top_k top_p`.split(/\s+/),
)
const ID_PATTERN = /^[a-zA-Z0-9_-]+$/
const TOOL_NAME_PATTERN = /^[a-zA-Z0-9_-]{1,128}$/
const CACHE_MARKS_MAX = 4
const BUDGET_TOKENS_MIN = 1024

const knownFields: Check = ({ body }) => {
  const extra = Object.keys(body).find(key => !FIELDS.has(key))
  return extra === undefined ? undefined : invalid(`${extra}: Extra inputs are not permitted`)
}

const required: Check = ({ body }) => {
  if (asNumber(body.max_tokens) === undefined) return invalid('max_tokens: Field required')
  if (!Array.isArray(body.messages)) return invalid('messages: Field required')
  return body.messages.length === 0 ? invalid('messages: at least one message is required') : undefined
}

const roles: Check = ({ body }) => {
  const messages = messagesOf(body)
  const at = messages.findIndex(message => message.role !== 'user' && message.role !== 'assistant')
  if (at >= 0) return invalid(`messages.${at}.role: Input should be 'user' or 'assistant'`)
  return undefined
}

const noEmptyText: Check = ({ body }) => {
  if (asArray(body.system).some(block => isEmptyText(asObject(block) ?? {}))) {
    return invalid('system: text content blocks must be non-empty')
  }
  const messages = messagesOf(body)
  if (messages.some(message => partsOf(message).some(isEmptyText))) {
    return invalid('messages: text content blocks must be non-empty')
  }
  // Only a last assistant message may be empty.
  const empty = messages.findIndex(
    (message, at) =>
      (message.content === '' || (Array.isArray(message.content) && message.content.length === 0)) &&
      !(at === messages.length - 1 && message.role === 'assistant'),
  )
  return empty < 0
    ? undefined
    : invalid(
        `messages.${empty}: all messages must have non-empty content except for the optional final assistant message`,
      )
}

const ids: Check = ({ body }) => {
  for (const [at, message] of messagesOf(body).entries()) {
    for (const [index, block] of partsOf(message).entries()) {
      const id = block.type === 'tool_use' ? block.id : block.type === 'tool_result' ? block.tool_use_id : undefined
      if (id === undefined || ID_PATTERN.test(String(id))) continue
      const field = block.type === 'tool_use' ? 'tool_use.id' : 'tool_result.tool_use_id'
      return invalid(`messages.${at}.content.${index}.${field}: String should match pattern '^[a-zA-Z0-9_-]+$'`)
    }
  }
  return undefined
}

const toolNames: Check = ({ body }) => {
  const names = asArray(body.tools).map(tool => asString(asObject(tool)?.name) ?? '')
  const at = names.findIndex(name => !TOOL_NAME_PATTERN.test(name))
  if (at >= 0) return invalid(`tools.${at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`)
  return new Set(names).size < names.length ? invalid('tools: Tool names must be unique.') : undefined
}

const cacheMarks: Check = ({ body }) => {
  const blocks = [...asArray(body.system), ...asArray(body.tools), ...messagesOf(body).flatMap(partsOf)]
  const marks = blocks.filter(block => asObject(asObject(block)?.cache_control) !== undefined).length
  return marks <= CACHE_MARKS_MAX
    ? undefined
    : invalid(`A maximum of ${CACHE_MARKS_MAX} blocks with cache_control may be provided. Found ${marks}.`)
}

/** Every result answers a call of the turn before, every call has its result, and results stand first. */
export const anthropicPairing: Check = ({ body }) => {
  let open: readonly string[] = []
  const turns = mergedTurns(messagesOf(body))
  for (const { at, parts } of turns) {
    const failure = resultsFailure(parts, open, at)
    if (failure !== undefined) return failure
    open = parts.flatMap(part => (part.type === 'tool_use' ? [String(part.id)] : []))
  }
  return open.length === 0 ? undefined : missingResults(turns.at(-1)?.at ?? 0, open)
}

/** Messages of one role in a row count as one turn; `at` is the first one's place. */
function mergedTurns(messages: readonly JsonObject[]): readonly { at: number; role: unknown; parts: JsonObject[] }[] {
  const turns: { at: number; role: unknown; parts: JsonObject[] }[] = []
  for (const [at, message] of messages.entries()) {
    const parts = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : partsOf(message)
    const last = turns.at(-1)
    if (last?.role === message.role) last?.parts.push(...parts)
    else turns.push({ at, role: message.role, parts: [...parts] })
  }
  return turns
}

function resultsFailure(parts: readonly JsonObject[], open: readonly string[], at: number): Failure | undefined {
  const results = parts.flatMap(part => (part.type === 'tool_result' ? [String(part.tool_use_id)] : []))
  const orphan = results.find(id => !open.includes(id))
  if (orphan !== undefined) {
    const index = parts.findIndex(part => part.tool_use_id === orphan)
    return invalid(
      `messages.${at}.content.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${orphan}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
    )
  }
  const missing = open.filter(id => !results.includes(id))
  // Also where a text stands before the results, the real one finds the results missing.
  const late = open.length > 0 && parts[0]?.type !== 'tool_result'
  return missing.length > 0 || late ? missingResults(at - 1, missing.length > 0 ? missing : open) : undefined
}

function missingResults(at: number, missing: readonly string[]): Failure {
  return invalid(
    `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  )
}

const budget: Check = ({ body }) => {
  const thinking = asObject(body.thinking)
  if (thinking?.type !== 'enabled') return undefined
  const tokens = asNumber(thinking.budget_tokens)
  if (tokens === undefined) return invalid('thinking.enabled.budget_tokens: Field required')
  if (tokens < BUDGET_TOKENS_MIN) {
    return invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  }
  return tokens < (asNumber(body.max_tokens) ?? 0)
    ? undefined
    : invalid('`max_tokens` must be greater than `thinking.budget_tokens`.')
}

/** Replayed reasoning must be what this provider signed, letter for letter. */
function signatures(signer: string): Check {
  return ({ body }) => {
    for (const [at, message] of messagesOf(body).entries()) {
      for (const [index, block] of partsOf(message).entries()) {
        const failure = sealFailure(block, signer)
        if (failure !== undefined) return invalid(`messages.${at}.content.${index}: ${failure}`)
      }
    }
    return undefined
  }
}

function sealFailure(block: JsonObject, signer: string): string | undefined {
  if (block.type === 'redacted_thinking') {
    return block.data === sealedReasoning(signer) ? undefined : 'Invalid `data` in `redacted_thinking` block'
  }
  if (block.type !== 'thinking') return undefined
  return block.signature === signatureOf(signer, asString(block.thinking) ?? '')
    ? undefined
    : 'Invalid `signature` in `thinking` block'
}

/** While thinking is on, the turn whose tool results are coming back must begin with its reasoning. */
const startsWithThinking: Check = ({ body, ask }) => {
  if (!ask.thinks || asString(asObject(body.thinking)?.type) !== 'enabled') return undefined
  const messages = messagesOf(body)
  const at = messages.findLastIndex(message => message.role === 'assistant')
  const parts = partsOf(messages[at] ?? {})
  const first = asString(parts[0]?.type)
  if (!parts.some(part => part.type === 'tool_use') || first === 'thinking' || first === 'redacted_thinking') {
    return undefined
  }
  return invalid(
    `messages.${at}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
  )
}

/** All rules, for the provider that signs with this name. */
export function anthropicChecks(signer: string): readonly Check[] {
  return [
    required,
    knownFields,
    roles,
    noEmptyText,
    ids,
    toolNames,
    cacheMarks,
    anthropicPairing,
    budget,
    signatures(signer),
    startsWithThinking,
  ]
}

function isEmptyText(block: JsonObject): boolean {
  return block.type === 'text' && block.text === ''
}
