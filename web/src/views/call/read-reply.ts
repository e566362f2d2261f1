import type { ProtocolId } from '../../../../src/canon/protocol.ts'
import { fieldOf, textIn, troubleIn } from '../../api.ts'
import { type Answer, listIn, NO_ANSWER, type ToolCall, withChunk } from '../../parts/playground/answer.ts'
import { openEventReader } from '../../parts/playground/sse.ts'
import { failed } from '../../parts/playground/talk.ts'

/** What follows the last chunk of Chat Completions. */
const DONE = '[DONE]'

/** Reads an answer as the clients of one protocol get it: the events of a stream one by one, or a whole reply, which says the same in one piece. */
export function withData(answer: Answer, protocol: ProtocolId, data: string): Answer {
  if (answer.outcome === 'failed') return answer
  if (data === DONE) return { ...answer, outcome: 'whole' }
  const said = parsed(data)
  // A stream of Google's protocol may be one list.
  return (Array.isArray(said) ? said : [said]).reduce<Answer>(
    (before, each) => withSaid(before, protocol, each),
    answer,
  )
}

/** The answer in a reply that is there already, as far as it goes; undefined where there is none to read: no text, no reasoning, no call. */
export function answerIn(reply: { readonly contentType: string; readonly text: string }, protocol: ProtocolId) {
  const isStream = reply.contentType.startsWith('text/event-stream')
  const answer = (isStream ? eventsIn(reply.text) : [reply.text]).reduce<Answer>(
    (before, data) => withData(before, protocol, data),
    NO_ANSWER,
  )
  return answer.text === '' && answer.reasoning === '' && answer.calls.length === 0 ? undefined : answer
}

function eventsIn(text: string): readonly string[] {
  try {
    return openEventReader().push(text)
  } catch {
    return []
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

function withSaid(answer: Answer, protocol: ProtocolId, said: unknown): Answer {
  const error = fieldOf(said, 'error') ?? fieldOf(fieldOf(said, 'response'), 'error') ?? undefined
  return error === undefined ? READERS[protocol](answer, said) : failed(answer, troubleIn({ error }, 200))
}

const READERS: Readonly<Record<ProtocolId, (answer: Answer, said: unknown) => Answer>> = {
  'openai-completions': withCompletion,
  'openai-responses': withResponse,
  'anthropic-messages': withMessage,
  'google-generative-ai': withGenerated,
}

function withCompletion(answer: Answer, said: unknown): Answer {
  const choices = listIn(said, 'choices').map(choice => ({
    delta: fieldOf(choice, 'delta') ?? fieldOf(choice, 'message'),
    finish_reason: fieldOf(choice, 'finish_reason'),
  }))
  return withChunk(answer, { choices })
}

function withResponse(answer: Answer, said: unknown): Answer {
  const delta = textIn(said, 'delta') ?? ''
  switch (textIn(said, 'type')) {
    case 'response.output_text.delta':
    case 'response.refusal.delta':
      return { ...answer, text: answer.text + delta }
    case 'response.reasoning_text.delta':
    case 'response.reasoning_summary_text.delta':
      return { ...answer, reasoning: answer.reasoning + delta }
    case 'response.output_item.done':
      return withCall(answer, callOfItem(fieldOf(said, 'item')))
    case 'response.completed':
    case 'response.incomplete':
      return { ...answer, outcome: 'whole' }
    default:
      return listIn(said, 'output').reduce<Answer>(withItem, answer)
  }
}

/** An item of a whole response. */
function withItem(answer: Answer, item: unknown): Answer {
  const parts = [...listIn(item, 'content'), ...listIn(item, 'summary')]
  const words = parts.map(part => textIn(part, 'text') ?? textIn(part, 'refusal') ?? '').join('')
  if (textIn(item, 'type') === 'reasoning') return { ...answer, reasoning: answer.reasoning + words }
  return withCall({ ...answer, text: answer.text + words }, callOfItem(item))
}

function callOfItem(item: unknown): ToolCall | undefined {
  const [id, name] = [textIn(item, 'call_id'), textIn(item, 'name')]
  if (id === undefined || name === undefined) return undefined
  return { id, name, arguments: textIn(item, 'arguments') ?? textIn(item, 'input') ?? '' }
}

function withCall(answer: Answer, call: ToolCall | undefined): Answer {
  return call === undefined ? answer : { ...answer, calls: [...answer.calls, call] }
}

function withMessage(answer: Answer, said: unknown): Answer {
  switch (textIn(said, 'type')) {
    case 'content_block_start':
      return withBlock(answer, fieldOf(said, 'content_block'))
    case 'content_block_delta':
      return withArguments(withBlock(answer, fieldOf(said, 'delta')), fieldOf(said, 'delta'))
    case 'message_stop':
      return { ...answer, outcome: 'whole' }
    default:
      return listIn(said, 'content').reduce<Answer>(withBlock, answer)
  }
}

/** A block of a message, or a piece of one: the fields of both have the same names. */
function withBlock(answer: Answer, block: unknown): Answer {
  const [id, name] = [textIn(block, 'id'), textIn(block, 'name')]
  const call =
    id === undefined || name === undefined ? undefined : { id, name, arguments: written(fieldOf(block, 'input')) }
  const { text, reasoning } = answer
  return withCall(
    {
      ...answer,
      text: text + (textIn(block, 'text') ?? ''),
      reasoning: reasoning + (textIn(block, 'thinking') ?? ''),
    },
    call,
  )
}

/** Blocks come one after the other, so a piece of arguments is of the newest call. */
function withArguments(answer: Answer, delta: unknown): Answer {
  const piece = textIn(delta, 'partial_json')
  const last = answer.calls.at(-1)
  if (piece === undefined || last === undefined) return answer
  return { ...answer, calls: answer.calls.with(-1, { ...last, arguments: last.arguments + piece }) }
}

function withGenerated(answer: Answer, said: unknown): Answer {
  // Of several candidates the first: their texts would run into each other.
  const [candidate] = listIn(said, 'candidates')
  const told = listIn(fieldOf(candidate, 'content'), 'parts').reduce<Answer>(withPart, answer)
  return textIn(candidate, 'finishReason') === undefined ? told : { ...told, outcome: 'whole' }
}

function withPart(answer: Answer, part: unknown): Answer {
  const text = textIn(part, 'text') ?? ''
  const made = fieldOf(part, 'functionCall')
  const name = textIn(made, 'name')
  const call =
    name === undefined
      ? undefined
      : {
          id: textIn(made, 'id') ?? `call_${answer.calls.length}`,
          name,
          arguments: written(fieldOf(made, 'args')),
        }
  const isThought = fieldOf(part, 'thought') === true
  return withCall(
    isThought ? { ...answer, reasoning: answer.reasoning + text } : { ...answer, text: answer.text + text },
    call,
  )
}

/** Arguments as JSON. None of them: they are still to come, or there are none. */
function written(value: unknown): string {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0 ? '' : JSON.stringify(value)
}
