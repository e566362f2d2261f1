import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Explanation } from '../../src/pipeline/explain.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import type { Recognised } from '../../src/wire/recognise.ts'
import { call, chatClient, messagesClient, parse } from './clients.ts'
import { type Gateway, removeHome, runCandor, startGateway, temporaryHome } from './harness.ts'
import { configOf, headerOf, refOf, simOf, simulate } from './providers.ts'

/** What the program prints with `--json`. */
interface Told {
  readonly request: Recognised
  readonly explanation: Omit<Explanation, 'request'> & {
    readonly request?: { readonly url: string; readonly headers: Record<string, string>; readonly body: unknown }
  }
}

let home: string
let sims: readonly Sim[]
let gateway: Gateway

beforeAll(async () => {
  home = temporaryHome()
  sims = await Promise.all((['openai', 'anthropic', 'google', 'kimi-coding'] as const).map(kind => simulate(kind)))
  gateway = await startGateway({ config: configOf(sims) })
})
beforeEach(() => {
  for (const sim of sims) sim.clear()
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all(sims.map(sim => sim.stop()))
  removeHome(home)
})

/** Runs `candor explain` on a body, with the configuration of the running gateway. */
async function explain(body: object | string, ...args: readonly string[]) {
  const file = join(home, 'request.json')
  writeFileSync(file, typeof body === 'string' ? body : JSON.stringify(body))
  const program = runCandor(['explain', file, '--config', gateway.configFile, ...args], { home })
  program.endInput()
  const { code } = await program.exited
  return { code, out: program.stdout(), err: program.stderr() }
}

async function explained(body: object | string, ...args: readonly string[]): Promise<Told & { code: number | null }> {
  const { code, out } = await explain(body, '--json', ...args)
  return { ...parse<Told>(out), code }
}

const ref = (kind: string) => refOf(simOf(sims, kind))

describe('what is told is what happens', () => {
  test.each([
    { client: chatClient, kind: 'openai', rest: { seed: 3 } },
    { client: chatClient, kind: 'anthropic', rest: { user: 'me', temperature: 0.5 } },
    { client: messagesClient, kind: 'openai', rest: { metadata: { user_id: 'u' }, stop_sequences: ['x'] } },
    { client: messagesClient, kind: 'kimi-coding', rest: {} },
    { client: chatClient, kind: 'google', rest: { stream: true, max_completion_tokens: 9 } },
  ])('$client.protocol to $kind', async ({ client, kind, rest }) => {
    const sim = simOf(sims, kind)
    const body = client.body(ref(kind), 'hello', rest)
    const { code, explanation } = await explained(body, '--from', client.protocol, '--header', 'User-Agent: tester/1')
    expect(sim.requests()).toEqual([])
    const got = await call(gateway, client, body, { 'user-agent': 'tester/1' })
    expect([code, got.status]).toEqual([0, 200])
    const [sent] = sim.requests()
    const { request, reported, assumptions, passed } = explanation
    expect(request?.body).toEqual(parse<object>(sent?.body ?? ''))
    expect(new URL(request?.url ?? '').pathname).toBe(sent?.path ?? '')
    for (const [name, value] of Object.entries(request?.headers ?? {}))
      expect(value).toBe(value === '••••' ? '••••' : (headerOf(sent, name) ?? 'not sent'))
    expect([reported, assumptions, passed]).toEqual([
      [...got.receipt.losses],
      [...got.receipt.assumptions],
      [...got.receipt.passed],
    ])
    expect(got.receipt.attempts[0]?.headers).toEqual(request?.headers ?? {})
    expect(JSON.stringify(explanation)).not.toContain(sim.key)
  })

  test('a refusal, with all that would be lost', async () => {
    const body = chatClient.body(ref('anthropic'), 'x', {
      seed: 3,
      logit_bias: { '1': 2 },
      store: true,
      temperature: 1,
    })
    const { code, explanation } = await explained(body)
    const got = await call(gateway, chatClient, body)
    expect([code, explanation.request]).toEqual([1, undefined])
    expect(explanation.problem?.what).toBe(got.receipt.problem?.what ?? '')
    expect(explanation.refused.map(({ parameter }) => parameter).sort()).toEqual(['logit_bias', 'seed'])
    expect(explanation.reported.map(({ parameter }) => parameter)).toEqual(['store'])
    expect(explanation.mapped).toContainEqual({ name: 'temperature', at: 'temperature', as: 'temperature' })
  })

  test('what a header allows is reported', async () => {
    const body = chatClient.body(ref('anthropic'), 'x', { seed: 3 })
    const { code, explanation } = await explained(body, '--header', 'candor-allow-loss: seed')
    expect([code, explanation.refused, explanation.reported.map(({ parameter }) => parameter)]).toEqual([
      0,
      [],
      ['seed'],
    ])
  })

  test('embeddings', async () => {
    const { code, request, explanation } = await explained(
      { input: ['one', 'two'], dimensions: 8 },
      '--to',
      'google/gemini-embedding-001',
    )
    expect([code, request.operation, explanation.passThrough]).toEqual([0, 'embed', true])
    expect(explanation.request?.url).toEndWith('/v1beta/openai/embeddings')
    const none = await explained({ input: ['one'] }, '--to', ref('anthropic'))
    expect([none.code, none.explanation.problem?.code]).toEqual([1, 'untranslatable'])
  })
})

describe('which protocol it is', () => {
  const gemini = { contents: [{ role: 'user', parts: [{ text: 'x' }] }] }

  test.each([
    { body: gemini, protocol: 'google-generative-ai', because: 'it has "contents"' },
    { body: { input: 'x' }, protocol: 'openai-responses', because: 'it has "input"' },
    {
      body: { ...messagesClient.body('m', 'x'), system: 'y' },
      protocol: 'anthropic-messages',
      because: 'it has "system"',
    },
    { body: chatClient.body('m', 'x', { stop: ['y'] }), protocol: 'openai-completions', because: 'it has "stop"' },
  ])('$protocol is told by its shape, aloud', async ({ body, protocol, because }) => {
    const { code, out } = await explain(body, '--to', ref('openai'))
    expect([code, out.split('\n')[0]]).toEqual([0, `Read as a request of ${protocol}, because ${because}.`])
  })

  test('--from decides', async () => {
    const { request } = await explained(
      messagesClient.body('m', 'x'),
      '--from',
      'anthropic-messages',
      '--to',
      ref('openai'),
    )
    expect(request).toMatchObject({ protocol: 'anthropic-messages', because: '--from says so' })
  })

  test.each([
    { args: [], url: ':generateContent' },
    { args: ['--stream'], url: ':streamGenerateContent?alt=sse' },
  ])('a Gemini request is a stream if --stream says so: $args', async ({ args, url }) => {
    const { explanation } = await explained(gemini, '--to', ref('google'), ...args)
    expect(explanation.request?.url).toEndWith(url)
  })
})

describe('in words', () => {
  test('mapped, reported, filled in, and what is sent', async () => {
    const body = messagesClient.body('m', 'hello', { metadata: { user_id: 'u' }, stop_sequences: ['x'], stream: true })
    const { code, out, err } = await explain(body, '--to', ref('openai'))
    expect([code, err]).toEqual([0, ''])
    for (const part of [
      `Goes to ${ref('openai')} (metered) over openai-completions: translated.`,
      'openai-responses: it cannot be told stop_sequences',
      'stop_sequences: stop_sequences → stop',
      '/v1/chat/completions',
      'authorization: ••••',
    ])
      expect(out).toContain(part)
    expect(parse<{ stop: unknown }>(out.slice(out.indexOf('\n{\n'))).stop).toEqual(['x'])
  })

  test('a refusal is on the standard error, with what to do', async () => {
    const { code, out, err } = await explain(chatClient.body(ref('anthropic'), 'x', { seed: 1 }))
    expect([code, out.includes('Sent')]).toEqual([1, false])
    expect(err).toContain('candor-allow-loss: seed')
  })

  test('from the standard input', async () => {
    const program = runCandor(['explain', '-', '--config', gateway.configFile, '--to', ref('google')], { home })
    program.write(JSON.stringify(chatClient.body('m', 'x')))
    program.endInput()
    expect((await program.exited).code).toBe(0)
    expect(program.stdout()).toContain('openai-completions')
  })
})

describe('without a key', () => {
  const body = chatClient.body('mistral/x', 'hello', { seed: 3 })

  test('all is told, and that a call would be refused, and how to mend it', async () => {
    const { code, out, err } = await explain(body)
    expect(code).toBe(69)
    for (const part of [
      'Would go to mistral/x (metered)',
      'Would be sent',
      'https://api.mistral.ai/v1/chat/completions',
    ])
      expect(out).toContain(part)
    expect(err).toContain('The provider "mistral" cannot be used')
    expect(err).toContain('models.providers.mistral.apiKey')
  })

  test('the document holds the request, and why it would not go', async () => {
    const { code, explanation } = await explained(body)
    expect([code, explanation.problem, explanation.unusable?.code]).toEqual([69, undefined, 'provider_unavailable'])
    expect(explanation.request?.body).toMatchObject({ model: 'x' })
  })

  test('with no configuration at all, a refusal of the request itself comes first', async () => {
    const file = join(home, 'newcomer.json')
    writeFileSync(file, JSON.stringify(chatClient.body('deepseek/deepseek-v4-pro', 'x', { logit_bias: { '1': 2 } })))
    const program = runCandor(['explain', file, '--to', 'anthropic/claude-opus-4-5', '--json'], { home })
    const { code } = await program.exited
    const { explanation } = parse<Told>(program.stdout())
    expect([code, explanation.problem?.code, explanation.unusable?.code]).toEqual([
      1,
      'untranslatable',
      'provider_unavailable',
    ])
  })
})

describe('what a surface of a protocol does not know is refused by name', () => {
  const custom = { type: 'custom', custom: { name: 'patch' } }
  const asked = { input: 'x', model: 'm' }

  test.each([
    { body: chatClient.body('m', 'x', { tools: [custom] }), to: 'google/gemini-3.5-flash', refused: 'custom_tools' },
    { body: { ...asked, previous_response_id: 'r' }, to: 'moonshot/kimi-k3', refused: 'previous_response_id' },
    { body: { ...asked, conversation: 'c' }, to: 'moonshot-cn/kimi-k3', refused: 'conversation' },
    { body: { ...asked, background: true }, to: 'moonshot/kimi-k3', refused: 'background' },
  ])('$refused to $to', async ({ body, to, refused }) => {
    const { code, explanation } = await explained(body, '--to', to)
    expect([code, explanation.problem?.code, explanation.request]).toEqual([1, 'untranslatable', undefined])
    expect(explanation.refused.map(({ parameter }) => parameter)).toEqual([refused])
  })

  test('a name that several list is asked about, though none of them can be used', async () => {
    const file = join(home, 'newcomer.json')
    writeFileSync(file, JSON.stringify(chatClient.body('gpt-4.1', 'x')))
    const program = runCandor(['explain', file], { home })
    expect((await program.exited).code).toBe(2)
    expect(program.stderr()).toContain('"openai/gpt-4.1"')
  })
})

describe('what cannot be explained', () => {
  test.each([
    { body: 'no json', args: [], code: 2, says: 'not a JSON object' },
    { body: '{}', args: ['--to', 'openai/gpt-4.1'], code: 2, says: 'none of the protocols' },
    { body: '{"messages":[]}', args: ['--from', 'smoke-signals'], code: 2, says: '--from must be one of' },
    { body: '{"messages":[]}', args: ['--header', 'nonsense'], code: 2, says: '--header must be' },
    { body: '{"messages":[]}', args: ['--to', 'nobody/none'], code: 2, says: 'No model is called' },
    { body: '{"messages":3}', args: ['--to', 'anthropic/claude-opus-4-5'], code: 1, says: 'messages' },
    { body: '{"messages":[]}', args: ['--to', 'mistral/x'], code: 69, says: 'cannot be used' },
  ])('$body $args: $code', async ({ body, args, code, says }) => {
    const got = await explain(body, ...args)
    expect([got.code, got.err]).toEqual([code, expect.stringContaining(says)])
  })

  test('a file that is not there', async () => {
    const program = runCandor(['explain', '/nowhere/x.json'], { home })
    expect((await program.exited).code).toBe(2)
    expect(program.stderr()).toContain('cannot be read')
  })
})
