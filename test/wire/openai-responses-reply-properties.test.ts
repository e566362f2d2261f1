import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import type { BlockDelta, BlockHead, Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { PROTOCOL_IDS } from '../../src/canon/protocol.ts'
import { packReasoning } from '../../src/canon/reasoning-carrier.ts'
import { openaiResponses } from '../../src/wire/openai-responses/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { meaning, toldAgain } from './openai-responses-meaning.ts'
import { decodeFrames } from './stream-laws.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'm', createdSeconds: 1, streamUsage: true }
const RUNS = { numRuns: 200 }

type Delta = BlockDelta['delta']

/** A block of a generated reply: its head and its deltas in order. */
interface BlockPlan {
  readonly head: BlockHead
  readonly deltas: readonly Delta[]
}

const text = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' })
const textDelta = text.map((value): Delta => ({ type: 'text', text: value }))
const citation = text.map(
  (value): Delta => ({ type: 'citation', value: { type: 'file_path', file_id: value, index: 1 } }),
)
const logprobs = text.map(
  (token): Delta => ({ type: 'logprobs', value: { content: [{ token, logprob: -1 }], refusal: null } }),
)
const input = fc.array(
  text.map((value): Delta => ({ type: 'input', text: value })),
  { minLength: 1, maxLength: 4 },
)
const progress = text.map(
  (value): Delta => ({
    type: 'opaque',
    protocol: 'openai-responses',
    value: { type: 'response.hologram.delta', item_id: 'h', glow: value },
  }),
)

/** A reasoning block as the decoder gives it: its pieces joined, and the carrier that knows their lengths. */
const reasoning = fc
  .tuple(fc.array(text, { maxLength: 3 }), fc.option(text, { nil: undefined }), fc.uuid())
  .map(([pieces, signature, id]): BlockPlan => {
    const details = [{ id: `rs_${id}`, pieces: pieces.map(piece => ({ field: 'summary', chars: piece.length })) }]
    const carrier = packReasoning({
      origin: 'openai-responses',
      ...(signature === undefined ? {} : { signature }),
      details,
    })
    const said = pieces.map((piece, i): Delta => ({ type: 'text', text: i === 0 ? piece : `\n\n${piece}` }))
    return { head: { type: 'reasoning' }, deltas: [...said, { type: 'signature', signature: carrier }] }
  })

const block = fc.oneof(
  fc.array(fc.oneof(textDelta, citation, logprobs)).map((deltas): BlockPlan => ({ head: { type: 'text' }, deltas })),
  fc.array(textDelta).map((deltas): BlockPlan => ({ head: { type: 'refusal' }, deltas })),
  reasoning,
  fc
    .tuple(fc.uuid(), text, input, fc.boolean())
    .map(([id, name, deltas, custom]): BlockPlan => ({ head: { type: 'tool-call', id, name, custom }, deltas })),
  fc.tuple(fc.uuid(), fc.array(progress)).map(([id, deltas]): BlockPlan => {
    const value = { id, type: 'hologram', size: 1 }
    return { head: { type: 'opaque', protocol: 'openai-responses', name: 'hologram', value }, deltas }
  }),
)

/** A reply whose blocks may overlap in time: `order` picks, at each step, the block that goes on. */
const reply = fc.record({
  plans: fc.array(block, { maxLength: 6 }),
  order: fc.infiniteStream(fc.nat()),
  stop: fc.constantFrom<Pick<Event & { type: 'choice-stop' }, 'reason' | 'raw'>>(
    { reason: 'length', raw: 'max_output_tokens' },
    { reason: 'content-filter', raw: 'content_filter' },
    { reason: 'other', raw: 'steered' },
  ),
  output: fc.nat(1000),
})

type Reply = typeof reply extends fc.Arbitrary<infer T> ? T : never

function eventsOf({ plans, order, stop, output }: Reply): Event[] {
  const queues = plans.map((plan, index): Event[] => [
    { type: 'block-start', index, choice: 0, block: plan.head },
    ...plan.deltas.map((delta): Event => ({ type: 'block-delta', index, delta })),
    { type: 'block-stop', index },
  ])
  const events: Event[] = [{ type: 'reply-start', id: 'resp_1', model: 'm', createdSeconds: 7 }]
  for (;;) {
    const live = queues.filter(queue => queue.length > 0)
    const queue = live[Number(order.next().value) % Math.max(live.length, 1)]
    const next = queue?.shift()
    if (next === undefined) break
    events.push(next)
  }
  events.push({ type: 'usage', usage: { input: 3, cacheRead: 1, output, reasoning: 2 } })
  events.push({ type: 'choice-stop', choice: 0, ...stop }, { type: 'reply-end' })
  return events
}

/** The same, whatever the order in which blocks were begun. */
function unordered(events: readonly Event[]): unknown {
  const { blocks, rest } = meaning(events) as { readonly blocks: readonly unknown[]; readonly rest: unknown }
  return { blocks: blocks.map(one => JSON.stringify(one)).sort(), rest }
}

describe('a reply that follows the grammar', () => {
  test('is the same when told and read again', () => {
    fc.assert(
      fc.property(reply, plan => {
        const events = eventsOf(plan)
        expect(faultIn(events)).toBeUndefined()
        const again = toldAgain(openaiResponses, events, CONTEXT)
        expect(faultIn(again)).toBeUndefined()
        expect(unordered(again)).toEqual(unordered(events))
      }),
      RUNS,
    )
  })

  test('is the same when written whole and read again', () => {
    fc.assert(
      fc.property(reply, plan => {
        const events = eventsOf({ ...plan, plans: plan.plans.filter(one => one.head.type !== 'opaque') })
        const { body, unsaid } = openaiResponses.encodeReply(events, CONTEXT)
        expect(unsaid).toEqual([])
        const again = openaiResponses.decodeReply(body)
        expect(faultIn(again)).toBeUndefined()
        expect(textsIn(again)).toEqual(textsIn(events))
      }),
      RUNS,
    )
  })
})

/** All texts and inputs of a reply by the kind of their block, in no order. */
function textsIn(events: readonly Event[]): readonly string[] {
  const { blocks } = meaning(events) as { readonly blocks: readonly { head: BlockHead; text: string }[] }
  return blocks.map(({ head, text: said }) => `${head.type} ${said}`).sort()
}

/** Every name the codec looks for, so that random objects reach every branch. */
const NAMES =
  `type sequence_number response output_index item_id content_index summary_index annotation_index item part delta text
  refusal arguments input annotation logprobs id call_id name status role content summary encrypted_content annotations error code message
  output usage input_tokens output_tokens input_tokens_details output_tokens_details cached_tokens reasoning_tokens incomplete_details
  reason model created_at background choices namespace caller phase __proto__ constructor`.split(/\s+/)

const TYPES =
  `response.created response.in_progress response.queued response.output_item.added response.output_item.done
  response.content_part.added response.content_part.done response.output_text.delta response.output_text.done
  response.output_text.annotation.added response.refusal.delta response.refusal.done response.function_call_arguments.delta
  response.function_call_arguments.done response.custom_tool_call_input.delta response.reasoning_summary_part.added
  response.reasoning_summary_text.delta response.reasoning_summary_text.done response.reasoning_text.delta
  response.web_search_call.searching response.completed response.incomplete response.failed error keepalive toString`.split(
    /\s+/,
  )

const WORDS: readonly JsonValue[] = [
  ...'message reasoning function_call custom_tool_call web_search_call output_text refusal reasoning_text summary_text'.split(
    ' ',
  ),
  ...'completed incomplete failed in_progress queued a b'.split(' '),
  '',
  null,
  true,
  0,
  1,
  -1,
  1e99,
]

const anything = fc.letrec<{ value: JsonValue; object: JsonObject }>(tie => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(...WORDS), fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc
    .array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 6 })
    .map(entries => Object.fromEntries(entries) as JsonObject),
}))

const part = fc.tuple(anything.object, fc.constantFrom('output_text', 'refusal', 'reasoning_text', 'glow'))
const item = fc
  .tuple(anything.object, fc.constantFrom('message', 'reasoning', 'function_call', 'custom_tool_call', 'holo'))
  .map(([rest, type]): JsonObject => ({ ...rest, type }))
const wireEvent = fc
  .tuple(
    anything.object,
    fc.record(
      {
        type: fc.constantFrom(...TYPES),
        output_index: fc.nat(2),
        content_index: fc.nat(1),
        delta: text,
        item,
        part: part.map(([rest, type]) => ({ ...rest, type })),
        response: anything.object,
      },
      { requiredKeys: ['type'] },
    ),
  )
  .map(([rest, event]) => JSON.stringify({ ...rest, ...event }))

describe('whatever comes', () => {
  test('a stream is read without a throw, in order, to one ending, and what is read can be told', () => {
    const line = fc.oneof({ weight: 12, arbitrary: wireEvent }, { weight: 1, arbitrary: fc.string() })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 14 }), fc.constantFrom(undefined, ...PROTOCOL_IDS), (lines, from) => {
        const frames = lines.map(data => ({ data }))
        const events = decodeFrames(openaiResponses, frames)
        expect(faultIn(events)).toBeUndefined()
        const again = toldAgain(openaiResponses, events, from === undefined ? CONTEXT : { ...CONTEXT, from })
        expect(faultIn(again)).toBeUndefined()
        expect(again.at(-1)?.type).toBe(events.at(-1)?.type ?? 'failure')
      }),
      { numRuns: 1500 },
    )
  })

  test('a whole reply is read without a throw, in order, to one ending', () => {
    const output = fc.oneof(fc.array(fc.oneof(item, anything.value), { maxLength: 4 }), anything.value)
    fc.assert(
      fc.property(anything.object, output, (rest, items) => {
        const events = openaiResponses.decodeReply({ ...rest, output: items })
        expect(faultIn(events)).toBeUndefined()
        expect(isObject(openaiResponses.encodeReply(events, CONTEXT).body)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
