import type { JsonObject } from '../../base/json-value.ts'
import { PARAMETER_NAMES, PARAMETERS } from '../../canon/parameters.ts'
import type { Problem } from '../../canon/problem.ts'
import type { CanonRequest, OutputFormat, ReasoningWish, Setting } from '../../canon/request.ts'
import { withPlaces } from '../places.ts'
import { faultsProblem, openReading, type Reading } from '../reading.ts'
import { readSettings } from '../settings.ts'
import type { RequestNames } from '../wire-protocol.ts'
import { readContents, readInstruction } from './decode-contents.ts'
import { readCalling, readTools } from './decode-tools.ts'
import { isIdle, parameters } from './parameters.ts'
import { PROTOCOL } from './protocol.ts'
import {
  has,
  type Message,
  maybeBoolean,
  maybeCount,
  maybeMessage,
  maybeObject,
  maybeText,
  messageOf,
  noteUnknown,
  openMessage,
  pathOf,
  textsOf,
} from './reading.ts'
import { fromOpenApi } from './schema.ts'

/** Fields read outside the table of settings. `model` repeats what the path says. */
const TOP_FIELDS = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  ...settingFields(''),
])
const CONFIG_FIELDS = new Set([
  'maxOutputTokens',
  'stopSequences',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'thinkingConfig',
  ...settingFields('generationConfig.'),
])
const THINKING_FIELDS = new Set(['includeThoughts', 'thinkingBudget', 'thinkingLevel'])

/**
 * Reads a request for `generateContent`. The model and whether to stream stand in the path, so they come as `names`. Everything that is wrong
 * with the body is told at once, each with its path.
 */
export function decodeRequest(body: JsonObject, names?: RequestNames): CanonRequest | Problem {
  const reading = openReading()
  const request = readBody(openMessage(body, '', reading), names, reading)
  return faultsProblem(reading, 'Gemini') ?? request
}

function readBody(body: Message, names: RequestNames | undefined, reading: Reading): CanonRequest {
  noteUnknown(body, TOP_FIELDS, reading)
  const config = messageOf(body, 'generationConfig', reading)
  noteUnknown(config, CONFIG_FIELDS, reading)
  const toolConfig = messageOf(body, 'toolConfig', reading)
  const { toolChoice, strict } = readCalling(toolConfig, reading)
  const maxOutputTokens = maybeCount(config, 'maxOutputTokens', 1, reading)
  const stopSequences = textsOf(config, 'stopSequences', reading)
  const format = readFormat(config, reading)
  const reasoning = readThinking(config, reading)
  const request: CanonRequest = {
    from: PROTOCOL,
    model: names?.model ?? (maybeText(body, 'model', reading) ?? '').replace(/^models\//, ''),
    stream: names?.stream ?? false,
    streamUsage: true,
    turns: [...readInstruction(body, reading), ...readContents(body, reading)],
    tools: readTools(body, strict, reading),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(stopSequences.length === 0 ? {} : { stopSequences }),
    ...(format === undefined ? {} : { format }),
    ...(reasoning === undefined ? {} : { reasoning }),
    settings: settingsOf(body, config, toolConfig),
    unknown: reading.unknown,
  }
  return withPlaces(request, {
    stop_sequences: pathOf(config, 'stopSequences'),
    output_format: formatPlace(config),
    tool_choice: pathOf(toolConfig, 'functionCallingConfig'),
  })
}

/** The settings of the table, each at the place where the client wrote it. */
function settingsOf(body: Message, config: Message, toolConfig: Message): Setting[] {
  const whole = { ...body.fields, generationConfig: config.fields, toolConfig: toolConfig.fields }
  const places: Readonly<Record<string, Message>> = { generationConfig: config, toolConfig }
  const settings = readSettings(whole, parameters).map(setting => {
    const [name = '', inner] = setting.at.split('.')
    const at = inner === undefined ? pathOf(body, name) : pathOf(places[name] ?? body, inner)
    return { ...setting, at }
  })
  return settings.filter(setting => !isIdle(setting))
}

/** The names of the fields that settings have directly below a prefix. */
function settingFields(prefix: string): string[] {
  return PARAMETER_NAMES.flatMap(name => {
    const path = PARAMETERS[name].setting ? parameters[name]?.path : undefined
    return path?.startsWith(prefix) === true ? [path.slice(prefix.length).split('.')[0] ?? ''] : []
  })
}

/** A schema asks for JSON also where the MIME type was forgotten. A form other protocols have no word for is left to `unknown`. */
function readFormat(config: Message, reading: Reading): OutputFormat | undefined {
  const mimeType = maybeText(config, 'responseMimeType', reading)
  const part = maybeObject(config, 'responseSchema', reading)
  const schema =
    maybeObject(config, 'responseJsonSchema', reading) ?? (part === undefined ? undefined : fromOpenApi(part))
  if (mimeType !== undefined && mimeType !== 'application/json' && mimeType !== 'text/plain') {
    reading.unknown.push({ at: pathOf(config, 'responseMimeType'), value: mimeType })
    return undefined
  }
  if (schema !== undefined) return { type: 'json-schema', schema }
  if (mimeType === undefined) return undefined
  return { type: mimeType === 'text/plain' ? 'text' : 'json' }
}

/** Where the schema stands; without one, the MIME type. */
function formatPlace(config: Message): string {
  const schema = ['responseJsonSchema', 'responseSchema'].find(name => has(config, name))
  return pathOf(config, schema ?? 'responseMimeType')
}

/**
 * Reads how much to think. A budget of 0 is off, one of -1 leaves it to the model (SDK type `ThinkingConfig`). Thoughts are shown only where
 * the client asks for them.
 */
function readThinking(config: Message, reading: Reading): ReasoningWish | undefined {
  const thinking = maybeMessage(config, 'thinkingConfig', reading)
  if (thinking === undefined) return undefined
  noteUnknown(thinking, THINKING_FIELDS, reading)
  const budget = maybeCount(thinking, 'thinkingBudget', -1, reading)
  const level = maybeText(thinking, 'thinkingLevel', reading)?.toLowerCase()
  const effort = level === 'thinking_level_unspecified' ? undefined : level
  const shown = maybeBoolean(thinking, 'includeThoughts', reading)
  if (budget === undefined && effort === undefined && shown !== true) return undefined
  const at = pathOf(config, 'thinkingConfig')
  if (budget === 0) return { mode: 'off', at }
  const show = shown === undefined ? undefined : shown ? 'auto' : 'omitted'
  return {
    mode: effort !== undefined || (budget ?? -1) > 0 ? 'on' : 'adaptive',
    ...(effort === undefined ? {} : { effort }),
    ...(budget === undefined || budget < 0 ? {} : { budgetTokens: budget }),
    ...(show === undefined ? {} : { show }),
    at,
  }
}
