import { asArray, asString, type JsonObject } from '../base/json-value.ts'
import type { CheckedCall } from './check.ts'
import {
  contentsOf,
  field,
  googleParts,
  isModel,
  numberField,
  objectField,
  objectsField,
  partsWith,
} from './google-body.ts'
import { googleRefusal } from './google-failure.ts'
import { demandsSignatures, missingSignature, signatureFailure } from './google-signatures.ts'
import type { Failure } from './reply.ts'

/** What the Gemini API demands of a request beyond its fields, in Google's wording as quoted in issues of its clients. */

type GoogleCheck = (call: CheckedCall) => Failure | undefined

const FUNCTION_NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/
/** A part must have one of these. */
const DATA = [
  ...['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse', 'executableCode', 'codeExecutionResult'],
  ...['toolCall', 'toolResponse'],
] as const

const refused = (message: string) => googleRefusal(400, message)
const atField = (path: string, what: string) => refused(`* GenerateContentRequest.${path}: ${what}\n`)

const filled: GoogleCheck = ({ body }) => {
  const contents = contentsOf(body)
  if (contents.length === 0) return atField('contents', 'contents is not specified')
  for (const [at, content] of contents.entries()) {
    if (!['user', 'model', 'function', undefined].includes(asString(content.role))) {
      return refused('Please use a valid role: user, model.')
    }
    const parts = googleParts(content)
    if (parts.length === 0) return atField(`contents[${at}].parts`, 'contents.parts must not be empty.')
    const empty = parts.findIndex(part => !DATA.some(name => field(part, name) !== undefined))
    if (empty >= 0) {
      const path = `contents[${at}].parts[${empty}].data`
      return atField(path, "required oneof field 'data' must have one initialized field")
    }
  }
  return undefined
}

const turns: GoogleCheck = ({ body }) => {
  const contents = contentsOf(body)
  for (const [at, content] of contents.entries()) {
    const before = contents[at - 1]
    const calls = partsWith(before, 'functionCall').length
    const results = partsWith(content, 'functionResponse').length
    if (partsWith(content, 'functionCall').length > 0 && (before === undefined || isModel(before))) {
      return refused(
        'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
      )
    }
    if (results > 0 && calls === 0) {
      return refused('Please ensure that function response turn comes immediately after a function call turn.')
    }
    if (results !== calls) {
      return refused(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      )
    }
  }
  return partsWith(contents.at(-1), 'functionCall').length === 0
    ? undefined
    : refused('Please ensure that multiturn requests end with a user turn or a function response turn.')
}

const namedResults: GoogleCheck = ({ body }) => {
  for (const [at, content] of contentsOf(body).entries()) {
    for (const [index, part] of googleParts(content).entries()) {
      const result = objectField(part, 'functionResponse')
      if (result === undefined || (asString(result.name) ?? '') !== '') continue
      return atField(`contents[${at}].parts[${index}].function_response.name`, 'Name cannot be empty.')
    }
  }
  return undefined
}

/** In the turn that goes on, the first call of each step needs its signature; any signature must be one of ours. */
const signatures: GoogleCheck = ({ ask, body }) => {
  const contents = contentsOf(body)
  for (const part of contents.flatMap(googleParts)) {
    const signature = asString(field(part, 'thoughtSignature'))
    const failure = signature === undefined ? undefined : signatureFailure(signature)
    if (failure !== undefined) return failure
  }
  if (!demandsSignatures(ask.model)) return undefined
  const start = contents.findLastIndex(
    content =>
      !isModel(content) && googleParts(content).some(part => objectField(part, 'functionResponse') === undefined),
  )
  for (const [at, content] of contents.entries()) {
    const [first] = at > start ? partsWith(content, 'functionCall') : []
    if (first === undefined || field(first, 'thoughtSignature') !== undefined) continue
    return missingSignature(asString(objectField(first, 'functionCall')?.name) ?? '', at + 1)
  }
  return undefined
}

const declarations: GoogleCheck = ({ body }) => {
  const names = new Set<string>()
  for (const [at, tool] of objectsField(body, 'tools').entries()) {
    for (const [index, declared] of objectsField(tool, 'functionDeclarations').entries()) {
      const path = `tools[${at}].function_declarations[${index}]`
      const name = asString(declared.name) ?? ''
      if (!FUNCTION_NAME.test(name)) {
        return atField(
          `${path}.name`,
          '[FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.',
        )
      }
      if (names.has(name)) return refused(`Duplicate function declaration found: ${name}`)
      names.add(name)
      const parameters = objectField(declared, 'parameters')
      const failure = parameters === undefined ? undefined : schemaFailure(parameters, `${path}.parameters`)
      if (failure !== undefined) return failure
    }
  }
  return undefined
}

/** Quirks of Google's own schema dialect; a JSON Schema in `parametersJsonSchema` has none of them. */
function schemaFailure(schema: JsonObject, path: string): Failure | undefined {
  const type = (asString(schema.type) ?? '').toUpperCase()
  const properties = Object.entries(objectField(schema, 'properties') ?? {})
  if (type === 'OBJECT' && properties.length === 0) {
    return atField(`${path}.properties`, 'should be non-empty for OBJECT type')
  }
  if (type === 'ARRAY' && schema.items === undefined) return atField(`${path}.items`, 'missing field.')
  if (asArray(schema.enum).length > 0 && type !== 'STRING') {
    return atField(`${path}.enum`, 'only allowed for STRING type')
  }
  const inner: [string, JsonObject | undefined][] = [
    ...properties.map(([name]): [string, JsonObject | undefined] => [
      `${path}.properties[${name}]`,
      objectField(objectField(schema, 'properties'), name),
    ]),
    [`${path}.items`, objectField(schema, 'items')],
  ]
  for (const [at, each] of inner) {
    const failure = each === undefined ? undefined : schemaFailure(each, at)
    if (failure !== undefined) return failure
  }
  return undefined
}

const settings: GoogleCheck = ({ ask, body }) => {
  const config = objectField(body, 'generationConfig')
  const thinking = objectField(config, 'thinkingConfig')
  const budget = numberField(thinking, 'thinkingBudget')
  const level = field(thinking, 'thinkingLevel')
  if (budget !== undefined && level !== undefined) {
    return refused('You can only set only one of thinking budget and thinking level.')
  }
  const old = !demandsSignatures(ask.model)
  if (level !== undefined && old) return refused('Thinking level is not supported for this model.')
  if (budget === 0 && ask.model.includes('-pro')) {
    return refused('Budget 0 is invalid. This model only works in thinking mode.')
  }
  if ((numberField(config, 'candidateCount') ?? 1) > 1) {
    return refused('Multiple candidates is not enabled for this model')
  }
  if (old && ask.tools.length > 0 && ask.json !== undefined) {
    return refused("Function calling with a response mime type: 'application/json' is unsupported")
  }
  return undefined
}

/** All of them; the first refusal wins. */
export const googleChecks: readonly GoogleCheck[] = [filled, declarations, settings, namedResults, turns, signatures]
