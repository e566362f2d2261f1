import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type AnswerPiece, readAnswer } from '../../src/cli/chat/answer-stream.ts'
import { openBlockReader, type Place, type Step } from '../../src/cli/chat/blocks.ts'
import { dropTurn, keepTurn, openConversation, requestBody, transcript } from '../../src/cli/chat/conversation.ts'

function stepsOf(pieces: readonly string[]): readonly Step[] {
  const reader = openBlockReader()
  return [...pieces.flatMap(piece => reader.push(piece)), ...reader.finish()]
}

/** The steps in short: kind, indent, whether a gap is above, and the text. */
function told(step: Step): string {
  if (step.type === 'block') return `${step.block.kind} ${place(step.block)} ${step.block.text}`
  if (step.type === 'fence') return `fence ${place(step.place)} ${step.info}`
  return step.type === 'code' ? `code ${step.line}` : step.type
}

const place = ({ indent, tight }: Place) => `${indent}${tight ? '' : ' gap'}`

const MARKDOWN = '# Head\nnext\n\none\ntwo\n\n```ts\na\n\nb\n```\nafter\n\n- x\n- y\n\n~~~\nopen\n\nend'

describe('blocks of Markdown', () => {
  test.each<[string, readonly string[]]>([
    ['one\ntwo\n\nthree', ['text 0 one\ntwo', 'text 0 gap three']],
    ['# Head\nnext', ['heading 0 # Head', 'text 0 next']],
    ['a\n```ts\nb\n\nc\n```\nd', ['text 0 a', 'fence 0 ts', 'code b', 'code ', 'code c', 'fence-end', 'text 0 d']],
    ['````\n```\n````', ['fence 0 ', 'code ```', 'fence-end']],
    ['```\nopen', ['fence 0 ', 'code open']],
    ['- a\n- b\n  more\n\n- c', ['item 0 - a', 'item 0 - b\n  more', 'item 0 gap - c']],
    ['- a\n  - b\n    - c', ['item 0 - a', 'item 2 - b', 'item 4 - c']],
    ['1. a\n\n   ```\n   x\n     y\n   ```', ['item 0 1. a', 'fence 3 gap ', 'code x', 'code   y', 'fence-end']],
    ['1. a\n\n   more\n\nout\n\n    code', ['item 0 1. a', 'text 3 gap more', 'text 0 gap out', 'text 0 gap     code']],
    ['in the year\n1984. It was', ['text 0 in the year\n1984. It was']],
    ['| a |\n|---|\n| b |', ['text 0 | a |\n|---|\n| b |']],
    ['a\r\n\r\nb', ['text 0 a', 'text 0 gap b']],
  ])('of %j', (text, steps) => {
    expect(stepsOf([text]).map(told)).toEqual([...steps])
  })

  test('are the same however the text is split', () => {
    const whole = stepsOf([MARKDOWN])
    for (let at = 0; at <= MARKDOWN.length; at += 1)
      expect(stepsOf([MARKDOWN.slice(0, at), MARKDOWN.slice(at)])).toEqual(whole)
  })

  test('keep every line that is not empty', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '', '```', '~~~', '    ```', 'b c', '- d', '# e')), lines => {
        const kept = stepsOf([lines.join('\n')]).flatMap(step =>
          step.type === 'block' ? step.block.text.split('\n') : [step.type === 'code' ? step.line : '```'],
        )
        const solid = (all: readonly string[]) =>
          all.map(line => line.trim().replace('~~~', '```')).filter(line => line !== '')
        expect(solid(kept)).toEqual(solid(lines))
      }),
    )
  })
})

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

async function piecesOf(text: string): Promise<AnswerPiece[]> {
  const pieces: AnswerPiece[] = []
  for await (const piece of readAnswer(new Blob([text]).stream())) pieces.push(piece)
  return pieces
}

describe('a streamed answer', () => {
  test('gives text, reasoning and the reason it stopped', async () => {
    const text =
      ': ping\n\n' +
      chunk({ role: 'assistant', content: '' }) +
      chunk({ reasoning_content: 'hm' }) +
      chunk({ reasoning: 'hm' }) +
      chunk({ content: 'Hi' }) +
      chunk({ refusal: 'no' }) +
      chunk({}, 'stop') +
      'data: {"choices":[],"usage":{"total_tokens":3}}\n\ndata: [DONE]\n\n'
    expect(await piecesOf(text)).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Hi' },
      { type: 'text', text: 'no' },
      { type: 'stop', reason: 'stop' },
      { type: 'end', whole: true },
    ])
  })

  test.each([
    ['nothing at all', ''],
    ['no ending', chunk({ content: 'Hi' })],
    ['a stop but no [DONE]', chunk({ content: 'Hi' }, 'stop')],
    ['half a frame', `${chunk({ content: 'Hi' })}data: [DO`],
    ['no JSON', 'data: {broken\n\n'],
  ])('with %s is not whole', async (_name, text) => {
    expect((await piecesOf(text)).at(-1)).toEqual({ type: 'end', whole: false })
  })

  test('tells a failure with its code and advice', async () => {
    const error = {
      message: 'x',
      candor: { code: 'stream_truncated', what: 'It broke off.', why: 'y', fix: ['Ask again.'], request_id: 'req_1' },
    }
    const [, failed] = await piecesOf(`${chunk({ content: 'Hi' })}data: ${JSON.stringify({ error })}\n\n`)
    expect(failed).toEqual({
      type: 'failed',
      trouble: { code: 'stream_truncated', what: 'It broke off.', why: 'y', fix: ['Ask again.'], requestId: 'req_1' },
    })
  })
})

describe('a conversation', () => {
  test('sends what was said, and only what was set', () => {
    const conversation = openConversation('', '')
    expect(requestBody(conversation, 'q', '')).toEqual({
      messages: [{ role: 'user', content: 'q' }],
      stream: true,
      stream_options: { include_usage: true },
    })
    conversation.system = 's'
    conversation.effort = 'high'
    keepTurn(conversation, 'q', 'a', true)
    expect(requestBody(conversation, 'r', 'p/m')).toMatchObject({
      model: 'p/m',
      reasoning_effort: 'high',
      messages: [
        { role: 'system', content: 's' },
        { role: 'user', content: 'q' },
        { role: 'assistant', content: 'a' },
        { role: 'user', content: 'r' },
      ],
    })
  })

  test('takes back the last turn, but not one that was never answered', () => {
    const conversation = openConversation('m', '')
    keepTurn(conversation, 'one', 'a', true)
    conversation.lastQuestion = 'two'
    dropTurn(conversation)
    expect(conversation.messages).toHaveLength(2)
    conversation.lastQuestion = 'one'
    dropTurn(conversation)
    expect(conversation.messages).toHaveLength(0)
  })

  test('is written down as Markdown', () => {
    const conversation = openConversation('p/m', 'be short')
    keepTurn(conversation, 'one', 'a\n', false)
    expect(transcript(conversation)).toBe(
      '# Conversation with p/m\n\n## System\n\nbe short\n\n## Question\n\none\n\n## Answer\n\na\n\n*Interrupted here.*\n',
    )
  })
})
