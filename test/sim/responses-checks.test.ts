import { afterAll, describe, expect, test } from 'bun:test'
import { asArray, asObject, asString, type JsonObject } from '../../src/base/json-value.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { call } from './calls.ts'

const sim = await startSim({ kind: 'openai' })
afterAll(() => sim.stop())

const RESPONSES = '/v1/responses'

async function refused(body: JsonObject): Promise<readonly unknown[]> {
  const answered = await call(sim, 'POST', RESPONSES, body)
  const error = asObject(answered.json.error)
  expect(Object.keys(error ?? {})).toEqual(['message', 'type', 'param', 'code'])
  return [answered.status, error?.code, error?.param, error?.message]
}

const says = (text: string) => expect.stringContaining(text)
const user = { role: 'user', content: 'x' }
const made = { type: 'function_call', call_id: 'call_a', name: 'f', arguments: '{}' }
const result = { type: 'function_call_output', call_id: 'call_a', output: 'y' }
const open = { type: 'object', properties: { a: { type: 'string' } } }
const tool = { type: 'function', name: 'f', parameters: open }
const part = (role: string, content: JsonObject) => ({ input: [{ role, content: [content] }] })
const format = (fields: JsonObject) => ({ text: { format: fields } })

type Row = readonly [string, JsonObject, string | null, string | null, string]

describe('bodies it refuses', () => {
  const table: readonly Row[] = [
    ['an unknown field', { messages: [] }, 'unknown_parameter', 'messages', "Unknown parameter: 'messages'."],
    ['another type', { temperature: 'hot' }, 'invalid_type', 'temperature', 'expected a decimal, but got a string'],
    ['no input', { input: undefined }, 'missing_required_parameter', 'input', 'must be provided'],
    [
      'input of another type',
      { input: 5 },
      'invalid_type',
      'input',
      'a string or array of objects, but got an integer',
    ],
    [
      'a role of Chat Completions',
      { input: [user, { role: 'tool', content: 'y', tool_call_id: 'a' }] },
      'unknown_parameter',
      'input[1].tool_call_id',
      "Unknown parameter: 'input[1].tool_call_id'.",
    ],
    [
      'a role nobody has',
      { input: [{ role: 'robot', content: 'y' }] },
      'invalid_value',
      'input[0].role',
      "Supported values are: 'assistant', 'system', 'developer', and 'user'.",
    ],
    [
      'an unknown item',
      { input: [{ type: 'tool_result' }] },
      'invalid_value',
      'input[0]',
      "Invalid value: 'tool_result'.",
    ],
    [
      'an item named like a method',
      { input: [{ type: 'constructor' }] },
      'invalid_value',
      'input[0]',
      "Invalid value: 'constructor'.",
    ],
    [
      'an item without its parts',
      { input: [{ type: 'function_call', name: 'f', arguments: '{}' }] },
      'missing_required_parameter',
      'input[0].call_id',
      "Missing required parameter: 'input[0].call_id'.",
    ],
    [
      'input parts from the assistant',
      part('assistant', { type: 'input_text', text: 'x' }),
      'invalid_value',
      'input[0].content[0]',
      "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
    ],
    [
      'output parts from the user',
      part('user', { type: 'text', text: 'x' }),
      'invalid_value',
      'input[0].content[0]',
      "Supported values are: 'input_text', 'input_image', and 'input_file'.",
    ],
    [
      'an image as Chat Completions have it',
      part('user', { type: 'input_image', image_url: { url: 'data:' } }),
      'invalid_type',
      'input[0].content[0].image_url',
      'expected an image URL, but got an object instead',
    ],
    [
      'an id of another kind',
      { input: [user, { ...made, id: 'msg_1' }, result] },
      'invalid_value',
      'input[1].id',
      "Expected an ID that begins with 'fc'.",
    ],
    [
      'a tool as Chat Completions have it',
      { tools: [{ type: 'function', function: { name: 'f' } }] },
      'missing_required_parameter',
      'tools[0].name',
      "Missing required parameter: 'tools[0].name'.",
    ],
    [
      'a tool of no known type',
      { tools: [{ type: 'magic' }] },
      'invalid_value',
      'tools[0].type',
      "Invalid value: 'magic'.",
    ],
    [
      'a strict tool that is not',
      { tools: [{ ...tool, strict: true }] },
      'invalid_function_parameters',
      'tools[0].parameters',
      "Invalid schema for function 'f': In context=(), 'additionalProperties' is required",
    ],
    [
      'a strict format that leaves something open',
      format({ type: 'json_schema', name: 'n', strict: true, schema: { ...open, additionalProperties: false } }),
      'invalid_json_schema',
      'text.format.schema',
      "Missing 'a'.",
    ],
    [
      'a format without name',
      format({ type: 'json_schema', schema: open }),
      'missing_required_parameter',
      'text.format.name',
      'text.format.name',
    ],
    ['a format there is not', format({ type: 'xml' }), 'invalid_value', 'text.format.type', "Invalid value: 'xml'."],
    ['JSON nobody spoke of', format({ type: 'json_object' }), null, 'input', "must contain the word 'json'"],
    [
      'a tiny limit',
      { max_output_tokens: 5 },
      'integer_below_min_value',
      'max_output_tokens',
      'a value >= 16, but got 5',
    ],
    [
      'an unknown effort',
      { reasoning: { effort: 'huge' } },
      'invalid_value',
      'reasoning.effort',
      "Invalid value: 'huge'.",
    ],
    ['something unknown to include', { include: ['x'] }, 'invalid_value', 'include[0]', "Invalid value: 'x'."],
    [
      'stream options of Chat Completions',
      { stream: true, stream_options: { include_usage: true } },
      'unknown_parameter',
      'stream_options.include_usage',
      "Unknown parameter: 'stream_options.include_usage'.",
    ],
    [
      'stream options without stream',
      { stream_options: { include_obfuscation: true } },
      null,
      'stream_options',
      "only allowed when 'stream' is enabled",
    ],
    [
      'temperature for a model that reasons',
      { model: 'gpt-5', temperature: 0.5 },
      null,
      'temperature',
      "Unsupported parameter: 'temperature' is not supported with this model.",
    ],
    [
      'reasoning for a model that does not',
      { reasoning: { effort: 'low' } },
      null,
      'reasoning.effort',
      "Unsupported parameter: 'reasoning.effort'",
    ],
    [
      'a choice that is not offered',
      { tools: [tool], tool_choice: { type: 'function', name: 'g' } },
      null,
      'tool_choice',
      "Tool choice 'function' not found in 'tools' parameter.",
    ],
    [
      'a result nobody asked for',
      { input: [user, result] },
      null,
      'input',
      'No tool call found for function call output',
    ],
    ['a call without result', { input: [user, made] }, null, 'input', 'No tool output found for function call call_a.'],
    [
      'a custom call without result',
      { input: [user, { type: 'custom_tool_call', call_id: 'call_b', name: 'f', input: 'x' }] },
      null,
      'input',
      'No tool output found for custom tool call call_b.',
    ],
    [
      'a reply nobody kept',
      { previous_response_id: 'resp_x' },
      'previous_response_not_found',
      'previous_response_id',
      "Previous response with id 'resp_x' not found.",
    ],
    [
      'two histories',
      { previous_response_id: undefined, conversation: 'conv_1', background: true, store: false },
      null,
      'conversation',
      "Conversation with id 'conv_1' not found.",
    ],
    ['a background nobody keeps', { background: true, store: false }, null, 'store', "requires 'store' to be true"],
  ]
  test.each(table)('%s', async (_, change, code, param, wording) => {
    const [status, ...rest] = await refused({ model: 'gpt-4.1', input: 'x', ...change })
    expect(status).toBe(change.conversation === undefined ? 400 : 404)
    expect(rest).toEqual([code, param, says(wording)])
  })
  test('no model, and one it does not have', async () => {
    expect(await refused({ input: 'x' })).toEqual([400, 'missing_required_parameter', 'model', says("'model'")])
    expect(await refused({ model: 'nope', input: 'x' })).toEqual([404, 'model_not_found', null, says('`nope`')])
  })
  test('a call and its result may stand apart', async () => {
    const input = [user, made, { role: 'developer', content: 'z' }, result]
    expect((await call(sim, 'POST', RESPONSES, { model: 'gpt-4.1', input })).status).toBe(200)
  })
})

describe('reasoning that comes back', () => {
  const ask: JsonObject = {
    model: 'gpt-5',
    input: [{ role: 'user', content: '[[tools]]' }],
    tools: [tool],
    reasoning: { effort: 'low', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
    store: false,
  }

  /** The second turn after a reply, with its output changed. */
  async function second(change: (output: readonly JsonObject[]) => readonly JsonObject[], store = false) {
    const first = await call(sim, 'POST', RESPONSES, { ...ask, store })
    const output = asArray(first.json.output).map(item => asObject(item) ?? {})
    const called = output.find(item => item.type === 'function_call')
    const answer = { type: 'function_call_output', call_id: asString(called?.call_id) ?? '', output: 'fine' }
    return { ...ask, store, input: [...asArray(ask.input), ...change(output), answer] }
  }

  const reasoning = (change: JsonObject) => (output: readonly JsonObject[]) =>
    output.map(item => (item.type === 'reasoning' ? { ...item, ...change } : item))
  const mangled = (text: string) => `${text.slice(0, -6)}${text.at(-6) === 'A' ? 'B' : 'A'}${text.slice(-5)}`

  test.each([
    ['as it came', (output: readonly JsonObject[]) => output],
    ['without its id', reasoning({ id: undefined })],
    ['not at all', (output: readonly JsonObject[]) => output.filter(item => item.type !== 'reasoning')],
  ] as const)('%s: accepted', async (_, change) => {
    const answered = await call(sim, 'POST', RESPONSES, await second(change))
    expect(answered.status).toBe(200)
    expect(answered.text).toContain('The tools said: \\"fine\\".')
  })

  const bad: readonly [string, (output: readonly JsonObject[]) => readonly JsonObject[], readonly unknown[]][] = [
    [
      'with a letter changed',
      output =>
        output.map(item =>
          item.type === 'reasoning'
            ? { ...item, encrypted_content: mangled(asString(item.encrypted_content) ?? '') }
            : item,
        ),
      [400, 'invalid_encrypted_content', null, says('could not be verified. Reason: Encrypted content could not be')],
    ],
    [
      'of another provider',
      reasoning({ id: undefined, encrypted_content: 'SIMforeignforeign' }),
      [400, 'invalid_encrypted_content', null, says('The encrypted content SIMf...eign could not be verified.')],
    ],
    [
      'without its content, by an id nobody keeps',
      reasoning({ id: 'rs_unknown', encrypted_content: undefined }),
      [
        404,
        null,
        'input',
        says("Item with id 'rs_unknown' not found. Items are not persisted when `store` is set to false."),
      ],
    ],
    [
      'with nothing behind it',
      output => [...output].reverse(),
      [400, null, 'input', says("of type 'reasoning' was provided without its required following item.")],
    ],
  ]
  test.each(bad)('%s: refused', async (_, change, expected) => {
    expect(await refused(await second(change))).toEqual([...expected])
  })
  test('what was kept with reasoning does not come without it', async () => {
    const body = await second(output => output.filter(item => item.type !== 'reasoning'), true)
    const [status, , , message] = await refused(body)
    expect([status, message]).toEqual([400, says("was provided without its required 'reasoning' item: 'rs_sim")])
  })
  test('the seal of an item that only opened is none', async () => {
    const stream = await call(sim, 'POST', RESPONSES, { ...ask, stream: true })
    const opened = /"encrypted_content":"([^"]+)"/.exec(stream.text)?.[1] ?? ''
    expect(opened).toStartWith('gAAAA')
    const body = await second(reasoning({ encrypted_content: opened }))
    expect((await refused(body))[1]).toBe('invalid_encrypted_content')
  })
})
