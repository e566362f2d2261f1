import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import {
  answer,
  base64,
  budget,
  called,
  carrier,
  chatCall,
  detail,
  google,
  itemCall,
  model,
  named,
  output,
  packed,
  reasoning,
  redacted,
  result,
  SKIP,
  said,
  sealsOf,
  signed,
  thinking,
  thought,
  use,
} from './sealed-words.ts'

const text = { type: 'text', text: 'A', cache_control: { type: 'ephemeral' } }
const ask = { role: 'user', content: 'Hi' }
const told = (...content: JsonObject[]) => ({ role: 'user', content })
const clearing = { type: 'clear_thinking_20251015' }
const message = { type: 'message', role: 'assistant', content: [], id: 'msg_1' }
const asked = { role: 'user', parts: [{ text: 'Hi' }] }
const { id: _, ...unnamed } = message

interface Case {
  readonly name: string
  readonly body: JsonObject
  readonly to?: Quirks | 'translated'
  /** Absent: as it came. */
  readonly want?: JsonObject
  readonly seals?: readonly string[]
  readonly losses?: readonly string[]
  readonly assumed?: readonly string[]
}

function check(id: string, { body, to, want, seals = [], losses = [], assumed = [] }: Case): void {
  const { signaturesIn, withoutSeals } = sealsOf(id)
  const before = structuredClone(body)
  expect(signaturesIn(body)).toEqual([...seals])
  const open = withoutSeals(body, to)
  expect(body).toEqual(before)
  expect(open.body).toEqual(want ?? body)
  expect(open.losses.map(({ parameter, path }) => `${parameter} ${path}`)).toEqual([...losses])
  expect(open.assumptions.map(({ path, value }) => `${path} ${value}`)).toEqual([...assumed])
}

const toolTurn = [ask, said(thinking('S=='), use('t')), told(result('t'))]
const openTurn = [ask, said(use('t')), told(result('t'))]

const ANTHROPIC: readonly Case[] = [
  {
    name: 'thinking that is signed or redacted goes, all else stays',
    body: { model: 'm', x: 1, messages: [ask, said(thinking('S=='), redacted('R'), text), ask] },
    want: { model: 'm', x: 1, messages: [ask, said(text), ask] },
    seals: ['S', 'R'],
    losses: ['reasoning_history messages[1].content[0]', 'reasoning_history messages[1].content[1]'],
  },
  {
    name: 'a message of nothing else goes too',
    body: { messages: [ask, said(thinking(carrier)), ask] },
    want: { messages: [ask, ask] },
    seals: ['CiQB'],
    losses: ['reasoning_history messages[1].content[0]'],
  },
  {
    name: 'thinking that nobody signed stays',
    body: { thinking: budget, messages: [ask, said(thinking(''), thinking(named), text, use('t')), told(result('t'))] },
  },
  {
    name: 'where unsigned thinking is taken its text stays',
    body: { thinking: budget, messages: [ask, said(thinking('S'), redacted('R'), use('t')), told(result('t'))] },
    to: { unsignedThinking: true },
    want: { messages: [ask, said(thinking(''), use('t')), told(result('t'))] },
    seals: ['S', 'R'],
    losses: [
      'reasoning_history messages[1].content[0].signature',
      'reasoning_history messages[1].content[1]',
      'reasoning thinking',
    ],
  },
  {
    name: 'ids of calls and their results become plain, told once',
    body: { messages: [ask, said(use(packed), use('x')), told(result(packed), result('x'))] },
    want: { messages: [ask, said(use('call_1'), use('x')), told(result('call_1'), result('x'))] },
    seals: ['CiQB'],
    losses: ['reasoning_history messages[1].content[0].id'],
  },
  {
    name: 'a turn of tools that began with it goes on without thinking',
    body: { thinking: budget, max_tokens: 9, messages: toolTurn },
    want: { max_tokens: 9, messages: openTurn },
    seals: ['S'],
    losses: ['reasoning_history messages[1].content[0]', 'reasoning thinking'],
  },
  {
    name: 'also if it began some steps before',
    body: { thinking: budget, messages: [...toolTurn, said(use('u')), told(result('u'))] },
    want: { messages: [...openTurn, said(use('u')), told(result('u'))] },
    seals: ['S'],
    losses: ['reasoning_history messages[1].content[0]', 'reasoning thinking'],
  },
  {
    name: 'an earlier turn of tools does not matter',
    body: { thinking: budget, messages: [...toolTurn, said(text), ask, said(use('u')), told(result('u'))] },
    want: { thinking: budget, messages: [...openTurn, said(text), ask, said(use('u')), told(result('u'))] },
    seals: ['S'],
    losses: ['reasoning_history messages[1].content[0]'],
  },
  {
    name: 'nor does it where thinking has no budget',
    body: { thinking: { type: 'adaptive' }, messages: toolTurn },
    want: { thinking: { type: 'adaptive' }, messages: openTurn },
    seals: ['S'],
    losses: ['reasoning_history messages[1].content[0]'],
  },
  {
    name: 'nor where it is said in other words',
    body: { thinking: budget, messages: toolTurn },
    to: 'translated',
    want: { thinking: budget, messages: openTurn },
    seals: ['S'],
    losses: ['reasoning_history messages[1].content[0]'],
  },
  {
    name: 'what only thinking allows goes with it',
    body: {
      thinking: budget,
      context_management: { edits: [clearing, { type: 'clear_tool_uses_20250919' }], x: 1 },
      messages: toolTurn,
    },
    want: { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }], x: 1 }, messages: openTurn },
    seals: ['S'],
    losses: [
      'reasoning_history messages[1].content[0]',
      'reasoning thinking',
      'context_management context_management.edits[0]',
    ],
  },
  {
    name: 'and the field with it, if nothing else is in it',
    body: { thinking: budget, context_management: { edits: [clearing] }, messages: toolTurn },
    want: { messages: openTurn },
    seals: ['S'],
    losses: [
      'reasoning_history messages[1].content[0]',
      'reasoning thinking',
      'context_management context_management.edits[0]',
    ],
  },
]

const CHAT: readonly Case[] = [
  {
    name: 'a list with something sealed goes, the text in a plain field stays',
    body: {
      messages: [
        ask,
        {
          role: 'assistant',
          content: 'A',
          reasoning_content: 'Hm.',
          reasoning_details: [detail('S'), { type: 'reasoning.encrypted', data: 'E' }],
        },
      ],
    },
    want: { messages: [ask, { role: 'assistant', content: 'A', reasoning_content: 'Hm.' }] },
    seals: ['S', 'E'],
    losses: ['reasoning_history messages[1].reasoning_details'],
  },
  {
    name: 'a message of nothing else goes too',
    body: { messages: [ask, { role: 'assistant', content: null, reasoning_details: [detail(carrier)] }, ask] },
    want: { messages: [ask, ask] },
    seals: ['CiQB'],
    losses: ['reasoning_history messages[1].reasoning_details'],
  },
  {
    name: 'what nobody signed stays',
    body: { messages: [{ role: 'assistant', content: '', reasoning_details: [detail(''), detail(named)] }] },
  },
  {
    name: 'ids of calls and results become plain, told once',
    body: {
      messages: [
        { role: 'assistant', tool_calls: [chatCall(packed), chatCall('x')] },
        { role: 'tool', tool_call_id: packed, content: 'ok' },
      ],
    },
    want: {
      messages: [
        { role: 'assistant', tool_calls: [chatCall('call_1'), chatCall('x')] },
        { role: 'tool', tool_call_id: 'call_1', content: 'ok' },
      ],
    },
    seals: ['CiQB'],
    losses: ['reasoning_history messages[0].tool_calls[0].id'],
  },
  {
    name: "Google's field goes, with what holds nothing else",
    body: {
      messages: [
        { role: 'assistant', content: 'A', ...google('T', { x: 1 }), tool_calls: [chatCall('c', google('G'))] },
      ],
    },
    want: {
      messages: [{ role: 'assistant', content: 'A', extra_content: { google: { x: 1 } }, tool_calls: [chatCall('c')] }],
    },
    seals: ['T', 'G'],
    losses: [
      'reasoning_history messages[0].extra_content.google.thought_signature',
      'reasoning_history messages[0].tool_calls[0].extra_content.google.thought_signature',
    ],
  },
]

const RESPONSES: readonly Case[] = [
  {
    name: 'sealed items go, with the ids of what followed from them',
    body: {
      input: [ask, message, reasoning('E='), message, itemCall('c', { id: 'fc_1' }), output('c'), message],
      include: ['reasoning.encrypted_content'],
    },
    want: {
      input: [ask, message, unnamed, itemCall('c'), output('c'), message],
      include: ['reasoning.encrypted_content'],
    },
    seals: ['E'],
    losses: ['reasoning_history input[2]', 'reasoning_history input[3].id', 'reasoning_history input[4].id'],
  },
  {
    name: 'so does one that its provider keeps',
    body: { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }, itemCall('c')] },
    want: { input: [itemCall('c')] },
    losses: ['reasoning_history input[0]'],
  },
  {
    name: 'text of its own stays, and what nobody signed',
    body: {
      input: [
        reasoning('', { content: [{ type: 'reasoning_text', text: 'Hm.' }] }),
        reasoning(named, { summary: [{ type: 'summary_text', text: 'Hm.' }] }),
        { type: 'reasoning', summary: [] },
        message,
      ],
    },
  },
  {
    name: 'ids of calls and results become plain, told once',
    body: { input: [itemCall(packed), output(packed)] },
    want: { input: [itemCall('call_1'), output('call_1')] },
    seals: ['CiQB'],
    losses: ['reasoning_history input[0].call_id'],
  },
  { name: 'what is no reasoning stays', body: { input: [{ type: 'compaction', encrypted_content: 'E' }] } },
  { name: 'a text stays', body: { input: 'Hi' } },
]

const GEMINI: readonly Case[] = [
  {
    name: 'thoughts go, and signatures of texts',
    body: { contents: [asked, model(thought(), thought(signed('S')), answer, { text: '', ...signed('T==') })], x: 1 },
    want: { contents: [asked, model(answer)], x: 1 },
    seals: ['S', 'T'],
    losses: ['reasoning_history contents[1].parts[0]', 'reasoning_history contents[1].parts[3].thoughtSignature'],
  },
  {
    name: 'a call is signed with the placeholder',
    body: { contents: [model(thought(), called(signed('S')), called())] },
    want: { contents: [model(called(signed(SKIP)), called())] },
    seals: ['S'],
    losses: ['reasoning_history contents[0].parts[0]', 'reasoning_history contents[0].parts[1].thoughtSignature'],
    assumed: [`contents[0].parts[1].thoughtSignature ${SKIP}`],
  },
  {
    name: 'where calls go unsigned it has none',
    body: { contents: [model(called(signed('S')))] },
    to: { unsignedCalls: true },
    want: { contents: [model(called())] },
    seals: ['S'],
    losses: ['reasoning_history contents[0].parts[0].thoughtSignature'],
  },
  {
    name: 'nor where it is said in other words',
    body: { contents: [model(called(signed('S')))] },
    to: 'translated',
    want: { contents: [model(called())] },
    seals: ['S'],
    losses: ['reasoning_history contents[0].parts[0].thoughtSignature'],
  },
  {
    name: 'carriers count, several in one field; one that only names the writer stays with its thought',
    body: {
      contents: [
        model(thought(), { text: '', thought: true, ...signed(base64(named)) }, answer),
        model(called(signed(base64(`${named} ${carrier}`)))),
      ],
    },
    want: {
      contents: [
        model(thought(), { text: '', thought: true, ...signed(base64(named)) }, answer),
        model(called(signed(SKIP))),
      ],
    },
    seals: ['CiQB'],
    losses: ['reasoning_history contents[1].parts[0].thoughtSignature'],
    assumed: [`contents[1].parts[0].thoughtSignature ${SKIP}`],
  },
  {
    name: 'the placeholder is no seal',
    body: { contents: [model(called(signed(SKIP)))] },
  },
  {
    name: 'ids of calls and results become plain, told once',
    body: { contents: [model({ functionCall: { id: packed } }), model({ functionResponse: { id: packed } })] },
    want: { contents: [model({ functionCall: { id: 'call_1' } }), model({ functionResponse: { id: 'call_1' } })] },
    seals: ['CiQB'],
    losses: ['reasoning_history contents[0].parts[0].functionCall.id'],
  },
  {
    name: 'names in the other spelling, one object in place of a list, and a part of any kind',
    body: {
      contents: { parts: { function_call: { name: 'f' }, thought_signature: 'S' } },
      generate_content_request: { contents: [{ parts: [{ inline_data: {}, thought_signature: 'I' }, thought()] }] },
    },
    want: {
      contents: { parts: { function_call: { name: 'f' }, thought_signature: SKIP } },
      generate_content_request: { contents: [{ parts: [{ inline_data: {} }] }] },
    },
    seals: ['S', 'I'],
    losses: [
      'reasoning_history contents.parts.thought_signature',
      'reasoning_history generate_content_request.contents[0].parts[1]',
      'reasoning_history generate_content_request.contents[0].parts[0].thought_signature',
    ],
    assumed: [`contents.parts.thought_signature ${SKIP}`],
  },
  {
    name: 'a content of nothing else goes too',
    body: { contents: [asked, model(thought(signed('S'))), { parts: thought(signed('S')) }, { role: 'model' }, asked] },
    want: { contents: [asked, { role: 'model' }, asked] },
    seals: ['S'],
    losses: ['reasoning_history contents[1].parts[0]', 'reasoning_history contents[2].parts'],
  },
]

describe.each([
  ['anthropic-messages', ANTHROPIC],
  ['openai-completions', CHAT],
  ['openai-responses', RESPONSES],
  ['google-generative-ai', GEMINI],
] as const)('%s', (id, cases) => {
  test.each([...cases])('$name', one => check(id, one))

  test('base64 in its other alphabet and without padding is the same seal', () => {
    const { signaturesIn } = sealsOf(id)
    const [one, other] = ['a+/b==', 'a-_b'].map(words =>
      signaturesIn({
        messages: [{ content: [thinking(words)], reasoning_details: [detail(words)] }],
        input: [reasoning(words)],
        contents: [model(thought(signed(words)))],
      }),
    )
    expect(one).toEqual(['a+/b'])
    expect(other).toEqual(['a+/b'])
  })
})

test('two calls of an Anthropic conversation do not become the same', () => {
  const conversation = (id: string) => ({
    messages: [ask, said(use('call_1'), use(id)), told(result('call_1'), result(id))],
  })
  const { body } = sealsOf('anthropic-messages').withoutSeals(conversation(packed))
  const [second] = JSON.stringify(body).match(/toolu_[0-9a-f]{24}/) ?? []
  expect(body).toEqual(conversation(second ?? ''))
})
