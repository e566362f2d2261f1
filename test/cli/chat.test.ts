import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openGateway } from '../../src/app/gateway.ts'
import { ask } from '../../src/cli/chat/ask.ts'
import { openConversation } from '../../src/cli/chat/conversation.ts'
import { silentDrawing } from '../../src/cli/chat/drawing.ts'
import { type Access, appOptions, opened } from '../../src/cli/gateway-access.ts'
import { runCli } from '../../src/cli/run.ts'
import { CliFault } from '../../src/cli/verb.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { beginTalk } from './chat-talk.ts'
import { deskOf, fakeShell } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

const kimi = await startSim({ kind: 'kimi-coding' })
const openAi = await startSim({ kind: 'openai' })
const home = homeFolder()
afterAll(async () => {
  await Promise.all([kimi.stop(), openAi.stop()])
  home.remove()
})
beforeEach(() => {
  kimi.setFault(undefined)
  kimi.clear()
})

home.configure(`{ models: {
  default: "openai/gpt-4.1",
  providers: {
    "kimi-coding": { baseUrl: "${kimi.origin}/coding/v1", apiKey: "\${KIMI_API_KEY}", api: "openai-completions" },
    openai: { baseUrl: "${openAi.origin}/v1", apiKey: "${openAi.key}", api: "openai-completions" },
  },
} }`)

const env = { ...home.env, KIMI_API_KEY: kimi.key, NO_COLOR: '1' }

async function chat(args: readonly string[], more: { input?: string; env?: Record<string, string> } = {}) {
  const input = more.input === undefined ? {} : { input: more.input }
  const shell = fakeShell({ home: home.path, env: { ...env, ...more.env }, ...input })
  const exit = await runCli(['chat', ...args], VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

const ANSWER = 'This is the simulated model kimi-for-coding. You said: '

describe('candor chat with a prompt', () => {
  test('streams one answer and names the model that gave it', async () => {
    const { exit, out, err } = await chat(['kimi-coding/k2p5', 'Hello', 'you'])
    expect({ exit, out }).toEqual({ exit: 0, out: `${ANSWER}"Hello you".\n` })
    expect(err).toBe('kimi-coding/kimi-for-coding answers for kimi-coding/k2p5:\n')
  })

  test.each([
    ['from the standard input', ['kimi-coding/kimi-for-coding'], 'Hello\n', '"Hello".'],
    [
      'with the input behind it',
      ['-m', 'kimi-coding/kimi-for-coding', 'Read', 'this'],
      'Hello\n',
      '"Read this\n\nHello".',
    ],
  ])('%s', async (_name, args, input, said) => {
    const { exit, out, err } = await chat(args, { input })
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toBe(`${ANSWER}${said}\n`)
  })

  test('a single argument with a space is the prompt, and the default model answers', async () => {
    const { out, err } = await chat(['Hello you'])
    expect(out).toContain('the simulated model gpt-4.1')
    expect(err).toBe('openai/gpt-4.1 answers:\n')
  })

  test('--json gives one document with the receipt', async () => {
    const { exit, out } = await chat(['--json', 'kimi-coding/k2p5', 'Hello'])
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      outcome: 'whole',
      requestedModel: 'kimi-coding/k2p5',
      model: 'kimi-coding/kimi-for-coding',
      text: `${ANSWER}"Hello".`,
      receipt: { ending: 'complete', client: expect.stringMatching(/^candor\//) },
    })
  })

  test.each([
    ['sk-kimi-sim-expired', 'kimi-coding/k2p5', 'Kimi Code does not accept the key. (invalid_key)', 1],
    ['sk-kimi-sim-valid', 'kimi-coding/k2p', 'No model is called "kimi-coding/k2p". (model_not_found)', 2],
    ['', 'kimi-coding/k2p5', 'The provider "kimi-coding" cannot be used', 69],
  ])('with the key "%s" and %s fails in words', async (key, model, words, exit) => {
    const got = await chat([model, 'Hello'], { env: { KIMI_API_KEY: key } })
    expect({ exit: got.exit, out: got.out }).toEqual({ exit, out: '' })
    expect(got.err).toStartWith(`error: ${words}`)
    expect(got.err).toContain('  fix: ')
  })

  test('an answer that is cut is not taken for a whole one', async () => {
    kimi.setFault('cut=900;how=reset')
    const { exit, err } = await chat(['kimi-coding/k2p5', 'Hello [[long 100]]'])
    expect(exit).toBe(1)
    expect(err).toContain('(stream_truncated)')
  })

  test('without a prompt and without a terminal is wrong usage', async () => {
    const { exit, err } = await chat(['kimi-coding/k2p5'])
    expect(exit).toBe(2)
    expect(err).toContain('There is no prompt')
  })

  test('an input that no gateway takes is wrong usage', async () => {
    const { exit, err } = await chat(['kimi-coding/k2p5'], { input: 'x'.repeat(16 * 1024 * 1024 + 1) })
    expect(exit).toBe(2)
    expect(err).toContain('The standard input is longer than 16777216 characters.')
  })

  test('an interrupt cancels the answer upstream and ends with 130', async () => {
    const shell = fakeShell({ home: home.path, env })
    const running = runCli(['chat', 'kimi-coding/k2p5', 'Hello [[pace 60000]]'], VERBS, shell)
    await kimi.when(requests => requests.length === 1)
    shell.signal('SIGINT')
    expect(await running).toBe(130)
    await kimi.when(([first]) => first?.aborted === true)
    expect(shell.stderr.text()).toContain('Interrupted: the answer stops here')
  })
})

const talk = (args: readonly string[] = [], more: Record<string, string> = {}) =>
  beginTalk(args, home.path, { ...env, ...more })

describe('a conversation', () => {
  test('/model, a question, an answer, and why', async () => {
    const { shell, ended, say } = await talk()
    await say('/model kimi-coding/k2p5', 'Model: kimi-coding/k2p5, which is kimi-coding/kimi-for-coding (plan).')
    await say('Hello', 'kimi-coding/kimi-for-coding answers for kimi-coding/k2p5:')
    await shell.stderr.until(' · on the plan · ')
    expect(shell.stdout.text()).toContain('You said: "Hello".')
    await say('/why', 'Served by kimi-coding/kimi-for-coding over anthropic-messages')
    await say('/exit', '')
    expect(await ended).toBe(0)
  })

  test('a failure is told in words and the model stays', async () => {
    const { ended, say, shell, type } = await talk([], { KIMI_API_KEY: 'sk-kimi-sim-expired' })
    const stays = async () => {
      const listed = shell.stdout.until('Esc leaves')
      const stayed = shell.stderr.until('Model: kimi-coding/k2p5.')
      type('/model\r')
      await listed
      type('\x1b')
      await stayed
    }
    await say('/model kimi-coding/k2p5', 'Model: kimi-coding/k2p5')
    await say('Hello', 'Kimi Code does not accept the key. (invalid_key)')
    await stays()
    await say('/model kimi-coding/nothing', '(model_not_found)')
    await stays()
    expect(openAi.requests().filter(({ body }) => body.includes('Hello"}'))).toEqual([])
    await say('/exit', '')
    expect(await ended).toBe(0)
  })

  test('remembers what was said, asks again, and forgets', async () => {
    const { ended, say } = await talk(['kimi-coding/k2p5'])
    await say('/system Be short.', 'System prompt set.')
    await say('One', ' · on the plan · ')
    await say('Two', ' · on the plan · ')
    await say('/retry openai/gpt-4.1', 'openai/gpt-4.1 answers for kimi-coding/k2p5:')
    await say('', ' out tok · ')
    const retried = openAi.requests().at(-1)?.body ?? ''
    expect(JSON.parse(retried).messages.map((each: { role: string }) => each.role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ])
    await say('/clear', 'Forgotten.')
    await say('/retry', 'Nothing has been asked yet.')
    await say('/status', 'kimi-coding/k2p5')
    await say('/exit', '')
    expect(await ended).toBe(0)
  })

  test('Ctrl-C stops an answer, and twice at the prompt leaves', async () => {
    const { shell, ended, say, type } = await talk(['kimi-coding/k2p5'])
    await say('Hello [[pace 60000]]', '')
    await kimi.when(requests => requests.length === 1)
    type('\x03')
    await shell.stderr.until('Interrupted: the answer stops here')
    await kimi.when(([first]) => first?.aborted === true)
    // Until its last line is out, a second Ctrl-C still counts to the answer and leaves at once.
    await shell.stderr.until(' · on the plan')
    type('\x03')
    await shell.stderr.until('Once more to leave')
    type('\x03')
    expect(await ended).toBe(130)
  })

  test('"""holds several lines, /save writes them once', async () => {
    const { shell, ended, say, type } = await talk(['kimi-coding/k2p5'])
    type('"""First\r')
    await say('second"""', ' · on the plan · ')
    await say('/save talk.md', 'Saved to')
    const file = join(shell.cwd, 'talk.md')
    expect(existsSync(file)).toBe(true)
    expect(readFileSync(file, 'utf8')).toContain('## Question\n\nFirst\nsecond\n')
    await say('/save talk.md', 'is there already')
    await say('/save no/such/folder.md', 'cannot be written (ENOENT)')
    await say('/exit', '')
    expect(await ended).toBe(0)
  })

  test.each([
    ['/mdoel', 'Did you mean /model?'],
    ['/zzzzzz', '/help lists all.'],
    ['/help', '/retry [name]'],
    ['/models kimi', 'kimi-coding/kimi-for-coding'],
    ['/models nothing-has-this', 'None has'],
    ['/think', "Reasoning is hidden; the model's own effort."],
    ['/think high', 'Reasoning is shown; effort high.'],
    ['/think 7!', 'Write /think on'],
    ['/why', 'has a receipt yet'],
    ['/system', 'There is no system prompt.'],
  ])('%s says %p', async (line, words) => {
    const { ended, say } = await talk(['kimi-coding/k2p5'])
    await say(line, words)
    await say('/exit', '')
    expect(await ended).toBe(0)
  })
})

test('an interrupt reaches the provider through a gateway that runs, and the receipt says so', async () => {
  const gateway = await opened(openGateway({ ...appOptions(deskOf(fakeShell({ home: home.path, env }))), port: 0 }))
  try {
    const { shell, ended, say, type } = await talk(['kimi-coding/k2p5'])
    const came = shell.stdout.until('word')
    type('Hello [[long 500]] [[pace 100]]\r')
    await came
    const told = shell.stderr.until('Interrupted: the answer stops here')
    type('\x1b')
    await told
    await kimi.when(([first]) => first?.aborted === true)
    await say('/why', 'The client left after')
    await say('/exit', '')
    expect(await ended).toBe(0)
  } finally {
    await gateway.close()
  }
})

describe('a gateway that goes away', () => {
  const question = { text: 'Hello', model: 'm', stop: new AbortController().signal, begun() {} }
  const accessOf = (handle: Access['handle']): Access => ({
    running: true,
    where: '',
    handle,
    asksForKey: async () => false,
    close: async () => {},
  })

  test('in the middle of an answer leaves an answer that is not whole', async () => {
    const chunk = 'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\n'
    let pulls = 0
    const body = new ReadableStream({
      pull(control) {
        pulls += 1
        if (pulls === 1) control.enqueue(new TextEncoder().encode(chunk))
        else control.error(new Error('connection reset'))
      },
    })
    const access = accessOf(async () => new Response(body, { headers: { 'candor-model': 'p/m' } }))
    const answer = await ask(access, openConversation('m', ''), question, silentDrawing)
    expect(answer).toEqual({ text: 'Hel', reasoning: '', model: 'p/m', outcome: 'cut' })
  })

  test('before an answer is a fault of its own', async () => {
    const access = accessOf(async () => {
      throw new CliFault(69, 'No gateway answers.')
    })
    expect(ask(access, openConversation('m', ''), question, silentDrawing)).rejects.toThrow('No gateway answers.')
  })

  test('does not end a conversation', async () => {
    const gateway = await opened(openGateway({ ...appOptions(deskOf(fakeShell({ home: home.path, env }))), port: 0 }))
    const { ended, say } = await talk(['kimi-coding/k2p5'])
    await say('Hello', ' · on the plan · ')
    await gateway.close()
    await say('Again', 'No gateway answers at')
    await say('/exit', '')
    expect(await ended).toBe(0)
  })
})
