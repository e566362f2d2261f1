import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json-value.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import { decodeRequest } from '../../src/wire/openai-responses/decode-request.ts'
import { encodeRequest } from '../../src/wire/openai-responses/encode-request.ts'
import { decodeProblem } from '../../src/wire/openai-responses/problem.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import { plainItems } from './openai-responses-plain-items.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 8 })
const id = fc.stringMatching(/^[a-z_0-9]{1,12}$/)
const base64 = fc.uint8Array({ maxLength: 9 }).map(bytes => Buffer.from(bytes).toString('base64'))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

/** Objects whose fields may be missing, without those that are. */
function record(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> {
  return fc
    .record(fields)
    .map(made => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as JsonObject)
}

const status = maybe(fc.constantFrom('completed', 'in_progress', 'incomplete'))
const breakpoint = maybe(fc.constantFrom({ mode: 'explicit' }, { mode: 'explicit', ttl: '12h' }))
const inputPart = fc.oneof(
  record({ type: fc.constant('input_text'), text, prompt_cache_breakpoint: breakpoint }),
  record({
    type: fc.constant('input_image'),
    image_url: fc.webUrl(),
    detail: maybe(fc.constantFrom('low', 'original')),
  }),
  record({ type: fc.constant('input_image'), image_url: base64.map(data => `data:image/png;base64,${data}`) }),
  record({ type: fc.constant('input_image'), file_id: id, prompt_cache_breakpoint: breakpoint }),
  record({ type: fc.constant('input_file'), filename: maybe(id), file_data: base64 }),
  record({ type: fc.constant('input_file'), file_data: base64.map(data => `data:text/plain;base64,${data}`) }),
  record({
    type: fc.constant('input_file'),
    filename: maybe(id),
    file_url: fc.webUrl(),
    detail: maybe(fc.constant('auto')),
  }),
)
const citation = record({ type: fc.constant('url_citation'), url: fc.webUrl(), title: text })
const outputPart = fc.oneof(
  record({
    type: fc.constant('output_text'),
    text,
    annotations: maybe(fc.array(citation, { maxLength: 2 })),
    logprobs: maybe(fc.constant([])),
  }),
  record({ type: fc.constant('refusal'), refusal: text.map(words => `No. ${words}`) }),
)
const content = (part: fc.Arbitrary<JsonObject>) => fc.oneof(text, fc.array(part, { maxLength: 3 }))
const summary = (type: string) => fc.array(record({ type: fc.constant(type), text }), { maxLength: 3 })

const message = fc.oneof(
  record({ role: fc.constant('user'), content: content(inputPart) }),
  record({
    type: fc.constant('message'),
    role: fc.constantFrom('user', 'system', 'developer'),
    id: maybe(id),
    status,
    content: content(record({ type: fc.constant('input_text'), text })),
  }),
  record({
    type: maybe(fc.constant('message')),
    role: fc.constant('assistant'),
    id: maybe(id),
    status,
    phase: maybe(fc.constantFrom('commentary', 'final_answer')),
    content: content(outputPart),
  }),
)
const reasoning = record({
  type: fc.constant('reasoning'),
  id: maybe(id),
  summary: summary('summary_text'),
  content: maybe(summary('reasoning_text')),
  encrypted_content: maybe(id),
  status,
})
const callId = fc.constantFrom('call_a', 'call_b', 'call_c')
const caller = maybe(fc.constant({ type: 'direct' }))
const call = fc.oneof(
  record({
    type: fc.constant('function_call'),
    call_id: callId,
    name: id,
    arguments: text,
    id: maybe(id),
    status,
    caller,
  }),
  record({
    type: fc.constant('custom_tool_call'),
    call_id: fc.constant('custom_a'),
    name: id,
    input: text,
    id: maybe(id),
  }),
)
const output = content(inputPart)
const result = fc.oneof(
  record({ type: fc.constant('function_call_output'), call_id: callId, output, id: maybe(id), status, caller }),
  record({ type: fc.constant('custom_tool_call_output'), call_id: fc.constant('custom_a'), output }),
)
const other = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('web_search_call', 'mcp_call', 'computer_call_output', 'compaction', 'quantum_leap'),
      fc.jsonValue(),
    )
    .map(([type, value]): JsonObject => ({ type, x: value as JsonObject })),
  record({ id }),
)
const items = fc.array(fc.oneof(message, reasoning, call, result, other), { maxLength: 12 })

describe('a conversation that was read and written again', () => {
  test('has the same items in the same order, without a loss', () => {
    fc.assert(
      fc.property(items, input => {
        const read = decodeRequest({ model: 'm', input })
        if (isProblem(read)) throw new Error(read.what)
        const { body, losses } = encodeRequest(read, {})
        expect(losses).toEqual([])
        expect(body.input).toEqual(plainItems(input))
      }),
      { numRuns: 1000 },
    )
  })

  test('does not change a second time', () => {
    fc.assert(
      fc.property(items, input => {
        const written = encodeOwn({ model: 'm', input })
        expect(encodeOwn(written)).toEqual(written)
      }),
    )
  })

  test('has turns that do not follow one of the same model', () => {
    fc.assert(
      fc.property(items, input => {
        const read = decodeRequest({ model: 'm', input })
        if (isProblem(read)) throw new Error(read.what)
        const roles = read.turns.map(turn => turn.role)
        expect(roles.some((role, i) => role === 'assistant' && roles[i - 1] === 'assistant')).toBe(false)
      }),
    )
  })
})

function encodeOwn(body: JsonObject): JsonObject {
  const read = decodeRequest(body)
  if (isProblem(read)) throw new Error(read.what)
  return encodeRequest(read, {}).body
}

/** Every name the codec looks for, so that random objects reach every branch. */
const NAMES =
  `type role content id status phase text annotations logprobs refusal image_url file_id file_data file_url filename detail input_audio
  data format prompt_cache_breakpoint ttl mode summary encrypted_content call_id name arguments input output custom caller async namespace
  tools tool_choice parameters strict description allowed_callers defer_loading syntax definition grammar instructions include text
  verbosity schema reasoning effort generate_summary context stream stream_options include_obfuscation store metadata truncation
  prompt_cache_options prewarm max_output_tokens parallel_tool_calls previous_response_id conversation model error message code
  __proto__ constructor`.split(/\s+/)

const WORDS = [
  '',
  'message',
  'function_call',
  'custom_tool_call',
  'function_call_output',
  'reasoning',
  'item_reference',
  'input_text',
  'output_text',
  'input_image',
  'input_file',
  'function',
  'custom',
  'allowed_tools',
  'json_schema',
  'user',
  'assistant',
  'system',
  'x',
]

const anything = fc.letrec<{ value: unknown; object: JsonObject }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(
      ...WORDS,
      null,
      true,
      0,
      1,
      -1,
      1e99,
      'data:image/png;base64,AA==',
      'candor1.e30',
      'a_candor1_e30',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 6 })
    .map(entries => Object.fromEntries(entries) as JsonObject),
}))

const QUIRKS: readonly Quirks[] = [
  {},
  {
    noDeveloperRole: true,
    noStore: true,
    noStrictTools: true,
    noStreamOptions: true,
    noForcedToolChoice: true,
    noParallelToolCalls: true,
    refuses: ['include', 'temperature'],
    reasoning: 'none',
    efforts: ['low'],
    toolIdPattern: '^[a-z]{3}$',
    imagesInlineOnly: true,
    noDocuments: true,
    schemaWithout: ['type'],
  },
]

describe('whatever comes, nothing throws', () => {
  test('requests are read or refused, and what was read can be written in every protocol', () => {
    const item = fc.tuple(fc.constantFrom(...WORDS), anything.object).map(([type, fields]) => ({ ...fields, type }))
    const body = fc
      .tuple(anything.object, fc.array(fc.oneof(item, message, reasoning, call, result), { maxLength: 4 }))
      .map(([more, input]): JsonObject => ({ ...more, input: input as JsonObject[] }))
    fc.assert(
      fc.property(fc.oneof(body, anything.object), value => {
        const read = decodeRequest(value)
        if (isProblem(read)) {
          expect(read.paths?.length).toBeGreaterThan(0)
          return
        }
        for (const quirks of QUIRKS) expect(encodeRequest(read, quirks).body.input).toBeArray()
        for (const codec of [openaiCompletions, anthropicMessages])
          expect(codec.encodeRequest(read, {}).body.messages).toBeArray()
      }),
      { numRuns: 2000 },
    )
  })

  test("other protocols' requests of every shape can be written here", () => {
    const turn = fc.tuple(fc.constantFrom('user', 'assistant'), anything.object)
    fc.assert(
      fc.property(anything.object, fc.array(turn, { maxLength: 3 }), (more, turns) => {
        const messages = turns.map(([role, fields]) => ({ ...fields, role }))
        for (const codec of [openaiCompletions, anthropicMessages]) {
          const read = codec.decodeRequest({ ...more, max_tokens: 5, messages })
          if (!isProblem(read)) for (const quirks of QUIRKS) expect(encodeRequest(read, quirks).body.input).toBeArray()
        }
      }),
      { numRuns: 500 },
    )
  })

  test('errors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 700 }), fc.oneof(anything.value, fc.string()), (code, body) => {
        expect(decodeProblem(code, body).upstream?.status).toBe(code)
      }),
    )
  })
})
