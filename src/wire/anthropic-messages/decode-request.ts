import {
  asArray,
  asNumber,
  asObject,
  asString,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../base/json-value.ts'
import type { Problem } from '../../canon/problem.ts'
import type { CanonRequest, OutputFormat, ReasoningWish, Setting, Turn } from '../../canon/request.ts'
import { withPlaces } from '../places.ts'
import { faultsProblem, maybeText, noteUnknown, openReading, type Reading } from '../reading.ts'
import { readSettings } from '../settings.ts'
import { readContent } from './decode-content.ts'
import { readToolChoice, readTools } from './decode-tools.ts'
import { parameters } from './parameters.ts'
import { PROTOCOL } from './protocol.ts'

const FIELDS = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'temperature',
  'top_p',
  'top_k',
  'service_tier',
  'metadata',
  'cache_control',
  'diagnostics',
  'container',
  'context_management',
  'mcp_servers',
  'inference_geo',
  'speed',
])
const MESSAGE_FIELDS = new Set(['role', 'content'])
const OUTPUT_FIELDS = new Set(['effort', 'format'])
const THINKING_FIELDS = new Set(['type', 'budget_tokens', 'display'])
const FORMAT_FIELDS = new Set(['type', 'schema'])

/**
 * Reads a request of Anthropic's Messages API. `model` may be missing (the gateway has a default); `max_tokens` may not, as at Anthropic.
 * Gives `bad_request` with the JSON path for a body the protocol does not allow.
 */
export function decodeRequest(body: JsonObject): CanonRequest | Problem {
  const reading = openReading()
  noteUnknown(body, FIELDS, '', reading)
  const model = maybeText(body.model, 'model', reading)
  const { tools, settings } = readTools(body.tools, reading)
  const maxOutputTokens = readMaxTokens(body, reading)
  const stopSequences = readStopSequences(body.stop_sequences, reading)
  const reasoning = readReasoning(body, reading)
  const format = readFormat(body, reading)
  const request: CanonRequest = {
    from: PROTOCOL,
    model: model ?? '',
    stream: body.stream === true,
    streamUsage: true,
    turns: [...readSystem(body.system, reading), ...readMessages(body.messages, reading)],
    tools,
    ...readToolChoice(body.tool_choice, reading),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(stopSequences.length === 0 ? {} : { stopSequences }),
    ...(format === undefined ? {} : { format }),
    ...(reasoning === undefined ? {} : { reasoning }),
    settings: [...readSettings(body, parameters), ...readMetadata(body.metadata), ...settings],
    unknown: reading.unknown,
  }
  return faultsProblem(reading, 'Anthropic Messages') ?? withPlaces(request, { output_format: formatPlace(body) })
}

function readMaxTokens(body: JsonObject, reading: Reading): number | undefined {
  const limit = asNumber(body.max_tokens)
  if (limit === undefined || !Number.isInteger(limit) || limit < 0)
    reading.faults.push({ path: 'max_tokens', rule: 'must be a whole number' })
  return limit
}

function readStopSequences(value: JsonValue | undefined, reading: Reading): string[] {
  const sequences = asArray(value).filter(item => typeof item === 'string')
  const whole = value === undefined || value === null || (Array.isArray(value) && sequences.length === value.length)
  if (!whole) reading.faults.push({ path: 'stop_sequences', rule: 'must be a list of texts' })
  return sequences
}

function readSystem(system: JsonValue | undefined, reading: Reading): Turn[] {
  if (system === undefined || system === null) return []
  const parts = readContent(system, 'system', reading)
  return parts.length === 0 ? [] : [{ role: 'system', parts, at: 'system' }]
}

/** Newer models take `system` messages between the others (SDK type `SystemMessageParam`, 2026). */
const ROLES = ['user', 'assistant', 'system'] as const

function readMessages(messages: JsonValue | undefined, reading: Reading): Turn[] {
  if (!Array.isArray(messages)) reading.faults.push({ path: 'messages', rule: 'must be a list of messages' })
  return asArray(messages).flatMap((message, i) => {
    const at = `messages[${i}]`
    if (!isObject(message)) {
      reading.faults.push({ path: at, rule: 'must be an object' })
      return []
    }
    const role = ROLES.find(known => known === message.role)
    if (role === undefined) reading.faults.push({ path: `${at}.role`, rule: 'must be user or assistant' })
    noteUnknown(message, MESSAGE_FIELDS, at, reading)
    return [{ role: role ?? 'user', parts: readContent(message.content, `${at}.content`, reading), at }]
  })
}

/** `user_id` is a row of the parameter table; whatever else stands in `metadata` are labels. */
function readMetadata(metadata: JsonValue | undefined): Setting[] {
  if (!isObject(metadata)) return []
  const { user_id: _, ...labels } = metadata
  return Object.keys(labels).length === 0 ? [] : [{ name: 'metadata', value: labels, at: 'metadata' }]
}

/**
 * `thinking` and `output_config.effort` together. Effort alone leaves it to the model whether to think, so that is `adaptive`.
 */
function readReasoning(body: JsonObject, reading: Reading): ReasoningWish | undefined {
  const thinking = isObject(body.thinking) ? body.thinking : undefined
  const config = isObject(body.output_config) ? body.output_config : {}
  noteUnknown(config, OUTPUT_FIELDS, 'output_config', reading)
  const effort = asString(config.effort)
  const mode = thinking === undefined ? 'adaptive' : modeOf(thinking)
  if (thinking !== undefined) {
    if (mode === undefined) reading.unknown.push({ at: 'thinking', value: thinking })
    else noteUnknown(thinking, THINKING_FIELDS, 'thinking', reading)
  }
  if (mode === undefined || (thinking === undefined && effort === undefined)) return undefined
  const budgetTokens = asNumber(thinking?.budget_tokens)
  const show = asString(thinking?.display)
  return {
    mode,
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(show === undefined ? {} : { show }),
    at: thinking === undefined ? 'output_config.effort' : 'thinking',
    ...(thinking === undefined || effort === undefined ? {} : { places: { effort: 'output_config.effort' } }),
  }
}

function modeOf(thinking: JsonObject): ReasoningWish['mode'] | undefined {
  switch (thinking.type) {
    case 'enabled':
      return 'on'
    case 'adaptive':
      return 'adaptive'
    case 'disabled':
      return 'off'
    default:
      return undefined
  }
}

/** Where the answer's form stands: `output_config.format`, or `output_format` as the beta had it. */
function formatPlace({ output_config: config }: JsonObject): 'output_config.format' | 'output_format' {
  return isObject(config) && isObject(config.format) ? 'output_config.format' : 'output_format'
}

function readFormat(body: JsonObject, reading: Reading): OutputFormat | undefined {
  const at = formatPlace(body)
  const format = at === 'output_format' ? body.output_format : asObject(body.output_config)?.format
  if (!isObject(format)) return undefined
  if (format.type === 'json_schema' && isObject(format.schema)) {
    noteUnknown(format, FORMAT_FIELDS, at, reading)
    return { type: 'json-schema', schema: format.schema, strict: true }
  }
  reading.unknown.push({ at, value: format })
  return undefined
}
