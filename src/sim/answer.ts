import { parseJson } from '../base/json.ts'
import { asObject, asString } from '../base/json-value.ts'
import type { Answer, Ask, Call, OfferedTool } from './ask.ts'
import { sampleOf } from './sample-json.ts'
import { scriptedCalls, withoutScript } from './scripted.ts'

/** What the last user text may ask for, for `candor sim --help` and the reader of a request. */
export const DIRECTIVES = [
  { name: 'tools', about: 'call every offered tool once, in one reply' },
  { name: 'call', about: '[[call NAME {…}]]: call the offered tool NAME with these arguments; may be repeated' },
  { name: 'steps', about: '[[steps N]]: call one tool in each of N replies, then answer with all their results' },
  { name: 'think', about: 'reason before answering' },
  { name: 'redacted', about: 'reason, and give the reasoning only sealed (Messages, Responses)' },
  { name: 'long', about: '[[long N]]: an answer of N pieces, one event each' },
  { name: 'pace', about: '[[pace MS]]: wait that many milliseconds between two events' },
  { name: 'empty', about: 'answer nothing' },
  { name: 'refuse', about: 'decline, in the protocol’s own way' },
  { name: 'risk', about: 'be refused by the content filter before any answer (Kimi, Moonshot, Google)' },
  { name: 'fail', about: 'fail while answering, under status 200 (Responses)' },
  { name: 'length', about: 'stop in the middle, as if the output limit were reached' },
  { name: 'json', about: 'answer a JSON object, after the requested schema if there is one' },
  { name: 'unicode', about: 'answer in multi-byte characters, sent in pieces that split them' },
] as const

type DirectiveName = (typeof DIRECTIVES)[number]['name']

/** Directives found in a text, with their number. */
export type Directives = ReadonlyMap<string, number>

const DIRECTIVE = /\[\[([a-z]+)(?: (\d{1,6}))?\]\]/g
const QUOTE_CHARS_MAX = 200
const UNICODE_TEXT = 'Grüße, 世界! Привет, 🌍👩‍🚀 – naïve café, e\u0301 and 𝕌nicode. '

/** The answer to a request: the same request always gets the same one. */
export function answerTo(ask: Ask): Answer {
  const found = directivesIn(ask.text)
  const has = (name: DirectiveName) => found.has(name)
  const reasoning = ask.thinks || has('think') || has('redacted') ? pieces(reasoningText(ask)) : []
  const calls = has('refuse') || has('empty') ? [] : callsFor(ask, found)
  const text = has('refuse') || has('empty') ? [] : pieces(textFor(ask, found, calls))
  const draft: Answer = {
    reasoning,
    redacted: has('redacted'),
    text,
    calls,
    refusal: has('refuse'),
    stop: has('refuse') ? 'refusal' : calls.length > 0 ? 'tools' : 'end',
    outputTokens: text.length + calls.reduce((sum, call) => sum + countTokens(call.input) + 1, 0),
    reasoningTokens: reasoning.length,
    splitCharacters: has('unicode'),
    paceMs: found.get('pace') ?? 0,
  }
  const half = draft.reasoningTokens + Math.ceil(draft.outputTokens / 2)
  return limited(stopped(draft, ask), has('length') ? half : ask.maxTokens)
}

/** Tokens of a text, by the simulated tokenizer: one a word. */
export function countTokens(text: string): number {
  let words = 0
  let inWord = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    const space = code === 0x20 || (code >= 0x09 && code <= 0x0d)
    if (!space && !inWord) words += 1
    inWord = !space
  }
  return words
}

/** The directives in a text, such as `[[long 100]]`. Unknown ones are given too. */
export function directivesIn(text: string): Directives {
  if (!text.includes('[[')) return NONE
  return new Map([...text.matchAll(DIRECTIVE)].map(match => [match[1] ?? '', Number(match[2] ?? 0)]))
}

const NONE: Directives = new Map()

function textFor(ask: Ask, found: Directives, calls: readonly Call[]): string {
  if (calls.length > 0) return 'Let me look that up. '
  if (ask.toolResults.length > 0) return `The tools said: ${ask.toolResults.map(quoted).join(' and ')}.`
  if (ask.json !== undefined || found.has('json')) {
    const schema = ask.json?.schema
    return JSON.stringify(schema === undefined ? { model: ask.model, simulated: true } : sampleOf(schema))
  }
  const long = found.get('long')
  if (long !== undefined) return 'word '.repeat(long)
  if (found.has('unicode')) return UNICODE_TEXT.repeat(3)
  const said = withoutScript(ask.text).replace(DIRECTIVE, '').trim()
  const echo = said === '' ? '' : ` You said: ${quoted(said)}.`
  const seen = ask.seen.length === 0 ? '' : ` I see ${ask.seen.join(' and ')}.`
  return `This is the simulated model ${ask.model}.${echo}${seen}`
}

function quoted(text: string): string {
  return `"${text.length > QUOTE_CHARS_MAX ? `${text.slice(0, QUOTE_CHARS_MAX)}…` : text}"`
}

function reasoningText(ask: Ask): string {
  if (ask.steps > 1) return `The tools have answered ${ask.steps} times. I quote what they said.`
  return ask.toolResults.length > 0
    ? 'The tools have answered. I quote what they said.'
    : 'The user asks something simple. I think about it in two short sentences.'
}

function callsFor(ask: Ask, found: Directives): readonly Call[] {
  const { toolChoice, tools } = ask
  if (tools.length === 0 || toolChoice === 'none') return []
  const steps = found.get('steps')
  if (steps !== undefined)
    return ask.steps < steps
      ? tools
          .slice(ask.steps % tools.length)
          .slice(0, 1)
          .map(callOf)
      : []
  if (ask.toolResults.length > 0) return []
  if (typeof toolChoice === 'object') return tools.filter(tool => tool.name === toolChoice.name).map(callOf)
  const scripted = scriptedCalls(ask.text, tools).map(call => asOffered(call, tools))
  if (scripted.length > 0) return ask.parallelTools ? scripted : scripted.slice(0, 1)
  if (found.has('tools')) return (ask.parallelTools ? tools : tools.slice(0, 1)).map(callOf)
  return toolChoice === 'required' ? tools.slice(0, 1).map(callOf) : []
}

/** A custom tool takes text: what the script gives as `input`. */
function asOffered(call: Call, tools: readonly OfferedTool[]): Call {
  if (tools.find(tool => tool.name === call.name)?.custom !== true) return call
  const read = parseJson(call.input)
  return { ...call, input: (read.ok ? asString(asObject(read.value)?.input) : undefined) ?? call.input, custom: true }
}

function callOf(tool: OfferedTool): Call {
  if (tool.custom === true) return { name: tool.name, input: `sample ${tool.name}`, custom: true }
  return { name: tool.name, input: JSON.stringify(sampleOf({ type: 'object', ...tool.schema }, tool.name)) }
}

/** Words with the space behind them: joined again they are the text. */
function pieces(text: string): string[] {
  return text.match(/\s*\S+\s*/g) ?? []
}

function stopped(answer: Answer, ask: Ask): Answer {
  if (ask.stopSequences.length === 0 || answer.text.length === 0) return answer
  const text = answer.text.join('')
  let at = text.length
  let hit: string | undefined
  for (const sequence of ask.stopSequences) {
    const found = sequence === '' ? -1 : text.indexOf(sequence)
    if (found >= 0 && found < at) {
      at = found
      hit = sequence
    }
  }
  if (hit === undefined) return answer
  const kept = pieces(text.slice(0, at))
  return { ...answer, text: kept, calls: [], outputTokens: kept.length, stop: 'stop-sequence', stopSequence: hit }
}

/** Cuts to the output limit: reasoning counts, and a call is made whole or not at all. */
function limited(answer: Answer, maxTokens: number | undefined): Answer {
  if (maxTokens === undefined || answer.reasoningTokens + answer.outputTokens <= maxTokens) return answer
  const reasoning = answer.reasoning.slice(0, maxTokens)
  const text = answer.text.slice(0, maxTokens - reasoning.length)
  return {
    ...answer,
    reasoning,
    text,
    calls: [],
    stop: 'length',
    reasoningTokens: reasoning.length,
    outputTokens: text.length,
  }
}
