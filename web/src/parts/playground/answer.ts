import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { fieldOf, type Trouble, textIn, troubleIn } from '../../api.ts'
import { isShownPicture } from '../drawn-picture.ts'

/** A tool the model wants to be called, as far as it has come. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  /** JSON, if the model wrote some. */
  readonly arguments: string
}

/**
 * How an answer stands. `whole`: the protocol said that nothing is missing. `stopped`: by the person. `cut`: it broke off without a word.
 * `failed`: and it was told why.
 */
export type Outcome = 'running' | 'whole' | 'stopped' | 'cut' | 'failed'

/** A picture the model drew, as OpenAI-compatible providers send it (openrouter.ai/docs/features/multimodal/image-generation). */
export interface Drawn {
  /** `data:image/…`, or undefined: it is somewhere else, or larger than is shown. */
  readonly url: string | undefined
}

/** An answer, or as much of it as has come. */
export interface Answer {
  readonly outcome: Outcome
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly ToolCall[]
  readonly pictures: readonly Drawn[]
  /** Why the model stopped, in the words of Chat Completions: `stop`, `length`, `tool_calls`, … */
  readonly stopReason?: string
  /** The `provider/model` that answers, known from the first byte. */
  readonly model?: string
  readonly requestId?: string
  readonly trouble?: Trouble
  /** Known a moment after the end. */
  readonly receipt?: Receipt
}

/** An answer of which nothing has come. */
export const NO_ANSWER: Answer = { outcome: 'running', text: '', reasoning: '', calls: [], pictures: [] }

/** The answer with one more chunk of the stream. The chunk may be anything: a provider's bytes may pass through as they are. */
export function withChunk(answer: Answer, chunk: unknown): Answer {
  if (fieldOf(chunk, 'error') !== undefined) return { ...answer, outcome: 'failed', trouble: troubleIn(chunk, 200) }
  return listIn(chunk, 'choices').reduce<Answer>(withChoice, answer)
}

function withChoice(answer: Answer, choice: unknown): Answer {
  const delta = fieldOf(choice, 'delta')
  const stopReason = textIn(choice, 'finish_reason') ?? answer.stopReason
  return {
    ...answer,
    text: answer.text + (textIn(delta, 'content') ?? '') + (textIn(delta, 'refusal') ?? ''),
    reasoning: answer.reasoning + (textIn(delta, 'reasoning_content') ?? textIn(delta, 'reasoning') ?? ''),
    pictures: listIn(delta, 'images').reduce<readonly Drawn[]>(withPicture, answer.pictures),
    calls: listIn(delta, 'tool_calls').reduce<readonly ToolCall[]>(withCall, answer.calls),
    ...(stopReason === undefined ? {} : { stopReason }),
  }
}

/** Most pictures of one answer that are shown. */
const PICTURES_MAX = 16

function withPicture(pictures: readonly Drawn[], piece: unknown): readonly Drawn[] {
  if (pictures.length >= PICTURES_MAX) return pictures
  const url = textIn(fieldOf(piece, 'image_url'), 'url')
  return [...pictures, { url: url !== undefined && isShownPicture(url) ? url : undefined }]
}

/** Most calls of one answer that are shown. */
const CALLS_MAX = 128

/** Pieces of a call carry its place; the first one its id and name. */
function withCall(calls: readonly ToolCall[], piece: unknown): readonly ToolCall[] {
  const index = fieldOf(piece, 'index')
  const place = typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : calls.length
  if (place >= CALLS_MAX) return calls
  const made = fieldOf(piece, 'function')
  const before = calls[place]
  const call = {
    id: before?.id ?? textIn(piece, 'id') ?? `call_${place}`,
    name: before?.name ?? textIn(made, 'name') ?? '',
    arguments: (before?.arguments ?? '') + (textIn(made, 'arguments') ?? ''),
  }
  return before === undefined ? [...calls, call] : calls.with(place, call)
}

/** The list in a field of something that came from outside; empty where there is none. */
export function listIn(value: unknown, name: string): readonly unknown[] {
  const found = fieldOf(value, name)
  return Array.isArray(found) ? found : []
}
