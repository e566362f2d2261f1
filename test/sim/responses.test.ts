import { afterAll, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { asArray, asObject, type JsonObject } from '../../src/base/json-value.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { call, payloads } from './calls.ts'

const sim = await startSim({ kind: 'openai' })
afterAll(() => sim.stop())

const RESPONSES = '/v1/responses'
const client = new OpenAI({ apiKey: sim.key, baseURL: `${sim.origin}/v1`, maxRetries: 0 })

const weather = {
  type: 'function' as const,
  name: 'weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
}
const clock = {
  type: 'function' as const,
  name: 'clock',
  strict: false,
  parameters: { type: 'object', properties: {} },
}
const sql = { type: 'custom' as const, name: 'sql' }
const thinking = {
  reasoning: { effort: 'low' as const, summary: 'auto' as const },
  include: ['reasoning.encrypted_content' as const],
}

/** The error of a call that must fail. */
function errorOf(called: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(
    called.then(
      () => undefined,
      error => error,
    ),
  )
}

async function events(body: JsonObject): Promise<readonly JsonObject[]> {
  const answered = await call(sim, 'POST', RESPONSES, { ...body, stream: true })
  return payloads(answered.text).map(event => asObject(event) ?? {})
}

/** Items without what differs from one reply to the next, and without what the client adds to them. */
function comparable(items: readonly object[]): string {
  const added = (key: string, value: unknown) => (key.startsWith('parsed') ? undefined : value)
  return JSON.stringify(items, added).replaceAll(/_sim\d+x/g, '_simNx')
}

describe('whole and streamed say the same to the official client', () => {
  const TEXTS = [
    'hello',
    '[[tools]]',
    '[[think]] hello',
    '[[think]] [[tools]]',
    '[[redacted]]',
    '[[long 50]]',
    '[[empty]]',
    '[[refuse]]',
    '[[length]]',
    '[[json]]',
    '[[unicode]]',
  ] as const
  test.each(TEXTS)('%s', async input => {
    const body = { model: 'gpt-5', input, tools: [weather, clock, sql], ...thinking }
    const whole = await client.responses.create(body)
    const streamed = await client.responses.stream(body).finalResponse()
    expect(streamed.status).toBe(whole.status ?? 'completed')
    expect(streamed.output_text).toBe(whole.output_text)
    expect(comparable(streamed.output)).toBe(comparable(whole.output))
    expect(streamed.usage).toEqual(whole.usage ?? ({} as never))
    const calls = whole.output.filter(item => item.type === 'function_call' || item.type === 'custom_tool_call')
    expect(calls.length).toBe(input.includes('[[tools]]') ? 3 : 0)
  })
})

describe('the events of a stream', () => {
  test('of a text, numbered and in the recorded order', async () => {
    const got = await events({ model: 'gpt-4.1', input: 'hello' })
    expect(got.map(event => event.sequence_number)).toEqual(got.map((_, at) => at))
    const types = got.map(event => event.type)
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    const text = got.flatMap(event => (event.type === 'response.output_text.delta' ? [event.delta] : [])).join('')
    expect(got.find(event => event.type === 'response.output_text.done')?.text).toBe(text)
  })
  test('of reasoning: a summary, and a seal that only the end makes good', async () => {
    const got = await events({ model: 'gpt-5', input: 'hello', ...thinking })
    const types = got
      .map(event => String(event.type).replace('response.', ''))
      .filter(type => type.includes('reasoning'))
    expect(new Set(types)).toEqual(
      new Set([
        'reasoning_summary_part.added',
        'reasoning_summary_text.delta',
        'reasoning_summary_text.done',
        'reasoning_summary_part.done',
      ]),
    )
    const seals = got.flatMap(event => {
      const item = asObject(event.item)
      return item?.type === 'reasoning' ? [item.encrypted_content] : []
    })
    expect(seals).toHaveLength(2)
    expect(seals[0]).not.toBe(seals[1] ?? null)
    expect(seals[1]).toStartWith('gAAAA')
  })
  test('of calls: pieces that add up, for JSON and for free text', async () => {
    const got = await events({ model: 'gpt-4.1', input: '[[tools]]', tools: [weather, sql] })
    for (const [type, field] of [
      ['function_call_arguments', 'arguments'],
      ['custom_tool_call_input', 'input'],
    ] as const) {
      const pieces = got.flatMap(event => (event.type === `response.${type}.delta` ? [event.delta] : []))
      const done = got.find(event => event.type === `response.${type}.done`)
      expect(pieces.length).toBeGreaterThan(0)
      expect(pieces.join('')).toBe(String(done?.[field]))
    }
  })
  test('of a refusal', async () => {
    const got = await events({ model: 'gpt-4.1', input: '[[refuse]]' })
    expect(got.map(event => event.type)).toContain('response.refusal.delta')
    const [item] = asArray(asObject(got.at(-1)?.response)?.output)
    expect(asObject(item)?.content).toEqual([{ type: 'refusal', refusal: 'I cannot help with that.' }])
  })
  test('of an answer that is cut short, and of one that fails', async () => {
    const cut = await events({ model: 'gpt-4.1', input: '[[length]] [[long 40]]' })
    expect(cut.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    })
    const failed = await events({ model: 'gpt-4.1', input: '[[fail]]' })
    expect(failed.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error' }, usage: null },
    })
    const whole = await call(sim, 'POST', RESPONSES, { model: 'gpt-4.1', input: '[[fail]]' })
    expect([whole.status, whole.json.status]).toEqual([200, 'failed'])
  })
  test('without filler where none is wanted', async () => {
    const padded = await call(sim, 'POST', RESPONSES, { model: 'gpt-4.1', input: 'x', stream: true })
    expect(padded.text).toContain('"obfuscation"')
    const options = { include_obfuscation: false }
    const plain = { model: 'gpt-4.1', input: 'x', stream: true, stream_options: options }
    expect((await call(sim, 'POST', RESPONSES, plain)).text).not.toContain('"obfuscation"')
  })
})

describe('what it reads', () => {
  const answerTo = async (body: JsonObject) => {
    const answered = await call(sim, 'POST', RESPONSES, { model: 'gpt-4.1', ...body })
    expect(answered.status).toBe(200)
    return answered.json
  }
  const textOf = (reply: JsonObject) => JSON.stringify(reply.output)

  test('input in parts, with an image and a file', async () => {
    const content = [
      { type: 'input_text', text: 'hello' },
      { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAAAA==' },
      { type: 'input_image', image_url: 'https://x.test/a.png' },
    ]
    const text = textOf(await answerTo({ input: [{ role: 'user', content }] }))
    expect(text).toContain('You said: \\"hello\\".')
    expect(text).toContain(
      'I see image/png of 3 bytes and application/pdf of 4 bytes and a file at https://x.test/a.png.',
    )
  })
  test('a schema the answer follows', async () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    }
    const text = { format: { type: 'json_schema', name: 'x', schema, strict: true } }
    const reply = await client.responses.parse({ model: 'gpt-4.1', input: 'x', text: text as never })
    expect(JSON.parse(reply.output_text)).toEqual({ n: 1 })
  })
  test('which tools are allowed', async () => {
    const tool_choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'clock' }] }
    const reply = await answerTo({ input: 'x', tools: [weather, clock], tool_choice })
    expect(asArray(reply.output).map(item => asObject(item)?.name)).toEqual([undefined, 'clock'])
  })
  test('usage, with what came from the cache and what was reasoned', async () => {
    const input = [
      { role: 'user', content: 'one two three' },
      { role: 'assistant', content: 'four' },
      { role: 'user', content: 'five' },
    ]
    await answerTo({ model: 'gpt-5', input })
    expect((await answerTo({ model: 'gpt-5', input, ...thinking })).usage).toMatchObject({
      input_tokens: 5,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens_details: { reasoning_tokens: 13 },
    })
  })
  test('what it repeats of the request', async () => {
    const asked = {
      instructions: 'be brief',
      metadata: { a: 'b' },
      truncation: 'auto',
      prompt_cache_key: 'k',
      store: false,
    }
    expect(await answerTo({ input: 'x', ...asked, tools: [weather] })).toMatchObject({
      ...asked,
      object: 'response',
      status: 'completed',
      tools: [{ ...weather, description: null }],
    })
  })
})

describe('what it keeps', () => {
  test('a conversation goes on from a reply, through a tool call', async () => {
    const first = await client.responses.create({ model: 'gpt-5', input: '[[steps 1]]', tools: [weather], ...thinking })
    const made = first.output.find(item => item.type === 'function_call')
    const second = await client.responses.create({
      model: 'gpt-5',
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: made?.call_id ?? '', output: '9 °C' }],
    })
    expect(second.output_text).toBe('The tools said: "9 °C".')
    const third = await client.responses.create({ model: 'gpt-5', previous_response_id: second.id, input: 'and?' })
    expect(third.output_text).toContain('You said: "and?".')
    expect(third.usage?.input_tokens).toBeGreaterThan(second.usage?.input_tokens ?? 0)
  })
  test('items can be named instead of sent', async () => {
    const first = await client.responses.create({ model: 'gpt-4.1', input: '[[tools]]', tools: [clock] })
    const made = first.output.find(item => item.type === 'function_call')
    const second = await client.responses.create({
      model: 'gpt-4.1',
      input: [
        { type: 'item_reference', id: made?.id ?? '' },
        { type: 'function_call_output', call_id: made?.call_id ?? '', output: [{ type: 'input_text', text: 'noon' }] },
      ],
    })
    expect(second.output_text).toBe('The tools said: "noon".')
  })
  test('an answer made in the background is fetched', async () => {
    const queued = await client.responses.create({ model: 'gpt-4.1', input: 'hello', background: true })
    expect([queued.status, queued.output]).toEqual(['queued', []])
    const fetched = await client.responses.retrieve(queued.id)
    expect(fetched.status).toBe('completed')
    expect(fetched.output_text).toContain('hello')
  })
  test('nothing where it was told not to', async () => {
    const { id } = await client.responses.create({ model: 'gpt-4.1', input: 'x', store: false })
    expect(await errorOf(client.responses.retrieve(id))).toMatchObject({
      status: 404,
      message: `404 Response with id '${id}' not found.`,
    })
    const goneOn = client.responses.create({ model: 'gpt-4.1', input: 'y', previous_response_id: id })
    expect(await errorOf(goneOn)).toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    })
  })
})

describe('embeddings', () => {
  test('as floats and as base64 are the same vectors, of length 1', async () => {
    const ask = { model: 'text-embedding-3-small', input: ['one two', 'three'] }
    const floats = await client.embeddings.create({ ...ask, encoding_format: 'float' })
    const decoded = await client.embeddings.create(ask)
    expect(decoded.data.map(row => [...row.embedding])).toEqual(floats.data.map(row => row.embedding))
    expect(floats.data.map(row => row.embedding.length)).toEqual([1536, 1536])
    expect(Math.hypot(...(floats.data[0]?.embedding ?? []))).toBeCloseTo(1, 5)
    expect(floats.data[0]?.embedding).not.toEqual(floats.data[1]?.embedding ?? [])
    expect(floats.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 })
  })
  test('of fewer dimensions, of tokens', async () => {
    const few = await client.embeddings.create({ model: 'text-embedding-3-large', input: [1, 2, 3], dimensions: 5 })
    expect(few.data.map(row => row.embedding.length)).toEqual([5])
  })
  const table: readonly [string, JsonObject, number, string][] = [
    ['no input', { input: null }, 400, "Missing required parameter: 'input'."],
    ['no inputs', { input: [] }, 400, "'$.input' is invalid"],
    ['an empty input', { input: ['a', ''] }, 400, 'input cannot be an empty string'],
    [
      'too many inputs',
      { input: Array.from({ length: 2049 }, () => 'x') },
      400,
      'got an array with length 2049 instead',
    ],
    ['too many dimensions', { dimensions: 1537 }, 400, "Invalid value for 'dimensions' = 1537"],
    ['dimensions in words', { dimensions: 'few' }, 400, "Invalid type for 'dimensions': expected an integer"],
    ['another format', { encoding_format: 'hex' }, 400, "Supported values are: 'float' and 'base64'."],
    ['an unknown field', { truncate: true }, 400, "Unknown parameter: 'truncate'."],
    ['a model that only talks', { model: 'gpt-4.1' }, 403, 'not allowed to generate embeddings'],
    ['no such model', { model: 'nope' }, 404, 'does not exist'],
    ['a model named like a method', { model: 'constructor' }, 404, 'does not exist'],
  ]
  test.each(table)('refused: %s', async (_, change, status, wording) => {
    const body = { model: 'text-embedding-3-small', input: 'x', ...change }
    const answered = await call(sim, 'POST', '/v1/embeddings', body)
    expect(answered.status).toBe(status)
    expect(asObject(answered.json.error)?.message).toContain(wording)
  })
})

test('one model, and one it does not show', async () => {
  expect((await client.models.retrieve('gpt-5')).id).toBe('gpt-5')
  expect(await errorOf(client.models.retrieve('nope'))).toMatchObject({ status: 404, code: 'model_not_found' })
})
