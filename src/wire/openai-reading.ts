import type { JsonObject, JsonValue } from '../base/json-value.ts'
import type { FunctionTool, OutputFormat, Part } from '../canon/request.ts'
import { maybeBoolean, maybeObject, maybeText, type Reading, wantText } from './reading.ts'

/** Reads content: text, or a list of parts. Empty text is no part; `null` and a missing field are no content. */
export function readParts(
  content: JsonValue | undefined,
  at: string,
  reading: Reading,
  readPart: (part: JsonValue, at: string, reading: Reading) => Part[],
): Part[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content, at }]
  if (Array.isArray(content)) return content.flatMap((part, i) => readPart(part, `${at}[${i}]`, reading))
  reading.faults.push({ path: at, rule: 'must be text or a list of parts' })
  return []
}

/** Reads a function as OpenAI describes it. `at`: the tool's path; `inner`: that of the object with the function's fields. */
export function readFunctionTool(value: JsonObject, at: string, inner: string, reading: Reading): FunctionTool {
  const description = maybeText(value.description, `${inner}.description`, reading)
  const parameters = maybeObject(value.parameters, `${inner}.parameters`, reading)
  const strict = maybeBoolean(value.strict, `${inner}.strict`, reading)
  return {
    type: 'function',
    name: wantText(value.name, `${inner}.name`, reading),
    at,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
  }
}

/** Reads the form of an answer, beside whose schema OpenAI puts its name, a description and whether it is strict. */
export function readSchemaFormat(format: JsonObject, schema: JsonObject, at: string, reading: Reading): OutputFormat {
  const name = maybeText(format.name, `${at}.name`, reading)
  const description = maybeText(format.description, `${at}.description`, reading)
  const strict = maybeBoolean(format.strict, `${at}.strict`, reading)
  return {
    type: 'json-schema',
    schema,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  }
}
