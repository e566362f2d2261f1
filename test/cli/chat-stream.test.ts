import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type AnswerPiece, readAnswer } from '../../src/cli/chat/answer-stream.ts'
import { openBlockReader } from '../../src/cli/chat/blocks.ts'
import { dropTurn, keepTurn, openConversation, requestBody, transcript } from '../../src/cli/chat/conversation.ts'

function blocksOf(pieces: readonly string[]): readonly string[] {
  const reader = openBlockReader()
  return [...pieces.flatMap(piece => reader.push(piece)), ...reader.finish()]
}

const MARKDOWN = '# Head\n\none\ntwo\n\n```ts\na\n\nb\n```\nafter\n\n- x\n- y\n\n~~~\nopen\n\nend'

describe('blocks of Markdown', () => {
  test('end at empty lines, but not inside a fence', () => {
    expect(blocksOf([MARKDOWN])).toEqual([
      '# Head',
      'one\ntwo',
      '```ts\na\n\nb\n```',
      'after',
      '- x\n- y',
      '~~~\nopen\n\nend',
    ])
  })

  test('are the same however the text is split', () => {
    const whole = blocksOf([MARKDOWN])
    for (let at = 0; at <= MARKDOWN.length; at += 1)
      expect(blocksOf([MARKDOWN.slice(0, at), MARKDOWN.slice(at)])).toEqual(whole)
  })

  test('keep every line that is not empty', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '', '```', '~~~', '    ```', 'b c')), lines => {
        const kept = blocksOf([lines.join('\n')])
          .join('\n')
          .split('\n')
        const solid = (all: readonly string[]) => all.filter(line => line.trim() !== '')
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
    keepTurn(conversation, 'q', 'a')
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
    keepTurn(conversation, 'one', 'a')
    conversation.lastQuestion = 'two'
    dropTurn(conversation)
    expect(conversation.messages).toHaveLength(2)
    conversation.lastQuestion = 'one'
    dropTurn(conversation)
    expect(conversation.messages).toHaveLength(0)
  })

  test('is written down as Markdown', () => {
    const conversation = openConversation('p/m', 'be short')
    keepTurn(conversation, 'one', 'a\n')
    expect(transcript(conversation)).toBe(
      '# Conversation with p/m\n\n## System\n\nbe short\n\n## Question\n\none\n\n## Answer\n\na\n',
    )
  })
})
