import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { Gateway } from '../../src/app/gateway.ts'
import { OWN_USER_AGENT } from '../../src/base/version.ts'
import { readReply } from '../../src/cli/replay/reply-pieces.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { CLIENTS, chatClient } from '../e2e/clients.ts'
import { headerOf } from '../e2e/providers.ts'
import { callOver, type KeptSetting, keptSetting, MODEL } from './kept-setting.ts'

let setting: KeptSetting
let gateway: Gateway
beforeAll(async () => {
  setting = await keptSetting()
  gateway = await setting.gateway()
})
afterAll(async () => {
  await gateway.close()
  await setting.close()
})
afterEach(() => {
  setting.openai.setFault(undefined)
  setting.openai.clear()
})

const replay = (...words: readonly string[]) => setting.run(['replay', ...words])
const ANSWER = 'This is the simulated model gpt-4.1. You said: '
const FORMS = CLIENTS.flatMap(client => [false, true].map(stream => ({ client, stream, protocol: client.protocol })))

describe('candor replay', () => {
  test.each(FORMS)("prints the answer's text: $protocol, stream $stream", async ({ client, stream }) => {
    const id = await callOver(gateway, client, 'Once more?', stream ? { stream } : {})
    const { exit, out, err } = await replay(id)
    expect({ exit, out }).toEqual({ exit: 0, out: `${ANSWER}"Once more?".\n` })
    const [first, , head, ...rows] = err.split('\n')
    expect(first).toBe(`Making ${id} again, asking ${MODEL}: a real call, under Candor's own name.`)
    expect(head).toMatch(/^ +BEFORE +NOW$/)
    expect(rows.map(row => row.split(/ {2,}/)[0])).toEqual([
      'model',
      'ending',
      'first byte',
      'total',
      'tokens',
      'paid',
      'call',
      '',
    ])
    expect(err).toMatch(new RegExp(`model +${MODEL} +${MODEL}\n`))
    expect(err).toMatch(new RegExp(`call +${id} +req_[0-9a-z]+\n`))
    expect(headerOf(setting.openai.requests().at(-1), 'user-agent')).toBe(OWN_USER_AGENT)
  })

  test('of the last call, with another model, says who answers', async () => {
    await callOver(gateway, chatClient, 'And you?')
    const { exit, out, err } = await replay('--model', 'anthropic/claude-opus-4-8')
    expect([exit, out]).toEqual([0, 'This is the simulated model claude-opus-4-8. You said: "And you?".\n'])
    expect(err).toContain('asking anthropic/claude-opus-4-8: a real call')
    expect(err).toMatch(/model +openai\/gpt-4\.1 +anthropic\/claude-opus-4-8\n/)
  })

  test('--raw gives the body as a client would get it', async () => {
    const id = await callOver(gateway, chatClient, 'Raw?', { stream: true })
    const { exit, out, err } = await replay(id, '--raw')
    expect(exit).toBe(0)
    expect(out).toStartWith('data: {')
    expect(out).toEndWith('data: [DONE]\n\n')
    expect(err).toContain('BEFORE')
  })

  test('--raw on a terminal steers nothing, and ends its line', async () => {
    const id = await callOver(gateway, chatClient, 'Raw \u009b31m?')
    const { out } = await setting.run(['replay', id, '--raw'], { tty: true })
    expect(out).toContain('\\x9b31m')
    expect(out).not.toContain('\u009b')
    expect(out).toEndWith('}\n')
  })

  test('--json gives both receipts and the answer', async () => {
    const id = await callOver(gateway, chatClient, 'JSON?')
    const { exit, out } = await replay(id, '--json', '-m', 'gpt-4.1')
    expect(exit).toBe(0)
    const told = JSON.parse(out)
    expect(told).toMatchObject({
      schemaVersion: 1,
      outcome: 'whole',
      replayOf: id,
      requestedModel: 'gpt-4.1',
      model: MODEL,
      text: `${ANSWER}"JSON?".`,
      before: { id, ending: 'complete' },
      now: { id: told.requestId, replayOf: id, ending: 'complete' },
    })
  })

  test('the tools an answer calls are told beside it', async () => {
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }]
    const id = await callOver(gateway, chatClient, '[[call look {"at":"sky"}]]', { tools, stream: true })
    expect((await replay(id)).err).toContain('calls the tool look: {"at":"sky"}\n')
    expect(JSON.parse((await replay(id, '--json')).out).toolCalls).toEqual([{ name: 'look', input: '{"at":"sky"}' }])
  })

  test('a count of tokens is printed as it came', async () => {
    const path = '/v1/messages/count_tokens'
    const body = JSON.stringify({ model: 'anthropic/claude-opus-4-8', messages: [{ role: 'user', content: 'Hi' }] })
    const counted = await fetch(gateway.url + path, { method: 'POST', body })
    const { exit, out } = await replay(counted.headers.get('candor-request-id') ?? '')
    expect([exit, JSON.parse(out)]).toEqual([0, await counted.json()])
  })

  test.each(CLIENTS)('a refusal is told in words: $protocol', async client => {
    const id = await callOver(gateway, client, 'Refused?')
    setting.openai.setFault('status=429')
    const { exit, out, err } = await replay(id)
    expect({ exit, out }).toEqual({ exit: 1, out: '' })
    expect(err).toContain('(rate_limited)')
    expect(err).toMatch(/ending +complete +failed, rate_limited\n/)
  })

  test.each(CLIENTS)('an answer that is cut is not taken for a whole one: $protocol', async client => {
    const id = await callOver(gateway, client, 'Cut? [[long 100]]', { stream: true })
    setting.openai.setFault('cut=900;how=reset')
    const { exit, err } = await replay(id)
    expect(exit).toBe(1)
    expect(err).toContain('(stream_truncated)')
    expect(err).toMatch(/ending +complete +truncated, stream_truncated\n/)
  })

  test.each([
    [['nonsense'], 2, 'There is no receipt "nonsense".'],
    [['req_01kb3w9f6m0123456789abcd'], 1, 'fix: Bodies of calls made from now on are kept for 7 days.'],
    [['last', '--raw', '--json'], 2, 'two forms of the same answer'],
    [['last', '--model', 'nowhere'], 2, '(model_not_found)'],
  ])('%j ends with %d', async (words, exit, said) => {
    await callOver(gateway, chatClient, 'Hello')
    const got = await replay(...words)
    expect([got.exit, got.err.includes(said)]).toEqual([exit, true])
  })

  test('an interrupt cancels the call upstream and ends with 130', async () => {
    const id = await callOver(gateway, chatClient, 'Slow?', { stream: true })
    setting.openai.setFault('stall')
    setting.openai.clear()
    const shell = setting.shell()
    const running = runCli(['replay', id], VERBS, shell)
    await setting.openai.when(requests => requests.length === 1)
    shell.signal('SIGINT')
    expect(await running).toBe(130)
    await setting.openai.when(([first]) => first?.aborted === true)
    expect(shell.stderr.text()).toContain('Interrupted: the answer stops here')
    expect(shell.stderr.text()).not.toContain('BEFORE')
  })
})

describe('without a gateway', () => {
  test('the call is made in this process, and what is not there is said', async () => {
    const alone = await keptSetting()
    try {
      expect(await alone.run(['replay'])).toMatchObject({
        exit: 1,
        err: expect.stringContaining('No call has been made yet.'),
      })
      const first = await alone.run(['chat', MODEL, 'Alone?'])
      expect([first.exit, first.out]).toEqual([0, `${ANSWER}"Alone?".\n`])
      const again = await alone.run(['replay'])
      expect([again.exit, again.out]).toEqual([0, first.out])
      expect(alone.openai.requests().map(({ body }) => body)).toEqual(Array(2).fill(expect.stringContaining('Alone?')))
    } finally {
      await alone.close()
    }
  })
})

describe('a reply', () => {
  const read = async (contentType: string, text: string, protocol: 'openai-completions' | 'google-generative-ai') => {
    const pieces = []
    const body = { contentType, bytes: new Blob([text]).stream(), stop: new AbortController().signal, heard() {} }
    for await (const piece of readReply(body, { protocol, stream: !contentType.includes('json') || text[0] === '[' }))
      pieces.push(piece)
    return pieces
  }
  const choice = (index: number, content: string) => ({
    index,
    message: { role: 'assistant', content },
    finish_reason: 'stop',
  })

  test('of several answers only the first is told, and how many there are', async () => {
    const text = JSON.stringify({ id: 'x', object: 'chat.completion', choices: [choice(0, 'One'), choice(1, 'Two')] })
    expect(await read('application/json', text, 'openai-completions')).toEqual([
      { type: 'text', text: 'One' },
      { type: 'stop', reason: 'end' },
      { type: 'whole', choices: 2 },
    ])
  })

  test.each([
    ['application/json', 'no JSON', 'openai-completions'],
    ['text/event-stream', 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n', 'openai-completions'],
    [
      'application/json',
      '[{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"}}]}',
      'google-generative-ai',
    ],
  ] as const)('that is not whole is told so: %s %s', async (contentType, text, protocol) => {
    expect((await read(contentType, text, protocol)).at(-1)?.type).toBe('failed')
  })
})
