import { indentJson } from '../../../../src/base/indent-json.ts'

/** JSON with a line for each value, every value written as it was. Undefined: it is no JSON. */
export function indented(text: string): string | undefined {
  return isJson(text) ? indentJson(text) : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
