import { describe, expect, test } from 'bun:test'
import type { BlockDelta, BlockHead, Event } from '../../src/canon/event.ts'
import { packReasoning } from '../../src/canon/reasoning-carrier.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { decodeFrames } from './stream-laws.ts'

const CONTEXT: ReplyContext = {
  requestId: 'req_1',
  model: 'm',
  createdSeconds: 1,
  streamUsage: true,
  from: 'google-generative-ai',
}
const SEAL = packReasoning({ origin: 'google-generative-ai', signature: 'c2lnbmVk' })

type Block = readonly [BlockHead, ...BlockDelta['delta'][]]

const TEXT: Block = [{ type: 'text' }, { type: 'text', text: 'Sunny.' }]
const SEALED: Block = [{ type: 'reasoning' }, { type: 'signature', signature: SEAL }]
const THOUGHT: Block = [
  { type: 'reasoning' },
  { type: 'text', text: 'Let me see.' },
  { type: 'signature', signature: SEAL },
]
const CALL: Block = [
  { type: 'tool-call', id: 'call_1', name: 'weather', custom: false },
  { type: 'input', text: '{}' },
]

function reply(blocks: readonly Block[]): Event[] {
  const inside = blocks.flatMap(([block, ...deltas], index): Event[] => [
    { type: 'block-start', index, choice: 0, block },
    ...deltas.map((delta): Event => ({ type: 'block-delta', index, delta })),
    { type: 'block-stop', index },
  ])
  return [
    { type: 'reply-start', id: 'r', model: 'm' },
    ...inside,
    { type: 'choice-stop', choice: 0, reason: 'end', raw: 'STOP' },
    { type: 'usage', usage: { input: 1, output: 1 } },
    { type: 'reply-end' },
  ]
}

function writtenKinds(blocks: readonly Block[]): { kinds: readonly string[]; unsaid: readonly string[] } {
  const writer = anthropicMessages.openEncoder(CONTEXT)
  const events = decodeFrames(
    anthropicMessages,
    reply(blocks).flatMap(event => [...writer.push(event)]),
  )
  const kinds = events.flatMap(event => (event.type === 'block-start' ? [event.block.type] : []))
  return { kinds, unsaid: writer.unsaid() }
}

describe('a signature without reasoning, told to an Anthropic client', () => {
  const left = ['signature of a text']
  test.each([
    ['behind the last text is left out and named', [TEXT, SEALED], ['text'], left],
    ['behind reasoning and text too', [THOUGHT, TEXT, SEALED], ['reasoning', 'text'], left],
    ['before all text stays', [SEALED, TEXT], ['reasoning', 'text'], []],
    ['before a tool call stays', [TEXT, SEALED, CALL], ['text', 'reasoning', 'tool-call'], []],
    ['before more text stays', [TEXT, SEALED, TEXT], ['text', 'reasoning', 'text'], []],
    ['with reasoning stays, also at the end', [TEXT, THOUGHT], ['text', 'reasoning'], []],
  ] as const)('%s', (_, blocks, kinds, unsaid) => {
    expect(writtenKinds(blocks)).toEqual({ kinds, unsaid })
    const whole = anthropicMessages.encodeReply(reply(blocks), CONTEXT)
    expect(whole.body.content).toHaveLength(kinds.length)
    expect(whole.unsaid).toEqual(unsaid)
  })
})
