import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isProblem } from '../../src/canon/problem.ts'
import { packCallId, packReasoning } from '../../src/canon/reasoning-carrier.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'

function edited(protocol: WireProtocol, messages: string, quirks: Quirks = {}) {
  const done = protocol.retarget(new TextEncoder().encode(`{"messages":${messages},"model":"a"}`), 'm-1', quirks)
  if (isProblem(done)) throw new Error(done.what)
  const text = new TextDecoder().decode(done.body)
  expect(text).toStartWith('{"messages":')
  expect(text).toEndWith(',"model":"m-1"}')
  return {
    messages: text.slice('{"messages":'.length, -',"model":"m-1"}'.length),
    losses: done.losses.map(({ parameter, path, kind }) => `${kind} ${parameter} ${path}`),
  }
}

const gemini = packReasoning({ origin: 'google-generative-ai', signature: 'CiQB' })
const call = packCallId('call_1', gemini)

interface Case {
  readonly name: string
  readonly messages: string
  readonly quirks?: Quirks
  readonly want: string
  readonly losses: readonly string[]
}

const hi = '{"role":"user","content":"What is candor1?"}'
const entry = (signature: string) => `{"type":"reasoning.text", "text":"Hm.","signature":"${signature}"}`
const sealed = `{"type":"reasoning.encrypted","data":"${gemini}"}`
const own = packReasoning({
  origin: 'openai-completions',
  details: [{ type: 'reasoning.text', text: '', signature: 's', index: 0 }],
})
const chatCall = (id: string) => `{"id" : "${id}","type":"function","function":{"name":"f","arguments":"{}"}}`

const CHAT: readonly Case[] = [
  {
    name: 'foreign entries go, at any place',
    messages: `[${hi}, {"role":"assistant","reasoning_details":[${sealed}, ${entry('x')},${entry(gemini)} ],"content":"A"}]`,
    want: `[${hi}, {"role":"assistant","reasoning_details":[${entry('x')} ],"content":"A"}]`,
    losses: [
      'hint reasoning_history messages[1].reasoning_details[0]',
      'hint reasoning_history messages[1].reasoning_details[2]',
    ],
  },
  {
    name: 'a list of nothing else goes with its field, its text in another stays',
    messages: `[{"role":"assistant","reasoning_content":"Hm.","reasoning_details" : [${entry(gemini)}] , "content":"A"}]`,
    want: '[{"role":"assistant","reasoning_content":"Hm.","content":"A"}]',
    losses: ['hint reasoning_history messages[0].reasoning_details[0]'],
  },
  {
    name: "the protocol's own entries are restored",
    messages: `[{"role":"assistant","reasoning_details":[${entry(own)}]}]`,
    want: '[{"role":"assistant","reasoning_details":[{"type":"reasoning.text","text":"Hm.","signature":"s","index":0}]}]',
    losses: [],
  },
  {
    name: 'ids of calls and results become the own ones again, told once',
    messages: `[{"role":"assistant","tool_calls":[${chatCall(call)},${chatCall('x')}]},{"role":"tool","tool_call_id":"${call}","content":""}]`,
    want: `[{"role":"assistant","tool_calls":[${chatCall('call_1')},${chatCall('x')}]},{"role":"tool","tool_call_id":"call_1","content":""}]`,
    losses: ['hint reasoning_history messages[0].tool_calls[0].id'],
  },
  {
    name: 'beside the role',
    messages: `[{"role":"developer","content":"X"},{"role":"tool","tool_call_id":"${call}","content":""}]`,
    quirks: { noDeveloperRole: true },
    want: '[{"role":"system","content":"X"},{"role":"tool","tool_call_id":"call_1","content":""}]',
    losses: [],
  },
  {
    name: 'what is no list or no object stays',
    messages: `[7,{"role":"assistant","reasoning_details":"${gemini}","tool_calls":{"id":"${call}"}},[${sealed}]]`,
    want: `[7,{"role":"assistant","reasoning_details":"${gemini}","tool_calls":{"id":"${call}"}},[${sealed}]]`,
    losses: [],
  },
]

describe('Chat Completions', () => {
  test.each([...CHAT])('$name', ({ messages, quirks, want, losses }) => {
    expect(edited(openaiCompletions, messages, quirks)).toEqual({ messages: want, losses: [...losses] })
  })

  test('ids are such as the provider takes, the same for call and result', () => {
    const messages = `[{"role":"assistant","tool_calls":[${chatCall(call)}]},{"role":"tool","tool_call_id":"${call}","content":""}]`
    const sent = edited(openaiCompletions, messages, { toolIdPattern: '^[a-zA-Z0-9]{9}$' }).messages
    expect(sent).toMatch(/"id" : "([a-zA-Z0-9]{9})".*"tool_call_id":"\1"/)
  })
})

const thinking = (signature: string) => `{"type":"thinking","thinking":"Hm.", "signature" : "${signature}"}`
const redacted = (data: string) => `{"type":"redacted_thinking","data":"${data}"}`
const text = '{"type":"text","text":"candor1.x"}'
const use = (id: string) => `{"type":"tool_use","id":"${id}","name":"f","input":{"id":"${call}"}}`
const result = (id: string) => `{"type":"tool_result","tool_use_id":"${id}","content":"1"}`
const said = (...blocks: string[]) => `{"role":"assistant","content":[${blocks.join(',')}]}`
const answered = (...blocks: string[]) => `{"role":"user","content":[${blocks.join(',')}]}`

const ANTHROPIC: readonly Case[] = [
  {
    name: 'foreign thinking goes, the own stays as it came',
    messages: `[${hi},${said(thinking(gemini), thinking('EqQB=='), text, redacted(gemini))}]`,
    want: `[${hi},${said(thinking('EqQB=='), text)}]`,
    losses: ['hint reasoning_history messages[1].content[0]', 'hint reasoning_history messages[1].content[3]'],
  },
  {
    name: 'a message of nothing else goes too',
    messages: `[${hi}, ${said(thinking(gemini))}, ${hi}]`,
    want: `[${hi}, ${hi}]`,
    losses: ['hint reasoning_history messages[1].content[0]'],
  },
  {
    name: 'where unsigned thinking is taken only the signature goes',
    messages: `[${said(thinking(gemini), redacted(gemini), text)}]`,
    quirks: { unsignedThinking: true },
    want: `[${said(thinking(''), text)}]`,
    losses: ['hint reasoning_history messages[0].content[1]'],
  },
  {
    name: "the protocol's own thinking is unpacked",
    messages: `[${said(
      thinking(packReasoning({ origin: 'anthropic-messages', signature: 'EqQB' })),
      redacted(packReasoning({ origin: 'anthropic-messages', redacted: 'Eroc' })),
    )}]`,
    want: `[${said(thinking('EqQB'), redacted('Eroc'))}]`,
    losses: [],
  },
  {
    name: 'ids of calls and results become the own ones again, told once',
    messages: `[${said(use(call))},${answered(result(call), text)}]`,
    want: `[${said(use('call_1'))},${answered(result('call_1'), text)}]`,
    losses: ['hint reasoning_history messages[0].content[0].id'],
  },
  {
    name: 'a block that goes takes its id with it',
    messages: `[${said(`{"type":"thinking","id":"${call}","signature":"${gemini}"}`, text)}]`,
    want: `[${said(text)}]`,
    losses: ['hint reasoning_history messages[0].content[0]'],
  },
  {
    name: 'what is no list or no object stays',
    messages: `[7,{"role":"assistant","content":"${gemini}"},${said('7', `[${thinking(gemini)}]`)}]`,
    want: `[7,{"role":"assistant","content":"${gemini}"},${said('7', `[${thinking(gemini)}]`)}]`,
    losses: [],
  },
]

describe('Anthropic Messages', () => {
  test.each([...ANTHROPIC])('$name', ({ messages, quirks, want, losses }) => {
    expect(edited(anthropicMessages, messages, quirks)).toEqual({ messages: want, losses: [...losses] })
  })

  test('ids that Anthropic does not take, or that come again, are replaced for call and result alike', () => {
    const odd = packCallId('functions.f:0', gemini)
    const messages = `[${said(use(odd))},${answered(result(odd))},${said(use(odd))},${answered(result(odd))}]`
    const ids = [...edited(anthropicMessages, messages).messages.matchAll(/"(?:id|tool_use_id)":"(toolu_\w+)"/g)]
    const [first, answer, second, last] = ids.map(match => match[1])
    expect([answer, last]).toEqual([first, second])
    expect(first).not.toBe(second)
  })
})

describe.each([openaiCompletions, anthropicMessages])('$id', protocol => {
  const field = fc.constantFrom(
    'role',
    'content',
    'type',
    'signature',
    'data',
    'id',
    'tool_use_id',
    'tool_call_id',
    'tool_calls',
    'reasoning_details',
  )
  const leaf = fc.constantFrom<unknown>(gemini, own, call, 'developer', 'thinking', 'redacted_thinking', 7, null)
  const tree = fc.letrec(tie => ({
    value: fc.oneof({ depthSize: 'small' }, leaf, tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(field, tie('value'), { maxKeys: 4 }),
  }))

  test('whatever the messages are, one JSON object goes on, and nothing but messages changes', () => {
    fc.assert(
      fc.property(fc.array(tree.object, { maxLength: 4 }), fc.constantFrom(1, undefined), (messages, indent) => {
        const body = JSON.stringify({ x: call, messages, y: gemini }, undefined, indent)
        const quirks: Quirks = { noDeveloperRole: true, toolIdPattern: '^[a-z]{9}$', unsignedThinking: true }
        const done = protocol.retarget(new TextEncoder().encode(body), 'm-1', quirks)
        if (isProblem(done)) throw new Error(done.what)
        expect(JSON.parse(new TextDecoder().decode(done.body))).toEqual({
          model: 'm-1',
          x: call,
          messages: expect.any(Array),
          y: gemini,
        })
      }),
    )
  })
})
