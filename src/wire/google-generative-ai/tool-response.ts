import { parseJson } from '../../base/json.ts'
import { isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'

/** What a tool answered, as one text. */
export interface ToolText {
  readonly text: string
  readonly failed: boolean
}

/**
 * Reads the `response` of a function. Google's own words for its parts are `output` and `error` (SDK type `FunctionResponse`); an object with
 * neither is the output itself.
 */
export function readResponse(response: JsonObject): ToolText {
  const [only, ...others] = Object.keys(response)
  const value = only === undefined || others.length > 0 ? undefined : response[only]
  if (value !== undefined && (only === 'output' || only === 'error'))
    return { text: asText(value), failed: only === 'error' }
  return { text: JSON.stringify(response), failed: false }
}

/** The reverse. A text goes as the object it spells only if reading gives exactly that text again. */
export function writeResponse({ text, failed }: ToolText): JsonObject {
  if (failed) return { error: text }
  const read = text.startsWith('{') ? parseJson(text) : undefined
  if (read?.ok === true && isObject(read.value) && JSON.stringify(read.value) === text) {
    const again = readResponse(read.value)
    if (!again.failed && again.text === text) return read.value
  }
  return { output: text }
}

function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
