import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { Sim } from '../../src/sim/start-sim.ts'
import { parse } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, simulate } from './providers.ts'

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming
/** A piece of signed or sealed reasoning, as OpenRouter's clients know it. */
type Detail = { readonly signature?: string }
type Answer = OpenAI.ChatCompletionMessage & { reasoning_content?: string; reasoning_details?: readonly Detail[] }
type Completed = {
  readonly message: Answer
  readonly finish: string | null
  readonly usage: OpenAI.CompletionUsage | undefined
}

/** The official client's tools over `/v1/chat/completions`, served by a provider that speaks Messages only. */
const TOOLS: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
    },
  },
  {
    type: 'function',
    function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { enum: ['UTC'] } } } },
  },
]

const MODEL = 'anthropic/claude-sonnet-5-5'

let anthropic: Sim
let twin: Sim
let gateway: Gateway
let client: OpenAI

beforeAll(async () => {
  anthropic = await simulate('anthropic')
  twin = await simulate('anthropic')
  gateway = await startGateway({ config: configOf([anthropic]) })
  client = new OpenAI({ apiKey: 'anything', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
beforeEach(() => anthropic.clear())
afterAll(async () => {
  await gateway.stop()
  await Promise.all([anthropic.stop(), twin.stop()])
})

async function askWhole(params: Params): Promise<Completed> {
  const { choices, usage } = await client.chat.completions.create(params)
  const [choice] = choices
  if (choice === undefined) throw new Error('no choice')
  return { message: choice.message, finish: choice.finish_reason, usage }
}

/** The client's own accumulator; reasoning, which it does not know, is gathered beside it as agents do. */
async function askStreamed(params: Params): Promise<Completed> {
  const running = client.chat.completions.stream({ ...params, stream: true, stream_options: { include_usage: true } })
  let reasoning = ''
  const details: Detail[] = []
  for await (const chunk of running) {
    const delta = chunk.choices[0]?.delta as Partial<Answer> | undefined
    reasoning += delta?.reasoning_content ?? ''
    details.push(...(delta?.reasoning_details ?? []))
  }
  const { choices, usage } = await running.finalChatCompletion()
  const [choice] = choices
  if (choice === undefined) throw new Error('no choice')
  const message: Answer = { ...choice.message, reasoning_content: reasoning, reasoning_details: details }
  return { message, finish: choice.finish_reason, usage }
}

const ways = [
  { way: 'whole', ask: askWhole },
  { way: 'streamed', ask: askStreamed },
]

function resultsFor(message: Answer): OpenAI.ChatCompletionToolMessageParam[] {
  return (message.tool_calls ?? []).flatMap(call =>
    call.type === 'function'
      ? [{ role: 'tool' as const, tool_call_id: call.id, content: `${call.function.name} says yes` }]
      : [],
  )
}

/** The usage the provider itself reports for what it was asked last, in OpenAI's terms. */
async function reportedUsage() {
  const sent = parse<object>(anthropic.requests().at(-1)?.body ?? '')
  const answer = await fetch(`${twin.origin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': twin.key, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ ...sent, stream: false }),
  })
  const { usage } = parse<{ usage: Anthropic.Usage }>(await answer.text())
  const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens: completion } = usage
  const prompt = input_tokens + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cache_read_input_tokens ?? 0 },
  }
}

const calledNames = (message: Answer) =>
  (message.tool_calls ?? []).map(call => (call.type === 'function' ? call.function.name : call.type))

const CHOICES: readonly { choice: OpenAI.ChatCompletionToolChoiceOption; names: readonly string[] }[] = [
  { choice: { type: 'function', function: { name: 'get_time' } }, names: ['get_time'] },
  { choice: 'required', names: ['get_weather'] },
  { choice: 'none', names: [] },
]

/** The first block of the assistant's turn, as the provider got it back. */
function replayedBlock() {
  const { messages } = parse<Anthropic.MessageCreateParams>(anthropic.requests()[1]?.body ?? '')
  const content = messages[1]?.content
  return typeof content === 'string' ? undefined : content?.[0]
}

describe.each(ways)('the OpenAI client over an Anthropic-only provider, $way', ({ ask }) => {
  test('two calls in one reply, their results, a final answer; usage as the provider told it', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: '[[tools]] What is it like outside?' },
    ]
    const first = await ask({ model: MODEL, messages, tools: TOOLS })
    expect(first.finish).toBe('tool_calls')
    expect(calledNames(first.message)).toEqual(['get_weather', 'get_time'])
    const inputs = first.message.tool_calls?.map(
      call => call.type === 'function' && JSON.parse(call.function.arguments),
    )
    expect(inputs).toEqual([{ city: 'sample city', days: 1 }, { zone: 'UTC' }])
    expect(first.usage).toMatchObject(await reportedUsage())

    messages.push(first.message, ...resultsFor(first.message))
    const second = await ask({ model: MODEL, messages, tools: TOOLS })
    expect(second.finish).toBe('stop')
    expect(second.message.content).toBe('The tools said: "get_weather says yes" and "get_time says yes".')
    expect(second.usage).toMatchObject(await reportedUsage())
    expect(anthropic.requests().map(request => request.path)).toEqual(['/v1/messages', '/v1/messages'])
  })

  test.each([...CHOICES])('tool choice $choice is obeyed', async ({ choice, names }) => {
    const messages = [{ role: 'user' as const, content: 'hello' }]
    const { message } = await ask({ model: MODEL, messages, tools: TOOLS, tool_choice: choice })
    expect(calledNames(message)).toEqual([...names])
  })

  test('signed thinking goes out and comes back, and the provider accepts the next turn', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: '[[think]] [[tools]] hello' }]
    const params = { model: MODEL, tools: TOOLS, reasoning_effort: 'high' as const, max_completion_tokens: 4000 }
    const first = await ask({ ...params, messages })
    expect(first.message.reasoning_content).toContain('The user asks something simple')
    messages.push(first.message, ...resultsFor(first.message))
    const second = await ask({ ...params, messages })
    expect(second.finish).toBe('stop')
    expect(replayedBlock()).toEqual({
      type: 'thinking',
      thinking: first.message.reasoning_content ?? '',
      signature: first.message.reasoning_details?.[0]?.signature ?? '',
    })
    expect(first.message.reasoning_details?.[0]?.signature).toStartWith('SIM')
  })

  test('sealed thinking too', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: '[[redacted]] [[tools]] hello' }]
    const params = { model: MODEL, tools: TOOLS, reasoning_effort: 'high' as const, max_completion_tokens: 4000 }
    const first = await ask({ ...params, messages })
    messages.push(first.message, ...resultsFor(first.message))
    const second = await ask({ ...params, messages })
    expect(second.finish).toBe('stop')
    expect(replayedBlock()?.type).toBe('redacted_thinking')
  })
})

const FAILURES = [
  { fault: 'status=401', type: OpenAI.AuthenticationError, status: 401, code: 'invalid_key' },
  { fault: 'status=404', type: OpenAI.NotFoundError, status: 404, code: 'upstream_model_not_found' },
  { fault: 'status=429;retry-after=7', type: OpenAI.RateLimitError, status: 429, code: 'rate_limited' },
  { fault: 'status=500', type: OpenAI.InternalServerError, status: 502, code: 'upstream_error' },
  { fault: 'status=502', type: OpenAI.InternalServerError, status: 502, code: 'upstream_error' },
  { fault: 'status=529', type: OpenAI.InternalServerError, status: 503, code: 'overloaded' },
]

describe.each(ways)('its typed errors, $way', ({ ask }) => {
  test.each(FAILURES)('$fault', async ({ fault, type, status, code }) => {
    anthropic.setFault(fault)
    const failed = await ask({ model: MODEL, messages: [{ role: 'user', content: 'x' }] }).catch(
      (error: unknown) => error,
    )
    anthropic.setFault(undefined)
    if (!(failed instanceof OpenAI.APIError)) throw new Error('no error was raised')
    expect(failed).toBeInstanceOf(type)
    expect(failed.status).toBe(status)
    expect(failed.error).toMatchObject({ candor: { code, provider: 'anthropic' } })
    expect(failed.headers?.get('candor-request-id')).toStartWith('req_')
    if (fault.includes('retry-after')) expect(failed.headers?.get('retry-after')).toBe('7')
  })
})
