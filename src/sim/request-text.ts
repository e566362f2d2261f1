import { asArray, asObject, asString, type JsonValue } from '../base/json-value.ts'
import { countTokens } from './answer.ts'
import type { OfferedTool } from './ask.ts'

/** Tokens of an image or file, by the simulated tokenizer. */
export const MEDIA_TOKENS = 100

/** The text of a message's content, whether one text or parts (blocks). */
export function textOf(content: JsonValue | undefined): string {
  if (typeof content === 'string') return content
  return asArray(content)
    .map(part => asString(asObject(part)?.text) ?? '')
    .join('')
}

/** Tokens of the tools offered. */
export function toolTokens(tools: readonly OfferedTool[]): number {
  return tools.reduce((sum, tool) => sum + 1 + countTokens(JSON.stringify(tool.schema)), 0)
}
