import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isProblem } from '../../src/canon/problem.ts'
import { packCallId, packReasoning } from '../../src/canon/reasoning-carrier.ts'
import { retarget as retargetBytes } from '../../src/wire/openai-responses/retarget.ts'
import type { Quirks } from '../../src/wire/quirks.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function edited(body: string, quirks: Quirks = {}, model = 'm-1') {
  const done = retargetBytes(encoder.encode(body), model, quirks)
  if (isProblem(done)) throw new Error(done.what)
  return {
    text: decoder.decode(done.body),
    losses: done.losses.map(({ parameter, path, kind }) => [parameter, path, kind]),
  }
}

const EDITS: readonly { name: string; body: string; quirks?: Quirks; want: string }[] = [
  { name: 'the model alone', body: '{"model":"a/b","input":"Hi"}', want: '{"model":"m-1","input":"Hi"}' },
  {
    name: 'spaces, order and spelling stay',
    body: ' { "x" : 12345678901234567890 ,\n"model"\t: "a","s":"\\u00fc\\/" }\n',
    want: ' { "x" : 12345678901234567890 ,\n"model"\t: "m-1","s":"\\u00fc\\/" }\n',
  },
  { name: 'a body without a model gets one', body: '{"input":"Hi"}', want: '{"model":"m-1","input":"Hi"}' },
  { name: 'null is no model', body: '{"model":null}', want: '{"model":"m-1"}' },
  { name: 'an empty body gets one', body: '{ }', want: '{"model":"m-1" }' },
  {
    name: 'unknown fields and items survive',
    body: '{"model":"a","input":[{"type":"quantum_call","x":[1.0]}],"future":{"a":null}}',
    want: '{"model":"m-1","input":[{"type":"quantum_call","x":[1.0]}],"future":{"a":null}}',
  },
  {
    name: 'developer becomes system, as a role only',
    body: '{"input":[{"role":"developer","content":"developer"}, {"type":"message","role" : "developer"},{"role":"user","role":"developer"},7],"model":"a"}',
    quirks: { noDeveloperRole: true },
    want: '{"input":[{"role":"system","content":"developer"}, {"type":"message","role" : "system"},{"role":"user","role":"developer"},7],"model":"m-1"}',
  },
  {
    name: 'fields not taken go, with their commas',
    body: '{"store":false, "model":"a", "stream_options":{} ,"x":1, "tools" : [ ] }',
    quirks: { noStore: true, noStreamOptions: true, noEmptyTools: true },
    want: '{"model":"m-1", "x":1 }',
  },
  {
    name: 'a body that is emptied still gets its model',
    body: '{"store":true }',
    quirks: { noStore: true },
    want: '{"model":"m-1" }',
  },
  {
    name: 'a quirk of one model',
    body: '{"model":"a","store":true}',
    quirks: { byModel: [{ models: '^m-', quirks: { noStore: true } }] },
    want: '{"model":"m-1"}',
  },
  {
    name: 'a list of tools stays',
    body: '{"model":"a","tools":[{}]}',
    quirks: { noEmptyTools: true },
    want: '{"model":"m-1","tools":[{}]}',
  },
]

describe('edits', () => {
  test.each([...EDITS])('$name', ({ body, quirks, want }) => {
    expect(edited(body, quirks).text).toBe(want)
  })

  test('what a quirk takes out is told', () => {
    const quirks = { noStore: true, noStreamOptions: true, noEmptyTools: true }
    expect(edited('{"model":"a","store":true,"stream_options":{},"tools":[]}', quirks).losses).toEqual([
      ['stream_obfuscation', 'stream_options', 'hint'],
      ['store', 'store', 'hint'],
    ])
  })

  test('what a provider without a memory is asked to remember is told', () => {
    const body =
      '{"model":"a","previous_response_id":"r","conversation":{"id":"c"},"background":true,"prompt":{"id":"p"},"store":true}'
    expect(edited(body, { stateless: true })).toEqual({
      text: '{"model":"m-1"}',
      losses: [
        ['previous_response_id', 'previous_response_id', 'semantic'],
        ['conversation', 'conversation', 'semantic'],
        ['background', 'background', 'semantic'],
        ['prompt', 'prompt', 'semantic'],
        ['store', 'store', 'hint'],
      ],
    })
  })

  test('what asks for no memory stays', () => {
    const body = '{"model":"m-1","previous_response_id":null,"background":false,"store":false}'
    expect(edited(body, { stateless: true })).toEqual({ text: body, losses: [] })
  })
})

const REFUSALS = [
  { name: 'two models', body: '{"model":"a","x":1,"model":"b"}', paths: ['model'] },
  { name: 'a model that is no text', body: '{"model":{"id":"a"}}', paths: ['model'] },
  { name: 'no JSON', body: 'hello', paths: [] },
  { name: 'a list', body: '[{"model":"a"}]', paths: [] },
  { name: 'half an object', body: '{"model":"a"', paths: [] },
  { name: 'nothing', body: '', paths: [] },
]

test.each(REFUSALS)('refused: $name', ({ body, paths }) => {
  expect(retargetBytes(encoder.encode(body), 'm-1', {})).toMatchObject({ code: 'bad_request', paths })
})

const FOREIGN = packReasoning({ origin: 'anthropic-messages', signature: 'EqQB==' })
const OWN = packReasoning({
  origin: 'openai-responses',
  signature: 'gAAAA==',
  details: [
    {
      id: 'rs_9',
      pieces: [
        { field: 'summary', chars: 4 },
        { field: 'summary', chars: 4 },
      ],
    },
  ],
})
const CALL = packCallId('call_1', packReasoning({ origin: 'google-generative-ai', signature: 'CiQB' }))

const reasoning = (sealed: string) =>
  `{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"One.\\n\\nTwo."}], "encrypted_content" : "${sealed}"}`
const body = (...items: string[]) => `{"model":"a", "input" : [ ${items.join(', ')} ] }`
const hi = '{"role":"user","content":"Hi"}'
const answer = '{"role":"assistant","content":"Hello."}'

const CARRIED: readonly { name: string; items: readonly string[]; want: readonly string[]; losses: string[][] }[] = [
  {
    name: 'thinking of another protocol goes, at any place',
    items: [reasoning(FOREIGN), hi, reasoning(FOREIGN), reasoning(FOREIGN), answer, reasoning(FOREIGN)],
    want: [hi, answer],
    losses: [0, 2, 3, 5].map(i => ['reasoning_history', `input[${i}]`, 'hint']),
  },
  {
    name: 'thinking of this protocol is unpacked',
    items: [hi, reasoning(OWN), answer],
    want: [
      hi,
      '{"type":"reasoning","id":"rs_9","summary":[{"type":"summary_text","text":"One."},{"type":"summary_text","text":"Two."}],"encrypted_content":"gAAAA=="}',
      answer,
    ],
    losses: [],
  },
  {
    name: "the provider's own thinking stays as it came",
    items: [hi, reasoning('gAAAA=='), answer, '{"role":"user","content":"What is candor1?"}'],
    want: [hi, reasoning('gAAAA=='), answer, '{"role":"user","content":"What is candor1?"}'],
    losses: [],
  },
  {
    name: 'a carrier that cannot be read is not ours',
    items: [hi, reasoning('candor1.%%%')],
    want: [hi, reasoning('candor1.%%%')],
    losses: [],
  },
  {
    name: 'ids of signed calls become the own ones again, told once',
    items: [
      hi,
      `{"type":"function_call","name":"f","arguments":"{}", "call_id" : "${CALL}"}`,
      `{"type":"function_call_output","call_id":"${CALL}","output":"1"}`,
    ],
    want: [
      hi,
      '{"type":"function_call","name":"f","arguments":"{}", "call_id" : "call_1"}',
      '{"type":"function_call_output","call_id":"call_1","output":"1"}',
    ],
    losses: [['reasoning_history', 'input[1].call_id', 'hint']],
  },
]

describe('what other protocols left in the conversation', () => {
  test.each([...CARRIED])('$name', ({ items, want, losses }) => {
    const done = edited(body(...items))
    expect(done.text).toBe(body(...want).replace('"a"', '"m-1"'))
    expect(done.losses).toEqual(losses)
  })

  test('a conversation of nothing else is empty', () => {
    expect(JSON.parse(edited(body(reasoning(FOREIGN))).text)).toEqual({ model: 'm-1', input: [] })
  })

  test('a text that looks like it is left alone', () => {
    const text = JSON.stringify({ input: `candor1.${FOREIGN}`, model: 'm-1' })
    expect(edited(text).text).toBe(text)
  })
})

describe('every other byte stays', () => {
  const items = fc.array(
    fc.oneof(
      fc.constant({ item: reasoning(FOREIGN), kept: false }),
      fc.jsonValue({ maxDepth: 3 }).map(value => ({ item: JSON.stringify(value), kept: true })),
    ),
    { maxLength: 8 },
  )
  const space = fc.constantFrom('', ' ', '\n', '\t ')

  test('around items that go', () => {
    fc.assert(
      fc.property(items, space, (list, gap) => {
        const whole = `{"input":[${list.map(one => one.item).join(`,${gap}`)}],"model":"a"}`
        const kept = list.filter(one => one.kept).map(one => one.item)
        expect(edited(whole).text).toBe(`{"input":[${kept.join(`,${gap}`)}],"model":"m-1"}`)
      }),
    )
  })

  test('random bytes are refused, never thrown at', () => {
    const quirks: Quirks = { noDeveloperRole: true, noStore: true, noEmptyTools: true, noStreamOptions: true }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        expect(isProblem(retargetBytes(bytes, 'm', quirks))).toBe(true)
      }),
    )
  })
})
