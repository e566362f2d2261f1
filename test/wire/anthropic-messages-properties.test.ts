import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import type { BlockDelta, BlockHead, Event } from '../../src/canon/event.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
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
const citation = text.map((value): Delta => ({ type: 'citation', value: { type: 'char_location', cited_text: value } }))
const signature = text.map((value): Delta[] => [{ type: 'signature', signature: value }])
const input = fc.array(
  text.map((value): Delta => ({ type: 'input', text: value })),
  { minLength: 1, maxLength: 4 },
)
const opaqueDelta = text.map(
  (value): Delta => ({ type: 'opaque', protocol: 'anthropic-messages', value: { type: 'glow_delta', glow: value } }),
)

const block = fc.oneof(
  fc.array(fc.oneof(textDelta, citation)).map((deltas): BlockPlan => ({ head: { type: 'text' }, deltas })),
  fc
    .tuple(fc.array(textDelta), fc.oneof(signature, fc.constant<Delta[]>([])))
    .map(([texts, signed]): BlockPlan => ({ head: { type: 'reasoning' }, deltas: [...texts, ...signed] })),
  text.map((redacted): BlockPlan => ({ head: { type: 'reasoning', redacted }, deltas: [] })),
  fc
    .tuple(text, text, input)
    .map(([id, name, deltas]): BlockPlan => ({ head: { type: 'tool-call', id, name, custom: false }, deltas })),
  fc.array(opaqueDelta).map(
    (deltas): BlockPlan => ({
      head: { type: 'opaque', protocol: 'anthropic-messages', name: 'hologram', value: { type: 'hologram', size: 1 } },
      deltas,
    }),
  ),
)

/** A reply whose blocks may overlap in time: `order` picks, at each step, the block that goes on. */
const reply = fc.record({
  plans: fc.array(block, { maxLength: 5 }),
  order: fc.infiniteStream(fc.nat()),
  output: fc.nat(1000),
})

function eventsOf({ plans, order, output }: { plans: BlockPlan[]; order: Iterator<number>; output: number }): Event[] {
  const queues = plans.map((plan, index): Event[] => [
    { type: 'block-start', index, choice: 0, block: plan.head },
    ...plan.deltas.map((delta): Event => ({ type: 'block-delta', index, delta })),
    { type: 'block-stop', index },
  ])
  const events: Event[] = [{ type: 'reply-start', id: 'msg_1', model: 'claude' }]
  for (;;) {
    const live = queues.filter(queue => queue.length > 0)
    const queue = live[Number(order.next().value) % Math.max(live.length, 1)]
    const next = queue?.shift()
    if (next === undefined) break
    events.push(next)
  }
  events.push({ type: 'usage', usage: { input: 3, output } })
  events.push({ type: 'choice-stop', choice: 0, reason: 'end', raw: 'end_turn' }, { type: 'reply-end' })
  return events
}

/** A block's contents with neighbouring pieces of text put together. */
function contents(events: readonly Event[], index: number): JsonValue[] {
  const merged: { type: string; value: JsonValue }[] = []
  for (const event of events) {
    if (event.type !== 'block-delta' || event.index !== index) continue
    const { delta } = event
    const last = merged.at(-1)
    if (delta.type === 'text' || delta.type === 'input') {
      if (last?.type === delta.type) last.value = `${String(last.value)}${delta.text}`
      else merged.push({ type: delta.type, value: delta.text })
    } else merged.push({ type: delta.type, value: 'value' in delta ? delta.value : delta.signature })
  }
  return merged.map(({ type, value }) => [type, value])
}

/** The reply's blocks in the order they started, whatever the order in time. */
function blocksOf(events: readonly Event[]): JsonValue[] {
  return events.flatMap(event =>
    event.type === 'block-start' ? [[JSON.stringify(event.block), ...contents(events, event.index)]] : [],
  )
}

describe('a reply that follows the grammar', () => {
  test('is the same when told and read again, but for merged texts and overlaps', () => {
    fc.assert(
      fc.property(reply, plan => {
        const events = eventsOf(plan)
        expect(faultIn(events)).toBeUndefined()
        const encoder = anthropicMessages.openEncoder(CONTEXT)
        const frames = events.flatMap(event => [...encoder.push(event)])
        const again = decodeFrames(anthropicMessages, frames)
        expect(faultIn(again)).toBeUndefined()
        expect(blocksOf(again)).toEqual(blocksOf(events))
        expect(again.at(-1)).toEqual({ type: 'reply-end' })
        expect(again.at(-2)).toEqual(events.at(-2) as Event)
        expect(again.findLast(event => event.type === 'usage')).toMatchObject({
          usage: { input: 3, output: plan.output },
        })
        expect(encoder.unsaid()).toEqual([])
      }),
      RUNS,
    )
  })
})

const jsonValue = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>
const object = fc.dictionary(fc.string({ maxLength: 6 }), jsonValue) as fc.Arbitrary<JsonObject>
const EVENT_TYPES = [
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
  'error',
]
const BLOCK_TYPES = ['text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use', 'constructor']
const DELTA_TYPES = [
  'text_delta',
  'thinking_delta',
  'signature_delta',
  'input_json_delta',
  'citations_delta',
  'toString',
]

const ofType = (types: readonly string[]) =>
  fc.tuple(object, fc.constantFrom(...types)).map(([rest, type]): JsonObject => ({ ...rest, type }))

const wireEvent = fc.oneof(
  jsonValue,
  fc
    .record({
      type: fc.constantFrom(...EVENT_TYPES),
      index: fc.oneof(fc.nat(2), jsonValue),
      message: fc.oneof(object, jsonValue),
      content_block: fc.oneof(ofType(BLOCK_TYPES), jsonValue),
      delta: fc.oneof(ofType(DELTA_TYPES), object, jsonValue),
      usage: fc.oneof(fc.dictionary(fc.constantFrom('input_tokens', 'output_tokens'), jsonValue), jsonValue),
    })
    .map(event => event as JsonObject),
)
const data = fc.oneof(
  { weight: 8, arbitrary: wireEvent.map(event => JSON.stringify(event)) },
  { weight: 1, arbitrary: fc.string() },
)

describe('whatever comes', () => {
  test('a stream is read without a throw, in order, to one ending', () => {
    fc.assert(
      fc.property(fc.array(data, { maxLength: 12 }), lines => {
        const started = ['{"type":"message_start","message":{}}', ...lines]
        for (const all of [lines, started]) {
          const events = decodeFrames(
            anthropicMessages,
            all.map(line => ({ data: line })),
          )
          expect(faultIn(events)).toBeUndefined()
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a whole reply is read without a throw, in order, to one ending', () => {
    const content = fc.array(fc.oneof(ofType(BLOCK_TYPES), jsonValue), { maxLength: 4 })
    fc.assert(
      fc.property(object, fc.oneof(content, jsonValue), (rest, blocks) => {
        const events = anthropicMessages.decodeReply({ ...rest, content: blocks as JsonValue })
        expect(faultIn(events)).toBeUndefined()
        expect(isObject(anthropicMessages.encodeReply(events, CONTEXT).body)).toBe(true)
      }),
      RUNS,
    )
  })

  test('an error is read into words that are bounded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(object, jsonValue, fc.string()), (status, body) => {
        const found = anthropicMessages.decodeProblem(status, body)
        expect(isProblem(found)).toBe(true)
        expect((found.upstream?.message ?? '').length).toBeLessThanOrEqual(1000)
      }),
      RUNS,
    )
  })

  test('a request is read or refused, and what is read can be written', () => {
    const fields = [
      'model',
      'system',
      'tools',
      'tool_choice',
      'thinking',
      'output_config',
      'metadata',
      'stop_sequences',
    ]
    const part = fc.oneof(ofType([...BLOCK_TYPES, 'image', 'document', 'tool_result']), jsonValue)
    const message = fc.record({
      role: fc.constantFrom('user', 'assistant', 'system', 'tool'),
      content: fc.oneof(fc.string(), fc.array(part, { maxLength: 3 }), jsonValue),
    })
    const body = fc.tuple(fc.dictionary(fc.constantFrom(...fields), jsonValue), fc.array(message, { maxLength: 4 }))
    fc.assert(
      fc.property(body, ([rest, messages]) => {
        const read = anthropicMessages.decodeRequest({ max_tokens: 10, ...rest, messages: messages as JsonValue[] })
        if (isProblem(read)) expect(read.code).toBe('bad_request')
        else expect(anthropicMessages.encodeRequest(read, {}).body.messages).toBeArray()
      }),
      { numRuns: 500 },
    )
  })
})

/** Texts Anthropic takes: not blank. */
const words = text.map(value => `w${value}`)
const mark = fc.option(fc.constant({ cache_control: { type: 'ephemeral' } }), { nil: {} })
const textBlock = fc.tuple(words, mark).map(([value, cache]): JsonObject => ({ type: 'text', text: value, ...cache }))
const userBlock = fc.oneof(
  textBlock,
  fc.constant<JsonObject>({ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }),
  fc.constant<JsonObject>({
    type: 'document',
    source: { type: 'text', media_type: 'text/plain', data: 'x' },
    title: 't',
  }),
  words.map((value): JsonObject => ({ type: 'hologram', value })),
)
const assistantBlock = fc.oneof(
  textBlock,
  words.map((value): JsonObject => ({ type: 'thinking', thinking: value, signature: 'EpAE' })),
  words.map((value): JsonObject => ({ type: 'redacted_thinking', data: value })),
  object.map((value): JsonObject => ({ type: 'server_tool_use', id: 's', name: 'n', input: value })),
)

/** One exchange with a tool call in it; `n` keeps the ids apart. */
function exchange([user, assistant, args]: readonly [JsonObject[], JsonObject[], JsonObject], n: number): JsonObject[] {
  const call: JsonObject = { type: 'tool_use', id: `toolu_${n}`, name: 'f', input: args }
  const result: JsonObject = { type: 'tool_result', tool_use_id: `toolu_${n}`, content: user, is_error: n % 2 === 0 }
  return [
    { role: 'user', content: user },
    { role: 'assistant', content: [...assistant, call] },
    { role: 'user', content: [result, ...user] },
    { role: 'assistant', content: assistant },
  ]
}

const content = (arbitrary: fc.Arbitrary<JsonObject>) => fc.array(arbitrary, { minLength: 1, maxLength: 3 })
const args = fc.dictionary(
  fc.string({ maxLength: 6 }).filter(key => key !== '__proto__'),
  jsonValue,
) as fc.Arbitrary<JsonObject>
const conversation = fc
  .array(fc.tuple(content(userBlock), content(assistantBlock), args), { minLength: 1, maxLength: 3 })
  .map(exchanges => exchanges.flatMap(exchange))

const settings = fc.record(
  {
    system: content(textBlock),
    stream: fc.constant(true),
    temperature: fc.constantFrom(0, 0.5, 1),
    top_k: fc.nat(100),
    service_tier: fc.constantFrom('auto', 'standard_only'),
    metadata: fc.constant({ user_id: 'u' }),
    stop_sequences: fc.constant(['END']),
    tools: fc.constant([
      { name: 'f', input_schema: { type: 'object' }, strict: true },
      { type: 'bash_20250124', name: 'bash' },
    ]),
    tool_choice: fc.constantFrom<JsonObject>({ type: 'auto' }, { type: 'any', disable_parallel_tool_use: true }),
    thinking: fc.constantFrom<JsonObject>(
      { type: 'enabled', budget_tokens: 2000 },
      { type: 'adaptive' },
      { type: 'disabled' },
    ),
    output_config: fc.constantFrom<JsonObject>({ format: { type: 'json_schema', schema: { type: 'object' } } }, {}),
  },
  { requiredKeys: ['tools'] },
)

/** The canonical request without its JSON paths, which name places in another body. */
function withoutPaths(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'at' || key === 'places' ? undefined : inner)))
}

describe('a request Anthropic takes', () => {
  test('means the same when written and read again', () => {
    fc.assert(
      fc.property(conversation, settings, (messages, rest) => {
        const body = { model: 'claude', max_tokens: 4000, ...rest, messages } as JsonObject
        const read = anthropicMessages.decodeRequest(body)
        if (isProblem(read)) throw new Error(read.what)
        const written = anthropicMessages.encodeRequest(read, {})
        expect(written.losses).toEqual([])
        const again = anthropicMessages.decodeRequest(written.body)
        expect(withoutPaths(again)).toEqual(withoutPaths(read))
      }),
      RUNS,
    )
  })

  test('keeps every byte but its model when it only passes through', () => {
    fc.assert(
      fc.property(object, fc.boolean(), text, (rest, named, model) => {
        const { model: _, ...others } = rest
        const before = JSON.stringify(named ? { a: 1, model: 'old', ...others } : others)
        const after = anthropicMessages.retarget(new TextEncoder().encode(before), model, {})
        if (isProblem(after)) throw new Error(after.what)
        const written = new TextDecoder().decode(after.body)
        const name = JSON.stringify(model)
        const inserted = before === '{}' ? `"model":${name}` : `"model":${name},`
        expect(written).toBe(
          named ? before.replace('"model":"old"', () => `"model":${name}`) : `{${inserted}${before.slice(1)}`,
        )
      }),
      RUNS,
    )
  })
})
