import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { BlockDelta, BlockHead, Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { decodeFrames, framesOf, lawBreaks, sseBytes } from './stream-laws.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'p/m', createdSeconds: 1, streamUsage: true }

type Delta = BlockDelta['delta']

interface Block {
  readonly head: BlockHead
  readonly deltas: readonly Delta[]
}

const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const texts = fc.array(
  said.map((text): Delta => ({ type: 'text', text })),
  { minLength: 1, maxLength: 4 },
)
const signature = said.map((value): Delta => ({ type: 'signature', signature: `s${value}` }))
const block: fc.Arbitrary<Block> = fc.oneof(
  texts.map(deltas => ({ head: { type: 'text' } as const, deltas })),
  texts.map(deltas => ({ head: { type: 'refusal' } as const, deltas })),
  fc
    .tuple(texts, signature)
    .map(([deltas, last]) => ({ head: { type: 'reasoning' } as const, deltas: [...deltas, last] })),
  said.map(data => ({ head: { type: 'reasoning', redacted: data } as const, deltas: [] })),
  fc.tuple(fc.boolean(), fc.array(said, { maxLength: 3 })).map(([custom, input]) => ({
    head: { type: 'tool-call', id: '', name: 'f', custom } as const,
    deltas: input.map((text): Delta => ({ type: 'input', text })),
  })),
)
/** Two texts in a row would be one on the wire. */
const blocks = fc
  .array(block, { maxLength: 5 })
  .map(list => list.filter((one, i) => one.head.type === 'reasoning' || one.head.type !== list[i - 1]?.head.type))
const count = fc.nat(1000)
const usage = fc
  .record({ input: count, cacheRead: count, cacheWrite: count, output: count, reasoning: count })
  .map(told => (told.output === 0 ? { ...told, reasoning: 0 } : told))

interface Reply {
  readonly choices: readonly (readonly Block[])[]
  readonly usage: { readonly [bucket: string]: number }
}

const reply: fc.Arbitrary<Reply> = fc.record({ choices: fc.array(blocks, { minLength: 1, maxLength: 3 }), usage })

/** The events of a reply: each choice in turn, ids made unique. */
function eventsOf({ choices, usage: told }: Reply): Event[] {
  const events: Event[] = [{ type: 'reply-start', id: 'id', model: 'm', createdSeconds: 7 }]
  let index = 0
  for (const [choice, list] of choices.entries()) {
    for (const { head, deltas } of list) {
      const named = head.type === 'tool-call' ? { ...head, id: `call-${index}` } : head
      events.push({ type: 'block-start', index, choice, block: named })
      for (const delta of deltas) events.push({ type: 'block-delta', index, delta })
      events.push({ type: 'block-stop', index })
      index += 1
    }
    const called = list.some(one => one.head.type === 'tool-call')
    events.push({ type: 'choice-stop', choice, ...(called ? CALLED : DONE) })
  }
  return [...events, { type: 'usage', usage: told }, { type: 'reply-end' }]
}

const CALLED = { reason: 'tool-calls', raw: 'tool_calls' } as const
const DONE = { reason: 'end', raw: 'stop' } as const

/** What a reply says, however it was cut into deltas and whenever its blocks were closed. */
function meaning(events: readonly Event[]): unknown {
  const read = new Map<number, { choice: number; head: BlockHead; text: string; input: string; signature: string }>()
  const rest: unknown[] = []
  for (const event of events) {
    if (event.type === 'block-start')
      read.set(event.index, { choice: event.choice, head: event.block, text: '', input: '', signature: '' })
    else if (event.type === 'block-delta') {
      const one = read.get(event.index)
      if (one === undefined) continue
      if (event.delta.type === 'text') one.text += event.delta.text
      else if (event.delta.type === 'input') one.input += event.delta.text
      else if (event.delta.type === 'signature') one.signature += event.delta.signature
    } else if (event.type === 'usage') rest.push({ ...event.usage, raw: undefined })
    else if (event.type !== 'block-stop') rest.push(event)
  }
  for (const one of read.values()) {
    if (one.head.type === 'tool-call' && !one.head.custom && one.input === '') one.input = '{}'
  }
  return { blocks: [...read.values()], rest }
}

/** What is left of a whole reply's order: the texts of each kind, and the calls. */
function sums(events: readonly Event[]): unknown {
  const { blocks: list } = meaning(events) as {
    blocks: { choice: number; head: BlockHead; text: string; input: string }[]
  }
  return [0, 1, 2].map(choice => {
    const own = list.filter(one => one.choice === choice)
    const joined = (type: string) => own.flatMap(one => (one.head.type === type ? [one.text] : [])).join('')
    const calls = own.flatMap(one => (one.head.type === 'tool-call' ? [[one.head, one.input]] : []))
    return { text: joined('text'), refusal: joined('refusal'), reasoning: joined('reasoning'), calls }
  })
}

describe('a reply that was written and read again', () => {
  test('says the same as a stream', () => {
    fc.assert(
      fc.property(reply, told => {
        const events = eventsOf(told)
        expect(faultIn(events)).toBeUndefined()
        const encoder = openaiCompletions.openEncoder(CONTEXT)
        const bytes = sseBytes(events.flatMap(event => encoder.push(event)))
        expect(meaning(decodeFrames(openaiCompletions, framesOf([bytes])))).toEqual(meaning(events))
        expect(encoder.unsaid()).toEqual([])
      }),
    )
  })

  test('says the same whole', () => {
    fc.assert(
      fc.property(reply, told => {
        const events = eventsOf(told)
        const { body, unsaid } = openaiCompletions.encodeReply(events, CONTEXT)
        expect(sums(openaiCompletions.decodeReply(body))).toEqual(sums(events))
        expect(unsaid).toEqual([])
      }),
    )
  })

  test('keeps the laws of streams', () => {
    fc.assert(
      fc.property(reply, told => {
        const encoder = openaiCompletions.openEncoder(CONTEXT)
        const bytes = sseBytes(eventsOf(told).flatMap(event => encoder.push(event)))
        expect(lawBreaks(openaiCompletions, bytes, { stopsSuffice: true })).toEqual([])
      }),
      { numRuns: 15 },
    )
  })
})

/** Every name the codec looks for, so that random objects reach every branch. */
const NAMES =
  `id object created model choices usage error base_resp status_code status_msg code message type index delta
  finish_reason stop_reason logprobs content reasoning_content reasoning reasoning_details refusal annotations tool_calls function_call
  function custom name arguments input text thinking summary data signature format prompt_tokens completion_tokens total_tokens
  prompt_tokens_details completion_tokens_details cached_tokens reasoning_tokens x_groq role messages tools tool_choice functions
  tool_call_id image_url url detail file file_id file_data filename input_audio cache_control max_tokens max_completion_tokens stop
  response_format json_schema schema strict stream stream_options include_usage allowed_tools mode enable_thinking thinking_budget
  reasoning_effort effort exclude parameters description metadata raw detail title __proto__ constructor`.split(/\s+/)

const WORDS = [
  '',
  'text',
  'function',
  'custom',
  'tool',
  'user',
  'assistant',
  'system',
  'stop',
  'error',
  'tool_calls',
  'x',
]

const anything = fc.letrec<{ value: unknown; object: JsonObject }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(...WORDS, null, true, 0, 1, -1, 1e99, 'data:image/png;base64,AA=='),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 6 })
    .map(entries => Object.fromEntries(entries) as JsonObject),
}))

describe('whatever comes, nothing throws', () => {
  const frame = fc.record({
    data: fc.oneof(
      anything.object.map(value => JSON.stringify(value)),
      fc.string(),
    ),
  })

  test('streams end in one way, in the order of the grammar', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), frames => {
        expect(faultIn(decodeFrames(openaiCompletions, frames))).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test('chunks of every shape', () => {
    const choice = fc.record({ index: fc.nat(1), delta: anything.object, finish_reason: fc.constantFrom(null, 'stop') })
    const chunks = fc.array(fc.record({ choices: fc.array(choice, { maxLength: 2 }), usage: anything.value }))
    fc.assert(
      fc.property(chunks, list => {
        const frames = list.map(value => ({ data: JSON.stringify(value) }))
        expect(faultIn(decodeFrames(openaiCompletions, frames))).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test('whole replies', () => {
    fc.assert(
      fc.property(anything.object, body => {
        expect(faultIn(openaiCompletions.decodeReply(body))).toBeUndefined()
      }),
    )
  })

  test('requests are read or refused, and what was read can be written', () => {
    const message = fc.tuple(fc.constantFrom('system', 'user', 'assistant', 'tool'), anything.object)
    const body = fc.tuple(anything.object, fc.array(message, { maxLength: 3 })).map(([more, list]) => ({
      ...more,
      messages: list.map(([role, fields]) => ({ ...fields, role })),
    }))
    fc.assert(
      fc.property(fc.oneof(body, anything.object), value => {
        const read = openaiCompletions.decodeRequest(value as JsonObject)
        if (isProblem(read)) expect(read.paths?.length).toBeGreaterThan(0)
        else expect(openaiCompletions.encodeRequest(read, {}).body.messages).toBeArray()
      }),
      { numRuns: 1000 },
    )
  })

  test('errors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 700 }), fc.oneof(anything.value, fc.string()), (status, body) => {
        expect(openaiCompletions.decodeProblem(status, body).upstream?.status).toBe(status)
      }),
    )
  })
})
