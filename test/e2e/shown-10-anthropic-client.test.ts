import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import type { Sim } from '../../src/sim/start-sim.ts'
import { parse } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'

/** The official client's tools over `/v1/messages`, served by a provider that speaks Chat Completions only. */
const TOOLS: Anthropic.Tool[] = [
  {
    name: 'get_weather',
    description: 'Weather of a city',
    input_schema: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city'],
    },
  },
  {
    name: 'get_time',
    input_schema: { type: 'object', properties: { zone: { type: 'string', enum: ['UTC', 'CET'] } } },
  },
]

let openai: Sim
/** Gets the same requests in the same order, directly: what it reports is what the provider reported. */
let twin: Sim
let gateway: Gateway
let client: Anthropic

beforeAll(async () => {
  openai = await simulate('openai')
  twin = await simulate('openai')
  const chatOnly = entryOf(openai, openai.key, 'openai-completions')
  // Under its catalogue id it has a Responses surface too, which comes first.
  gateway = await startGateway({ config: { models: { providers: { openai: chatOnly, 'chat-only': chatOnly } } } })
  client = new Anthropic({ apiKey: 'anything', baseURL: gateway.url, maxRetries: 0 })
})
beforeEach(() => openai.clear())
afterAll(async () => {
  await gateway.stop()
  await Promise.all([openai.stop(), twin.stop()])
})

const CHOICES: readonly { choice: Anthropic.ToolChoice; names: readonly string[] }[] = [
  { choice: { type: 'tool', name: 'get_time' }, names: ['get_time'] },
  { choice: { type: 'any', disable_parallel_tool_use: true }, names: ['get_weather'] },
  { choice: { type: 'none' }, names: [] },
]

type Ask = (params: Anthropic.MessageCreateParamsNonStreaming) => Promise<Anthropic.Message>

const ways: readonly { way: string; ask: Ask }[] = [
  { way: 'whole', ask: params => client.messages.create(params) },
  { way: 'streamed', ask: params => client.messages.stream(params).finalMessage() },
]

/** Answers every call, as an agent does. */
function resultsFor(message: Anthropic.Message): Anthropic.ToolResultBlockParam[] {
  return message.content.flatMap(block =>
    block.type === 'tool_use'
      ? [{ type: 'tool_result', tool_use_id: block.id, content: `${block.name} says yes` }]
      : [],
  )
}

/** The usage the provider itself reports for what it was asked last, in Anthropic's terms. */
async function reportedUsage() {
  const sent = parse<object>(openai.requests().at(-1)?.body ?? '')
  const answer = await fetch(`${twin.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${twin.key}` },
    body: JSON.stringify({ ...sent, stream: false, stream_options: undefined }),
  })
  const { usage } = parse<{ usage: OpenAI.CompletionUsage }>(await answer.text())
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0
  return {
    input_tokens: usage.prompt_tokens - cached,
    cache_read_input_tokens: cached,
    output_tokens: usage.completion_tokens,
  }
}

describe.each([...ways])('the Anthropic client over an OpenAI-only provider, $way', ({ ask }) => {
  test('two calls in one reply, their results, a final answer; usage as the provider told it', async () => {
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: '[[tools]] What is it like outside?' }]
    const params = { model: 'chat-only/gpt-4.1', max_tokens: 500, tools: TOOLS }
    const first = await ask({ ...params, messages })
    expect(first.stop_reason).toBe('tool_use')
    const calls = first.content.filter(block => block.type === 'tool_use')
    expect(calls.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: 'get_weather', input: { city: 'sample city', days: 1 } },
      { name: 'get_time', input: { zone: 'UTC' } },
    ])
    expect(new Set(calls.map(block => block.id)).size).toBe(2)
    expect(first.usage).toMatchObject(await reportedUsage())

    messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: resultsFor(first) })
    const second = await ask({ ...params, messages })
    expect(second.stop_reason).toBe('end_turn')
    expect(second.content).toMatchObject([
      { type: 'text', text: 'The tools said: "get_weather says yes" and "get_time says yes".' },
    ])
    expect(second.usage).toMatchObject(await reportedUsage())
    expect(openai.requests().map(request => request.path)).toEqual(['/v1/chat/completions', '/v1/chat/completions'])
    const sent = parse<OpenAI.ChatCompletionCreateParams>(openai.requests()[1]?.body ?? '')
    expect(sent.messages.map(message => message.role)).toEqual(['user', 'assistant', 'tool', 'tool'])
  })

  test.each([...CHOICES])('tool choice $choice.type is obeyed', async ({ choice, names }) => {
    const message = await ask({
      model: 'openai/gpt-4.1',
      max_tokens: 500,
      tools: TOOLS,
      tool_choice: choice,
      messages: [{ role: 'user', content: 'hello' }],
    })
    expect(message.content.flatMap(block => (block.type === 'tool_use' ? [block.name] : []))).toEqual([...names])
  })
})

const FAILURES = [
  { fault: 'status=401', type: Anthropic.AuthenticationError, status: 401, code: 'invalid_key' },
  { fault: 'status=404', type: Anthropic.NotFoundError, status: 404, code: 'upstream_model_not_found' },
  { fault: 'status=429;retry-after=7', type: Anthropic.RateLimitError, status: 429, code: 'rate_limited' },
  { fault: 'status=500', type: Anthropic.InternalServerError, status: 502, code: 'upstream_error' },
  { fault: 'status=502', type: Anthropic.InternalServerError, status: 502, code: 'upstream_error' },
  { fault: 'status=503', type: Anthropic.OverloadedError, status: 529, code: 'overloaded' },
]

describe.each([...ways])('its typed errors, $way', ({ ask }) => {
  test.each(FAILURES)('$fault', async ({ fault, type, status, code }) => {
    openai.setFault(fault)
    const params = { model: 'openai/gpt-4.1', max_tokens: 9, messages: [{ role: 'user' as const, content: 'x' }] }
    const failed = await ask(params).catch((error: unknown) => error)
    openai.setFault(undefined)
    if (!(failed instanceof Anthropic.APIError)) throw new Error('no error was raised')
    expect(failed).toBeInstanceOf(type)
    expect(failed.status).toBe(status)
    expect(failed.error).toMatchObject({ type: 'error', error: { candor: { code, provider: 'openai' } } })
    expect(failed.requestID ?? failed.headers?.get('candor-request-id')).toStartWith('req_')
    if (fault.includes('retry-after')) expect(failed.headers?.get('retry-after')).toBe('7')
  })
})
