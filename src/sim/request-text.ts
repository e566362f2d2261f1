import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../base/json-value.ts'
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

/** What the user said last: the texts of the messages of theirs that stand in a row up to that one. Some agents send several. */
export function saidUpTo(items: readonly JsonObject[], lastUser: number): string {
  const texts: string[] = []
  for (let at = lastUser; items[at]?.role === 'user'; at -= 1) texts.unshift(textOf(items[at]?.content))
  return texts.filter(text => text !== '').join('\n\n')
}

/** Tokens of the tools offered. */
export function toolTokens(tools: readonly OfferedTool[]): number {
  return tools.reduce((sum, tool) => sum + 1 + countTokens(JSON.stringify(tool.schema)), 0)
}

/**
 * What belongs to the turn that is being answered: from the last user message with a text, or from behind the assistant's last word if
 * that message stands later.
 */
export function currentTurn<T>(items: readonly T[], lastUser: number, lastAssistant: number): readonly T[] {
  return items.slice(Math.max(0, Math.min(lastUser, lastAssistant + 1)))
}
