import { parseJson } from '../base/json.ts'
import { isObject } from '../base/json-value.ts'
import type { Call, OfferedTool } from './ask.ts'

const OPENING = /\[\[call ([\w.:-]{1,128}) (?=\{)/g

/** One call a text asks for, and the stretch it stands in. */
interface Scripted extends Call {
  readonly start: number
  readonly end: number
}

/**
 * The calls a text asks for by name, in its order: `[[call write {"path": "a.txt", "content": "…"}]]`. This is how a test makes an agent
 * use its own tools. What is no JSON object, or names a tool that was not offered, is no call.
 */
export function scriptedCalls(text: string, tools: readonly OfferedTool[]): readonly Call[] {
  return scriptedIn(text)
    .filter(({ name }) => tools.some(tool => tool.name === name))
    .map(({ name, input }) => ({ name, input }))
}

/** The text without its scripted calls. */
export function withoutScript(text: string): string {
  return scriptedIn(text).reduceRight((left, { start, end }) => left.slice(0, start) + left.slice(end), text)
}

function scriptedIn(text: string): readonly Scripted[] {
  if (!text.includes('[[call ')) return []
  return [...text.matchAll(OPENING)].flatMap(found => {
    const from = found.index + found[0].length
    const input = objectAt(text, from)
    return input === undefined
      ? []
      : [{ name: found[1] ?? '', input, start: found.index, end: from + input.length + CLOSING.length }]
  })
}

const CLOSING = ']]'

/** The JSON object that begins there and ends before the next closing brackets that do not belong to it. */
function objectAt(text: string, from: number): string | undefined {
  for (let end = text.indexOf(CLOSING, from); end >= 0; end = text.indexOf(CLOSING, end + 1)) {
    const input = text.slice(from, end)
    const read = parseJson(input)
    if (read.ok && isObject(read.value)) return input
  }
  return undefined
}
