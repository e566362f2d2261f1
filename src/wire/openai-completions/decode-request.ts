import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import type { CanonRequest, OutputFormat, Setting } from '../../canon/request.ts'
import { readSchemaFormat } from '../openai-reading.ts'
import { withPlaces } from '../places.ts'
import {
  faultsProblem,
  maybeBoolean,
  maybeCount,
  maybeObject,
  maybeText,
  noteUnknown,
  openReading,
  type Reading,
  wantObject,
  wantText,
} from '../reading.ts'
import { readSettings } from '../settings.ts'
import { readMessages } from './decode-messages.ts'
import { readReasoningWish } from './decode-reasoning.ts'
import { choicePlace, readToolChoice, readTools } from './decode-tools.ts'
import { parameters } from './parameters.ts'
import { PROTOCOL } from './protocol.ts'

/** Top-level fields read outside the table of settings. */
const STRUCTURE = [
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'response_format',
  'reasoning_effort',
  'thinking',
  'enable_thinking',
  'thinking_budget',
  'reasoning',
]

const TOP_FIELDS = new Set([...STRUCTURE, ...Object.values(parameters).map(row => row.path.split('.')[0] ?? '')])
const STREAM_FIELDS = new Set(['include_usage', 'include_obfuscation'])
const FORMAT_FIELDS = new Set(['type', 'json_schema'])
const SCHEMA_FIELDS = new Set(['name', 'description', 'schema', 'strict'])

/** Values that ask for what happens anyway. Many clients always send them; a target without the parameter loses nothing. */
const NEUTRAL: Readonly<Record<string, string>> = {
  n: '1',
  logprobs: 'false',
  top_logprobs: '0',
  frequency_penalty: '0',
  presence_penalty: '0',
  logit_bias: '{}',
  metadata: '{}',
  modalities: '["text"]',
}

/** Reads a client's request. Everything that is wrong with it is told at once, each with its path. */
export function decodeRequest(body: JsonObject): CanonRequest | Problem {
  const reading = openReading()
  const request = readBody(body, reading)
  return faultsProblem(reading, 'Chat Completions') ?? limitConflict(body) ?? request
}

function readBody(body: JsonObject, reading: Reading): CanonRequest {
  const streamOptions = maybeObject(body.stream_options, 'stream_options', reading)
  if (streamOptions !== undefined) noteUnknown(streamOptions, STREAM_FIELDS, 'stream_options', reading)
  const maxOutputTokens =
    maybeCount(body.max_completion_tokens, 'max_completion_tokens', 1, reading) ??
    maybeCount(body.max_tokens, 'max_tokens', 1, reading)
  const toolChoice = readToolChoice(body, reading)
  const parallelTools = maybeBoolean(body.parallel_tool_calls, 'parallel_tool_calls', reading)
  const stopSequences = readStops(body.stop, reading)
  const format = readFormat(body.response_format, reading)
  const reasoning = readReasoningWish(body, reading)
  noteUnknown(body, TOP_FIELDS, '', reading)
  const request: CanonRequest = {
    from: PROTOCOL,
    model: maybeText(body.model, 'model', reading) ?? '',
    stream: maybeBoolean(body.stream, 'stream', reading) ?? false,
    streamUsage: maybeBoolean(streamOptions?.include_usage, 'stream_options.include_usage', reading) ?? false,
    turns: readMessages(messagesOf(body, reading), reading),
    tools: readTools(body, reading),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(parallelTools === undefined ? {} : { parallelTools }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(stopSequences.length === 0 ? {} : { stopSequences }),
    ...(format === undefined ? {} : { format }),
    ...(reasoning === undefined ? {} : { reasoning }),
    settings: readSettings(body, parameters).filter(setting => !isNeutral(setting)),
    unknown: reading.unknown,
  }
  return withPlaces(request, { tool_choice: choicePlace(body) })
}

function messagesOf(body: JsonObject, reading: Reading): readonly JsonValue[] {
  if (Array.isArray(body.messages)) return body.messages
  reading.faults.push({ path: 'messages', rule: 'must be a list of messages' })
  return []
}

function isNeutral(setting: Setting): boolean {
  return NEUTRAL[setting.name] === JSON.stringify(setting.value)
}

/** The limit has two names. Saying it twice is fine; saying two limits is not. */
function limitConflict(body: JsonObject): Problem | undefined {
  const { max_tokens: older, max_completion_tokens: newer } = body
  if (typeof older !== 'number' || typeof newer !== 'number' || older === newer) return undefined
  return problem(
    'bad_request',
    `The request names two output limits: max_tokens ${older}, max_completion_tokens ${newer}.`,
    {
      fix: ['Send only one of max_tokens and max_completion_tokens.'],
      paths: ['max_tokens', 'max_completion_tokens'],
    },
  )
}

function readStops(value: JsonValue | undefined, reading: Reading): string[] {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.map((item, i) => wantText(item, `stop[${i}]`, reading))
  reading.faults.push({ path: 'stop', rule: 'must be text or a list of texts' })
  return []
}

function readFormat(value: JsonValue | undefined, reading: Reading): OutputFormat | undefined {
  const at = 'response_format'
  const format = maybeObject(value, at, reading)
  if (format === undefined) return undefined
  noteUnknown(format, FORMAT_FIELDS, at, reading)
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json_object') return { type: 'json' }
  if (format.type === 'json_schema') return readSchema(format.json_schema, `${at}.json_schema`, reading)
  if (isObject(value)) reading.faults.push({ path: `${at}.type`, rule: 'must be text, json_object or json_schema' })
  return undefined
}

function readSchema(value: JsonValue | undefined, at: string, reading: Reading): OutputFormat {
  const inner = wantObject(value, at, reading)
  noteUnknown(inner, SCHEMA_FIELDS, at, reading)
  const schema = maybeObject(inner.schema, `${at}.schema`, reading) ?? {}
  return readSchemaFormat(inner, schema, at, reading)
}
