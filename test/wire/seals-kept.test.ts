import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { packCallId, packReasoning } from '../../src/canon/reasoning-carrier.ts'
import {
  answer,
  budget,
  called,
  chatCall,
  detail,
  itemCall,
  model,
  output,
  packed,
  reasoning,
  result,
  SKIP,
  said,
  sealsOf,
  signed,
  thinking,
  thought,
  use,
} from './sealed-words.ts'

/** A conversation that went from one model to another carries seals of both; what the one it goes to gave stays. */

const ask = { role: 'user', content: 'Hi' }
const foreign = packCallId('call_2', packReasoning({ origin: 'google-generative-ai', signature: 'Foreign' }))
const toolTurn = [said(thinking('Own=='), use('t')), { role: 'user', content: [result('t')] }]

interface Row {
  readonly id: string
  readonly name: string
  readonly body: JsonObject
  readonly want: JsonObject
  readonly losses: readonly string[]
}

const ROWS: readonly Row[] = [
  {
    id: 'anthropic-messages',
    name: 'the turn of tools that goes on keeps its thinking, and thinking stays on',
    body: { thinking: budget, messages: [ask, said(thinking('Foreign'), answer), ask, ...toolTurn] },
    want: { thinking: budget, messages: [ask, said(answer), ask, ...toolTurn] },
    losses: ['messages[1].content[0]'],
  },
  {
    id: 'anthropic-messages',
    name: 'ids of calls',
    body: { messages: [said(use(packed), use(foreign)), { role: 'user', content: [result(packed), result(foreign)] }] },
    want: {
      messages: [said(use(packed), use('call_2')), { role: 'user', content: [result(packed), result('call_2')] }],
    },
    losses: ['messages[0].content[1].id'],
  },
  {
    id: 'openai-completions',
    name: 'lists and ids',
    body: {
      messages: [
        { role: 'assistant', content: 'A', reasoning_details: [detail('Own')] },
        { role: 'assistant', content: 'B', reasoning_details: [detail('Foreign')] },
        { role: 'assistant', tool_calls: [chatCall(packed), chatCall(foreign)] },
        { role: 'tool', tool_call_id: packed, content: '' },
        { role: 'tool', tool_call_id: foreign, content: '' },
      ],
    },
    want: {
      messages: [
        { role: 'assistant', content: 'A', reasoning_details: [detail('Own')] },
        { role: 'assistant', content: 'B' },
        { role: 'assistant', tool_calls: [chatCall(packed), chatCall('call_2')] },
        { role: 'tool', tool_call_id: packed, content: '' },
        { role: 'tool', tool_call_id: 'call_2', content: '' },
      ],
    },
    losses: ['messages[1].reasoning_details', 'messages[2].tool_calls[1].id'],
  },
  {
    id: 'openai-responses',
    name: 'items and ids',
    body: {
      input: [
        reasoning('Foreign'),
        itemCall(foreign),
        output(foreign),
        reasoning('Own'),
        itemCall(packed, { id: 'fc' }),
      ],
    },
    want: { input: [itemCall('call_2'), output('call_2'), reasoning('Own'), itemCall(packed, { id: 'fc' })] },
    losses: ['input[0]', 'input[1].call_id'],
  },
  {
    id: 'google-generative-ai',
    name: 'calls with the summary before them',
    body: { contents: [model(thought(), called(signed('Own='))), model(thought(), called(signed('Foreign')))] },
    want: { contents: [model(thought(), called(signed('Own='))), model(called(signed(SKIP)))] },
    losses: ['contents[1].parts[0]', 'contents[1].parts[1].thoughtSignature'],
  },
  {
    id: 'google-generative-ai',
    name: 'ids of calls',
    body: { contents: [model({ functionCall: { id: packed } }, { functionCall: { id: foreign } })] },
    want: { contents: [model({ functionCall: { id: packed } }, { functionCall: { id: 'call_2' } })] },
    losses: ['contents[0].parts[1].functionCall.id'],
  },
]

describe.each([...ROWS])('$id', ({ id, name, body, want, losses }) => {
  test(name, () => {
    const open = sealsOf(id).withoutSeals(body, undefined, seal => seal !== 'Foreign')
    expect(open.body).toEqual(want)
    expect(open.losses.map(({ path }) => path)).toEqual([...losses])
  })
})
