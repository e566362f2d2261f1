import { asArray, isObject, type JsonValue } from '../../base/json-value.ts'
import type { ParameterName } from '../../canon/parameters.ts'
import type { Setting } from '../../canon/request.ts'
import { Cannot, type ParameterTable } from '../wire-protocol.ts'

/** What `generateContent` can say, after the request types of Google's published SDK (@google/genai 3.1). */
export const parameters: ParameterTable = {
  temperature: { path: 'generationConfig.temperature' },
  top_p: { path: 'generationConfig.topP' },
  top_k: { path: 'generationConfig.topK' },
  seed: { path: 'generationConfig.seed' },
  frequency_penalty: { path: 'generationConfig.frequencyPenalty' },
  presence_penalty: { path: 'generationConfig.presencePenalty' },
  logprobs: { path: 'generationConfig.responseLogprobs' },
  top_logprobs: { path: 'generationConfig.logprobs' },
  n: { path: 'generationConfig.candidateCount' },
  modalities: {
    path: 'generationConfig.responseModalities',
    read: value => eachText(value, text => text.toLowerCase()),
    write: value => eachText(value, text => text.toUpperCase()),
    note: 'in capitals',
  },
  service_tier: {
    path: 'serviceTier',
    read: readServiceTier,
    write: writeServiceTier,
    note: '`default` is `standard`; `flex` and `priority` are the same, others cannot be said',
  },
  metadata: { path: 'labels', write: writeLabels, note: 'keys and values as Google Cloud wants its labels' },
  store: { path: 'store', note: 'says whether the call is logged' },
  safety_settings: { path: 'safetySettings' },
  cached_content: { path: 'cachedContent' },
  media_resolution: { path: 'generationConfig.mediaResolution' },
  speech: { path: 'generationConfig.speechConfig' },
  image_output: { path: 'generationConfig.imageConfig' },
  retrieval: { path: 'toolConfig.retrievalConfig' },
  civic_answers: { path: 'generationConfig.enableEnhancedCivicAnswers' },
  max_output_tokens: { path: 'generationConfig.maxOutputTokens' },
  stop_sequences: { path: 'generationConfig.stopSequences', note: 'at most five' },
  output_format: {
    path: 'generationConfig.responseJsonSchema',
    note: 'with `responseMimeType`; `responseSchema` is read too. Not beside a forced tool call, before Gemini 3 not beside any tool',
  },
  stream_usage: { path: 'usageMetadata', note: 'always told' },
  tools: { path: 'tools[].functionDeclarations[].parametersJsonSchema', note: '`parameters` is read too' },
  server_tools: { path: 'tools', note: "Gemini's own only" },
  tool_strict: { path: 'toolConfig.functionCallingConfig.mode', note: '`VALIDATED`, which holds for all tools' },
  tool_choice: { path: 'toolConfig.functionCallingConfig.mode' },
  allowed_tools: { path: 'toolConfig.functionCallingConfig.allowedFunctionNames' },
  tool_result_media: {
    path: 'contents[].parts[].functionResponse.parts',
    note: 'from Gemini 3 on, inline; PNG, JPEG, WebP, PDF and plain text',
  },
  tool_result_error: { path: 'contents[].parts[].functionResponse.response.error' },
  reasoning: {
    path: 'generationConfig.thinkingConfig',
    note: '`thinkingLevel`, before Gemini 3 `thinkingBudget`; from Gemini 3 on it cannot be turned off',
  },
  reasoning_effort: {
    path: 'generationConfig.thinkingConfig.thinkingLevel',
    note: 'the nearest one the model knows, told as a loss',
  },
  reasoning_display: { path: 'generationConfig.thinkingConfig.includeThoughts', note: 'shown or not' },
  reasoning_history: { path: 'contents[].parts[].thoughtSignature', note: 'only what a Gemini provider wrote' },
  images: {
    path: 'contents[].parts[].inlineData',
    note: 'or by an https URL as `fileData`, if the URL or the request tells the kind of image',
  },
  image_detail: { path: 'contents[].parts[].mediaResolution', note: 'from Gemini 3 on' },
  documents: { path: 'contents[].parts[].inlineData', note: 'or `fileData`, as for images' },
  audio_input: { path: 'contents[].parts[].inlineData' },
  video_input: { path: 'contents[].parts[].inlineData', note: "Gemini's own only" },
  opaque_parts: { path: 'contents[].parts[]', note: "Gemini's own only" },
}

/** Values that ask for what happens anyway, so that leaving them out loses nothing. */
const MEANS_NOTHING: Readonly<Partial<Record<ParameterName, (value: JsonValue) => boolean>>> = {
  n: value => value === 1,
  frequency_penalty: value => value === 0,
  presence_penalty: value => value === 0,
  logit_bias: isEmpty,
  logprobs: value => value === false,
  top_logprobs: value => value === 0,
  modalities: value => asArray(value).length === 1 && asArray(value)[0] === 'text',
  verbosity: value => value === 'medium',
  service_tier: value => value === 'auto',
  metadata: isEmpty,
  safety_settings: isEmpty,
  truncation: value => value === 'disabled',
  background: value => value === false,
  eager_input_streaming: value => value === false,
}

/** True for a setting that asks for what happens anyway. */
export function isIdle({ name, value }: Setting): boolean {
  return MEANS_NOTHING[name as ParameterName]?.(value) === true
}

/** Words of the SDK enum `ServiceTier` that are called otherwise elsewhere. */
const TIERS = new Map([
  ['standard', 'default'],
  ['unspecified', 'auto'],
])

function readServiceTier(value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value
  const tier = value.toLowerCase()
  return TIERS.get(tier) ?? tier
}

function writeServiceTier(value: JsonValue): JsonValue | Cannot {
  if (value === 'default') return 'standard'
  return value === 'flex' || value === 'priority'
    ? value
    : new Cannot('Gemini has only the tiers standard, flex and priority')
}

/** What Google Cloud takes as a label's key and value (docs.cloud.google.com, "Requirements for labels"). */
const LABEL_KEY = /^[a-z][a-z0-9_-]{0,62}$/
const LABEL_VALUE = /^[a-z0-9_-]{0,63}$/

function writeLabels(value: JsonValue): JsonValue | Cannot {
  const labels = isObject(value) ? Object.entries(value) : []
  const fit = labels.every(
    ([key, label]) => LABEL_KEY.test(key) && typeof label === 'string' && LABEL_VALUE.test(label),
  )
  return isObject(value) && fit ? value : new Cannot('Google takes only labels of lower-case letters, digits, - and _')
}

function eachText(value: JsonValue, change: (text: string) => string): JsonValue {
  return Array.isArray(value) ? value.map((item: JsonValue) => (typeof item === 'string' ? change(item) : item)) : value
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
