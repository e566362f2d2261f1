import { asArray, asObject, asString, type JsonObject } from '../base/json-value.ts'
import { directivesIn } from './answer.ts'
import { anthropicPairing } from './anthropic-checks.ts'
import {
  anyInside,
  type Check,
  type CheckedCall,
  callIdsOf,
  invalid,
  messagesOf,
  partsOf,
  toolMismatch,
} from './check.ts'
import type { Failure } from './reply.ts'

/**
 * The rules Kimi Code and Moonshot share. Wordings: kimi.com/code/docs error reference, and where it has none, ones of our own that
 * begin with "Invalid request:" as theirs do.
 */

/** Total size of the messages Kimi takes, in bytes. */
const MESSAGE_BYTES_MAX = 2_097_152
const SMALL_WINDOW_TOKENS = 262_144
const LARGE_WINDOW_TOKENS = 1_048_576

/** Efforts of K3 and, since K2.8, of kimi-for-coding. */
const EFFORTS: readonly string[] = ['low', 'high', 'max']

/** Context window of a model in tokens: the large one for K3 proper. */
function windowOf(model: string): number {
  return /^(kimi-)?k3(\.\d)?(-pro|-pro-highspeed)?$/.test(model) ? LARGE_WINDOW_TOKENS : SMALL_WINDOW_TOKENS
}

const hasMessages: Check = ({ body }) =>
  asArray(body.messages).length === 0 ? invalid('Invalid request: messages must not be empty') : undefined

const fits: Check = ({ ask, request }) => {
  if (request.body.length > MESSAGE_BYTES_MAX) {
    return invalid(`Invalid request: total message size ${request.body.length} exceeds limit ${MESSAGE_BYTES_MAX}`)
  }
  const window = windowOf(ask.model)
  if (ask.inputTokens <= window) return undefined
  return invalid(`Invalid request: Your request exceeded model token limit: ${window} (requested: ${ask.inputTokens})`)
}

const noHighRisk: Check = ({ ask }) =>
  directivesIn(ask.text).has('risk')
    ? invalid('Invalid request: the request was rejected because it was considered high risk', {
        type: 'content_filter',
        anthropicType: 'invalid_request_error',
      })
    : undefined

const uniqueTools: Check = ({ ask }) => {
  const names = ask.tools.map(tool => tool.name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  return twice === undefined ? undefined : invalid(`Invalid request: function name ${twice} is duplicated`)
}

/** Measured wording (farion1231/cc-switch, discussion 6953). */
const flavouredSchemas: Check = ({ ask }) =>
  ask.tools.some(tool => anyInside(tool.schema, node => node.$ref !== undefined && node.type !== undefined))
    ? invalid(
        'Invalid request: tools.function.parameters is not a valid moonshot flavored json schema, details: <At path $: when using $ref, type should be defined in the referenced schema instead of the parent schema>',
      )
    : undefined

const knownRoles: Check = ({ body }) => {
  const at = messagesOf(body).findIndex(
    message => !['system', 'user', 'assistant', 'tool'].includes(asString(message.role) ?? ''),
  )
  return at < 0 ? undefined : invalid(`Invalid request: invalid role in message at index ${at}`)
}

const paired: Check = ({ body }) => {
  const found = toolMismatch(messagesOf(body))
  if (found === undefined) return undefined
  return invalid(
    found.orphan !== undefined
      ? `Invalid request: tool_call_id ${found.orphan} is not found`
      : `Invalid request: an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'`,
  )
}

const inlineImages: Check = ({ body }) => {
  const foreign = messagesOf(body)
    .flatMap(partsOf)
    .some(part => {
      const url = asString(asObject(part.image_url)?.url) ?? asString(asObject(part.source)?.url)
      return url !== undefined && !url.startsWith('data:')
    })
  return foreign ? invalid('Invalid request: unsupported image url') : undefined
}

const knownEffort: Check = ({ body }) => {
  const effort = asString(body.reasoning_effort)
  return effort === undefined || EFFORTS.includes(effort)
    ? undefined
    : invalid(`Invalid request: reasoning_effort must be one of ${EFFORTS.join(', ')}`)
}

const replaysReasoning: Check = call => {
  if (!call.ask.thinks) return undefined
  return reasoningMissing(
    call,
    message => callIdsOf(message).length > 0,
    message => asString(message.reasoning_content) !== undefined,
  )
}

const replaysThinking: Check = call => {
  if (!call.ask.thinks) return undefined
  return reasoningMissing(
    call,
    message => partsOf(message).some(part => part.type === 'tool_use'),
    message => partsOf(message).some(part => part.type === 'thinking' || part.type === 'redacted_thinking'),
  )
}

function reasoningMissing(
  call: CheckedCall,
  calls: (message: JsonObject) => boolean,
  reasons: (message: JsonObject) => boolean,
): Failure | undefined {
  const at = messagesOf(call.body).findIndex(
    message => message.role === 'assistant' && calls(message) && !reasons(message),
  )
  if (at < 0) return undefined
  return invalid(
    `Invalid request: thinking is enabled but reasoning_content is missing in assistant tool call message at index ${at}`,
  )
}

const knownThinking: Check = ({ body }) => {
  const type = asString(asObject(body.thinking)?.type)
  return type === undefined || type === 'disabled' || type === 'adaptive'
    ? undefined
    : invalid('Invalid request: thinking.type must be disabled or adaptive')
}

/** Of every surface of Kimi Code and Moonshot. */
const shared: readonly Check[] = [hasMessages, fits, noHighRisk, uniqueTools, flavouredSchemas, inlineImages]

/** Rules of the Chat Completions surface. */
export const kimiChecks: readonly Check[] = [...shared, knownRoles, paired, knownEffort, replaysReasoning]

/** Rules of the Messages surface. */
export const kimiAnthropicChecks: readonly Check[] = [...shared, anthropicPairing, knownThinking, replaysThinking]
