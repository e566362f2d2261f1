import { asObject, isObject, type JsonObject, type JsonValue } from '../base/json-value.ts'
import { googleRefusal } from './google-failure.ts'
import type { Failure } from './reply.ts'

/**
 * The messages of the Gemini API, v1beta, as its official client declares them: `field:type`, `*` for a list, `{}` for a map. Small
 * letters are plain types: s text, b truth, i whole number, f number, y bytes, o object, x anything. `#` begins an enumeration.
 */
const MESSAGES: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  GenerateContentRequest: fields(
    `model:s contents:Content* systemInstruction:Content tools:Tool* toolConfig:ToolConfig safetySettings:SafetySetting*
     generationConfig:GenerationConfig cachedContent:s serviceTier:s store:b`,
  ),
  CountTokensRequest: fields('model:s contents:Content* generateContentRequest:GenerateContentRequest'),
  EmbedContentRequest: fields('model:s content:Content taskType:s title:s outputDimensionality:i'),
  BatchEmbedContentsRequest: fields('model:s requests:EmbedContentRequest*'),
  Content: fields('role:s parts:Part*'),
  Part: fields(
    `text:s thought:b thoughtSignature:y inlineData:Blob fileData:FileData functionCall:FunctionCall functionResponse:FunctionResponse
     executableCode:o codeExecutionResult:o toolCall:o toolResponse:o videoMetadata:o mediaResolution:o partMetadata:o`,
  ),
  Blob: fields('mimeType:s data:y displayName:s'),
  FileData: fields('mimeType:s fileUri:s displayName:s'),
  FunctionCall: fields('id:s name:s args:o'),
  FunctionResponse: fields('id:s name:s response:o willContinue:b scheduling:s parts:FunctionResponsePart*'),
  FunctionResponsePart: fields('inlineData:Blob fileData:FileData'),
  Tool: fields(
    `functionDeclarations:FunctionDeclaration* googleSearch:o googleSearchRetrieval:o codeExecution:o urlContext:o computerUse:o
     fileSearch:o googleMaps:o mcpServers:o*`,
  ),
  FunctionDeclaration: fields(
    'name:s description:s behavior:s parameters:Schema parametersJsonSchema:x response:Schema responseJsonSchema:x',
  ),
  Schema: fields(
    `type:#Type format:s title:s description:s nullable:b enum:s* items:Schema minItems:i maxItems:i properties:Schema{} required:s*
     minProperties:i maxProperties:i minLength:i maxLength:i pattern:s example:x anyOf:Schema* propertyOrdering:s* default:x minimum:f
     maximum:f`,
  ),
  ToolConfig: fields(
    'functionCallingConfig:FunctionCallingConfig retrievalConfig:o includeServerSideToolInvocations:b',
  ),
  FunctionCallingConfig: fields('mode:#FunctionCallingConfig.Mode allowedFunctionNames:s*'),
  SafetySetting: fields('category:s threshold:s'),
  GenerationConfig: fields(
    `candidateCount:i stopSequences:s* maxOutputTokens:i temperature:f topP:f topK:i seed:i presencePenalty:f frequencyPenalty:f
     responseMimeType:s responseSchema:Schema responseJsonSchema:x responseLogprobs:b logprobs:i responseModalities:s* speechConfig:o
     thinkingConfig:ThinkingConfig imageConfig:o mediaResolution:s enableEnhancedCivicAnswers:b responseFormat:o*`,
  ),
  ThinkingConfig: fields('includeThoughts:b thinkingBudget:i thinkingLevel:#ThinkingConfig.ThinkingLevel'),
}

/** Capitals do not matter: the API's own pages write these both ways. */
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  '#Type': ['TYPE_UNSPECIFIED', 'STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'],
  '#FunctionCallingConfig.Mode': ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'],
  '#ThinkingConfig.ThinkingLevel': ['THINKING_LEVEL_UNSPECIFIED', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH'],
}

const PLAIN: Readonly<Record<string, { readonly name: string; fits(value: JsonValue): boolean }>> = {
  s: { name: 'TYPE_STRING', fits: value => typeof value === 'string' },
  b: { name: 'TYPE_BOOL', fits: value => typeof value === 'boolean' },
  // Protobuf takes numbers as texts too.
  i: {
    name: 'TYPE_INT32',
    fits: value => value !== '' && typeof value !== 'boolean' && Number.isInteger(Number(value)),
  },
  f: {
    name: 'TYPE_FLOAT',
    fits: value => value !== '' && typeof value !== 'boolean' && Number.isFinite(Number(value)),
  },
  o: { name: 'type.googleapis.com/google.protobuf.Struct', fits: isObject },
}
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

interface Violation {
  readonly field: string
  readonly description: string
}

function fields(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\s+/).map(field => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)]),
  )
}

/** Everything in a body that is no such message, as the one refusal Google makes of it. */
export function fieldFailure(body: JsonObject, message: string): Failure | undefined {
  const violations = inMessage(body, message, '')
  if (violations.length === 0) return undefined
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: violations.map(({ field, description }) => ({
        ...(field === '' ? {} : { field }),
        description,
      })),
    },
  ]
  return googleRefusal(400, violations.map(violation => violation.description).join('\n'), details)
}

function inMessage(object: JsonObject, message: string, path: string): readonly Violation[] {
  const known = MESSAGES[message] ?? new Map<string, string>()
  return Object.entries(object).flatMap(([key, value]) => {
    // Both spellings are taken.
    const type = known.get(key) ?? known.get(key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
    if (type === undefined) return [unknownName(key, path, 'Cannot find field.')]
    if (value === undefined || value === null) return []
    return inField(value, type, { key, path })
  })
}

interface Place {
  readonly key: string
  readonly path: string
}

function inField(value: JsonValue, type: string, { key, path }: Place): readonly Violation[] {
  const at = `${path}${path === '' ? '' : '.'}${snake(key)}`
  if (type.endsWith('{}')) {
    const entries = Object.values(asObject(value) ?? {})
    return entries.flatMap((each, index) => inValue(each ?? null, type.slice(0, -2), `${at}[${index}].value`))
  }
  if (!type.endsWith('*')) {
    if (Array.isArray(value) && type !== 'x')
      return [unknownName(key, path, 'Proto field is not repeating, cannot start list.')]
    return inValue(value, type, at)
  }
  // One value stands for a list of it.
  const list = Array.isArray(value) ? value : [value]
  return list.flatMap((each, index) => inValue(each, type.slice(0, -1), `${at}[${index}]`))
}

function inValue(value: JsonValue, type: string, at: string): readonly Violation[] {
  if (type === 'x') return []
  const shown = JSON.stringify(value)
  if (type === 'y') {
    if (typeof value !== 'string') return [invalidValue(at, 'TYPE_BYTES', shown)]
    return BASE64.test(value) ? [] : [invalidValue(at, 'TYPE_BYTES', `Base64 decoding failed for ${shown}`)]
  }
  const plain = PLAIN[type]
  if (plain !== undefined) return plain.fits(value) ? [] : [invalidValue(at, plain.name, shown)]
  const full = `type.googleapis.com/google.ai.generativelanguage.v1beta.${type.replace('#', '')}`
  const values = ENUMS[type]
  if (values !== undefined) {
    return values.includes(String(value).toUpperCase()) ? [] : [invalidValue(at, full, shown)]
  }
  const inner = asObject(value)
  return inner === undefined ? [invalidValue(at, full, shown)] : inMessage(inner, type, at)
}

function unknownName(key: string, path: string, reason: string): Violation {
  const place = path === '' ? '' : ` at '${path}'`
  return { field: path, description: `Invalid JSON payload received. Unknown name "${key}"${place}: ${reason}` }
}

function invalidValue(field: string, type: string, shown: string): Violation {
  return { field, description: `Invalid value at '${field}' (${type}), ${shown}` }
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
