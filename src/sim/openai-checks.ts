import { asArray, asNumber, asString } from '../base/json-value.ts'
import { CHOICES_MAX, type Check, invalid, messagesOf, toolMismatch } from './check.ts'

/** The rules of OpenAI's Chat Completions, in its wording as far as it is known from its error messages. */

const FIELDS: ReadonlySet<string> = new Set(
  `model messages audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata modalities
   n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_retention reasoning_effort response_format
   safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity
   web_search_options`.split(/\s+/),
)
const ROLES: readonly string[] = ['system', 'assistant', 'user', 'function', 'tool', 'developer']

/** Models that reason: they take `max_completion_tokens` only, and no sampling parameters. */
const REASONING_MODELS = /^(o\d|gpt-[5-9])/

const knownFields: Check = ({ body }) => {
  const extra = Object.keys(body).find(key => !FIELDS.has(key))
  return extra === undefined
    ? undefined
    : invalid(`Unknown parameter: '${extra}'.`, { param: extra, code: 'unknown_parameter' })
}

const hasMessages: Check = ({ body }) => {
  if (!Array.isArray(body.messages)) {
    return invalid("Missing required parameter: 'messages'.", { param: 'messages', code: 'missing_required_parameter' })
  }
  if (body.messages.length > 0) return undefined
  return invalid(
    "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    {
      param: 'messages',
      code: 'empty_array',
    },
  )
}

const roles: Check = ({ body }) => {
  const messages = messagesOf(body)
  const at = messages.findIndex(message => !ROLES.includes(asString(message.role) ?? ''))
  if (at < 0) return undefined
  return invalid(
    `Invalid value: '${String(messages[at]?.role)}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
    { param: `messages[${at}].role`, code: 'invalid_value' },
  )
}

const paired: Check = ({ body }) => {
  const found = toolMismatch(messagesOf(body))
  if (found === undefined) return undefined
  if (found.orphan !== undefined) {
    return invalid(
      "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
      { param: `messages.[${found.at}].role` },
    )
  }
  return invalid(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${(found.missing ?? []).join(', ')}`,
    { param: `messages.[${found.at + 1}].role` },
  )
}

const noEmptyTools: Check = ({ body }) =>
  Array.isArray(body.tools) && asArray(body.tools).length === 0
    ? invalid(
        "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        {
          param: 'tools',
          code: 'empty_array',
        },
      )
    : undefined

const reasoningParameters: Check = ({ ask, body }) => {
  if (!REASONING_MODELS.test(ask.model)) return undefined
  if (body.max_tokens !== undefined && body.max_tokens !== null) {
    return invalid(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      { param: 'max_tokens', code: 'unsupported_parameter' },
    )
  }
  const field = ['temperature', 'top_p'].find(name => (asNumber(body[name]) ?? 1) !== 1)
  if (field === undefined) return undefined
  return invalid(
    `Unsupported value: '${field}' does not support ${String(body[field])} with this model. Only the default (1) value is supported.`,
    { param: field, code: 'unsupported_value' },
  )
}

const choices: Check = ({ body }) => {
  const n = asNumber(body.n) ?? 1
  return n <= CHOICES_MAX
    ? undefined
    : invalid(`Invalid 'n': integer above maximum value. Expected a value <= ${CHOICES_MAX}, but got ${n} instead.`, {
        param: 'n',
        code: 'integer_above_max_value',
      })
}

const streamOptions: Check = ({ ask, body }) =>
  body.stream_options !== undefined && body.stream_options !== null && !ask.stream
    ? invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", { param: 'stream_options' })
    : undefined

/** All rules of Chat Completions. */
export const openAiChecks: readonly Check[] = [
  knownFields,
  hasMessages,
  roles,
  paired,
  noEmptyTools,
  reasoningParameters,
  choices,
  streamOptions,
]
