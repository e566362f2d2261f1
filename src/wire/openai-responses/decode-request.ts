import { isObject, type JsonObject } from '../../base/json-value.ts'
import type { Problem } from '../../canon/problem.ts'
import type { CanonRequest, OutputFormat, ReasoningWish, Turn } from '../../canon/request.ts'
import { readSchemaFormat } from '../openai-reading.ts'
import {
  faultsProblem,
  maybeArray,
  maybeBoolean,
  maybeCount,
  maybeObject,
  maybeText,
  noteUnknown,
  openReading,
  type Reading,
  wantObject,
} from '../reading.ts'
import { readSettings } from '../settings.ts'
import { readInput } from './decode-items.ts'
import { readToolChoice, readTools } from './decode-tools.ts'
import { isNeutral, parameters } from './parameters.ts'
import { PROTOCOL } from './protocol.ts'

/** Top-level fields read outside the table of settings. */
const STRUCTURE = [
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_output_tokens',
  'text',
  'reasoning',
]

const TOP_FIELDS = new Set([...STRUCTURE, ...Object.values(parameters).map(row => row.path.split('.')[0] ?? '')])
const TEXT_FIELDS = new Set(['format', 'verbosity'])
const FORMAT_FIELDS = new Set(['type', 'name', 'description', 'schema', 'strict'])
/** `include_usage` is Chat Completions' and asks for what Responses always do. */
const STREAM_FIELDS = new Set(['include_obfuscation', 'include_usage'])
const CACHE_OPTIONS = new Set(['mode', 'ttl', 'comparison_response_id'])

/** What may stand for the whole input. */
const INSTEAD_OF_INPUT = ['previous_response_id', 'conversation', 'prompt']

/** Reads a client's request. Everything that is wrong with it is told at once, each with its path. */
export function decodeRequest(body: JsonObject): CanonRequest | Problem {
  const reading = openReading()
  const request = readBody(body, reading)
  return faultsProblem(reading, 'Responses') ?? request
}

function readBody(body: JsonObject, reading: Reading): CanonRequest {
  noteUnknown(body, TOP_FIELDS, '', reading)
  checkSettings(body, reading)
  const text = maybeObject(body.text, 'text', reading) ?? {}
  noteUnknown(text, TEXT_FIELDS, 'text', reading)
  const maxOutputTokens = maybeCount(body.max_output_tokens, 'max_output_tokens', 1, reading)
  const toolChoice = readToolChoice(body.tool_choice, reading)
  const parallelTools = maybeBoolean(body.parallel_tool_calls, 'parallel_tool_calls', reading)
  const format = readFormat(text, reading)
  const reasoning = readReasoningWish(body, reading)
  return {
    from: PROTOCOL,
    model: maybeText(body.model, 'model', reading) ?? '',
    stream: maybeBoolean(body.stream, 'stream', reading) ?? false,
    streamUsage: true,
    turns: [...readInstructionsField(body, reading), ...readTurns(body, reading)],
    tools: readTools(body, reading),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(parallelTools === undefined ? {} : { parallelTools }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(format === undefined ? {} : { format }),
    ...(reasoning === undefined ? {} : { reasoning }),
    settings: readSettings(body, parameters).filter(setting => !isNeutral(setting)),
    unknown: reading.unknown,
  }
}

/** What stands inside the settings and cannot be carried by name and value. */
function checkSettings(body: JsonObject, reading: Reading): void {
  maybeArray(body.include, 'include', reading)
  const streamOptions = maybeObject(body.stream_options, 'stream_options', reading)
  if (streamOptions !== undefined) noteUnknown(streamOptions, STREAM_FIELDS, 'stream_options', reading)
  const cacheOptions = maybeObject(body.prompt_cache_options, 'prompt_cache_options', reading)
  // A prompt cache that is only made ready gives no answer at all: no hint.
  if (cacheOptions !== undefined && cacheOptions.prewarm !== false)
    noteUnknown(cacheOptions, CACHE_OPTIONS, 'prompt_cache_options', reading)
}

function readInstructionsField(body: JsonObject, reading: Reading): Turn[] {
  const at = 'instructions'
  const text = maybeText(body.instructions, at, reading) ?? ''
  return text === '' ? [] : [{ role: 'system', parts: [{ type: 'text', text, at }], at }]
}

function readTurns(body: JsonObject, reading: Reading): Turn[] {
  const missing = body.input === undefined || body.input === null
  if (missing && INSTEAD_OF_INPUT.every(name => body[name] === undefined || body[name] === null))
    reading.faults.push({ path: 'input', rule: 'must be text or a list of items' })
  return readInput(body.input, reading)
}

function readFormat(text: JsonObject, reading: Reading): OutputFormat | undefined {
  const at = 'text.format'
  const format = maybeObject(text.format, at, reading)
  if (format === undefined) return undefined
  noteUnknown(format, FORMAT_FIELDS, at, reading)
  switch (format.type) {
    case 'text':
      return { type: 'text' }
    case 'json_object':
      return { type: 'json' }
    case 'json_schema':
      return readSchemaFormat(format, wantObject(format.schema, `${at}.schema`, reading), at, reading)
    default:
      if (isObject(text.format))
        reading.faults.push({ path: `${at}.type`, rule: 'must be text, json_object or json_schema' })
      return undefined
  }
}

/** Words of `reasoning` that ask for what happens anyway. */
const IDLE_REASONING: Readonly<Record<string, string>> = { context: 'auto', mode: 'standard' }

/** An effort alone turns thinking on; without one the model decides. `generate_summary` is the older name of `summary`. */
function readReasoningWish(body: JsonObject, reading: Reading): ReasoningWish | undefined {
  const at = 'reasoning'
  const reasoning = maybeObject(body.reasoning, at, reading)
  if (reasoning === undefined) return undefined
  const idle = Object.keys(IDLE_REASONING).filter(name => reasoning[name] === IDLE_REASONING[name])
  noteUnknown(reasoning, new Set(['effort', 'summary', 'generate_summary', ...idle]), at, reading)
  const effort = maybeText(reasoning.effort, `${at}.effort`, reading)
  const older = maybeText(reasoning.generate_summary, `${at}.generate_summary`, reading)
  const show = maybeText(reasoning.summary, `${at}.summary`, reading) ?? older
  if (effort === undefined && show === undefined) return undefined
  return {
    mode: effort === undefined ? 'adaptive' : effort === 'none' ? 'off' : 'on',
    ...(effort === undefined ? {} : { effort }),
    ...(show === undefined ? {} : { show }),
    at,
  }
}
