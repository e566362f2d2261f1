import { afterAll, describe, expect, test } from 'bun:test'
import { asArray, asObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { call } from './calls.ts'

const sim = await startSim({ kind: 'google' })
afterAll(() => sim.stop())

const NEW = 'gemini-3.5-flash'
const OLD = 'gemini-2.5-flash'
const user = (text: string): JsonValue => ({ role: 'user', parts: [{ text }] })
const called = (name: string, signature?: string): JsonObject => ({
  functionCall: { name, args: {} },
  ...(signature === undefined ? {} : { thoughtSignature: signature }),
})
const model = (...parts: JsonObject[]): JsonValue => ({ role: 'model', parts })
const responses = (...names: string[]): JsonValue => ({
  role: 'user',
  parts: names.map(name => ({ functionResponse: { name, response: { output: `${name} is done` } } })),
})
const SKIP = 'skip_thought_signature_validator'

async function generate(body: JsonObject, to = NEW) {
  const answered = await call(sim, 'POST', `/v1beta/models/${to}:generateContent`, body)
  const error = asObject(answered.json.error)
  return { status: answered.status, message: String(error?.message ?? ''), error, json: answered.json }
}

describe('fields there are not', () => {
  const parameters = (schema: JsonObject) => ({
    tools: [{ functionDeclarations: [{ name: 'f', parameters: schema }] }],
  })
  const unknown = (name: string, at: string) =>
    `Invalid JSON payload received. Unknown name "${name}"${at === '' ? '' : ` at '${at}'`}: Cannot find field.`
  const table: readonly [string, JsonObject, string][] = [
    ['at the top', { messages: [] }, unknown('messages', '')],
    ['of a part', { contents: [{ parts: [{ type: 'text', text: 'x' }] }] }, unknown('type', 'contents[0].parts[0]')],
    [
      'of a schema',
      parameters({ type: 'OBJECT', properties: { a: { type: 'STRING' }, b: { type: 'ARRAY', items: { const: 1 } } } }),
      unknown('const', 'tools[0].function_declarations[0].parameters.properties[1].value.items'),
    ],
    [
      'of JSON Schema',
      parameters({ type: 'object', additionalProperties: false, $schema: 'x' }),
      [
        unknown('additionalProperties', 'tools[0].function_declarations[0].parameters'),
        unknown('$schema', 'tools[0].function_declarations[0].parameters'),
      ].join('\n'),
    ],
    [
      'a list of types',
      parameters({ type: ['STRING', 'NULL'] }),
      `Invalid JSON payload received. Unknown name "type" at 'tools[0].function_declarations[0].parameters': Proto field is not repeating, cannot start list.`,
    ],
    [
      'a number in words',
      { generationConfig: { temperature: 'hot' } },
      `Invalid value at 'generation_config.temperature' (TYPE_FLOAT), "hot"`,
    ],
    [
      'a mode there is not',
      { toolConfig: { functionCallingConfig: { mode: 'REQUIRED' } } },
      `Invalid value at 'tool_config.function_calling_config.mode' (type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode), "REQUIRED"`,
    ],
    [
      'a text for a message',
      { systemInstruction: 'be brief' },
      `Invalid value at 'system_instruction' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content), "be brief"`,
    ],
    [
      'bytes that are none',
      { contents: [model({ text: 'x', thoughtSignature: '€' })] },
      `Invalid value at 'contents[0].parts[0].thought_signature' (TYPE_BYTES), Base64 decoding failed for "€"`,
    ],
  ]
  test.each(table)('%s', async (_, body, wording) => {
    const { status, message, error } = await generate({ contents: [user('x')], ...body })
    expect([status, error?.status, message]).toEqual([400, 'INVALID_ARGUMENT', wording])
    const [detail] = asArray(error?.details)
    expect(asArray(asObject(detail)?.fieldViolations)).toHaveLength(wording.split('\n').length)
  })
  test('both spellings are taken, null is nothing, and numbers may be texts', async () => {
    const body = {
      contents: [{ parts: [{ text: 'x' }, { inline_data: { mime_type: 'image/png', data: 'AAAA' } }] }],
      generation_config: { max_output_tokens: '12', temperature: null },
      system_instruction: { parts: { text: 'one thing alone' } },
    }
    const { status, json } = await generate(body)
    expect(status).toBe(200)
    expect(JSON.stringify(json)).toContain('I see image/png "')
    expect(JSON.stringify(json)).toContain('MAX_TOKENS')
  })
})

describe('requests it refuses', () => {
  const declared = (...functions: JsonObject[]) => ({ tools: [{ functionDeclarations: functions }] })
  const at = 'GenerateContentRequest.tools[0].function_declarations[0]'
  const object = (properties: JsonObject) => ({ name: 'f', parameters: { type: 'object', properties } })
  const thinking = (thinkingConfig: JsonObject) => ({ generationConfig: { thinkingConfig } })
  const table: readonly [string, JsonObject, string, string][] = [
    ['nothing', { contents: [] }, NEW, '* GenerateContentRequest.contents: contents is not specified\n'],
    [
      'a content without parts',
      { contents: [{ role: 'user', parts: [] }] },
      NEW,
      '* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.\n',
    ],
    [
      'a part without data',
      { contents: [user('x'), model({ thoughtSignature: SKIP })] },
      NEW,
      "* GenerateContentRequest.contents[1].parts[0].data: required oneof field 'data' must have one initialized field\n",
    ],
    [
      'a role there is not',
      { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] },
      NEW,
      'Please use a valid role: user, model.',
    ],
    ['a strange name', declared({ name: 'a b' }), NEW, 'Invalid function name. Must start with a letter'],
    ['a doubled name', declared({ name: 'f' }, { name: 'f' }), NEW, 'Duplicate function declaration found: f'],
    [
      'an object without properties',
      declared(object({})),
      NEW,
      `* ${at}.parameters.properties: should be non-empty for OBJECT type\n`,
    ],
    [
      'a list of nothing',
      declared(object({ a: { type: 'array' } })),
      NEW,
      `* ${at}.parameters.properties[a].items: missing field.\n`,
    ],
    [
      'an enumeration of numbers',
      declared(object({ a: { type: 'integer', enum: ['1'] } })),
      NEW,
      `* ${at}.parameters.properties[a].enum: only allowed for STRING type\n`,
    ],
    [
      'a budget and a level',
      thinking({ thinkingBudget: 5, thinkingLevel: 'LOW' }),
      NEW,
      'You can only set only one of thinking budget and thinking level.',
    ],
    [
      'a level for an old model',
      thinking({ thinkingLevel: 'low' }),
      OLD,
      'Thinking level is not supported for this model.',
    ],
    ['no thoughts of a pro', thinking({ thinkingBudget: 0 }), 'gemini-2.5-pro', 'Budget 0 is invalid.'],
    ['several candidates', { generationConfig: { candidateCount: 2 } }, NEW, 'Multiple candidates is not enabled'],
    [
      'functions and JSON of an old model',
      { ...declared({ name: 'f' }), generationConfig: { responseMimeType: 'application/json' } },
      OLD,
      "Function calling with a response mime type: 'application/json' is unsupported",
    ],
    [
      'a call at the beginning',
      { contents: [model(called('f', SKIP)), responses('f')] },
      NEW,
      'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
    ],
    [
      'a call after what the model said',
      { contents: [user('x'), model({ text: 'y' }), model(called('f', SKIP)), responses('f')] },
      NEW,
      'function call turn comes immediately after a user turn',
    ],
    [
      'a response nobody asked for',
      { contents: [user('x'), model({ text: 'y' }), responses('f')] },
      NEW,
      'Please ensure that function response turn comes immediately after a function call turn.',
    ],
    [
      'a response too few',
      { contents: [user('x'), model(called('f', SKIP), called('g')), responses('f')] },
      NEW,
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    ],
    [
      'no response',
      { contents: [user('x'), model(called('f', SKIP)), user('y')] },
      NEW,
      'the number of function response parts is equal',
    ],
    ['a call at the end', { contents: [user('x'), model(called('f', SKIP))] }, NEW, 'multiturn requests end with'],
    [
      'a response without name',
      { contents: [user('x'), model(called('f', SKIP)), responses('')] },
      NEW,
      'contents[2].parts[0].function_response.name: Name cannot be empty.',
    ],
  ]
  test.each(table)('%s', async (_, body, to, wording) => {
    const { status, message } = await generate({ contents: [user('x')], ...body }, to)
    expect([status, message]).toEqual([400, expect.stringContaining(wording)])
  })
})

describe('thought signatures', async () => {
  const tools = [{ functionDeclarations: [{ name: 'f' }, { name: 'g' }] }]
  const first = await generate({ contents: [user('[[tools]]')], tools })
  const content = asObject(asObject(asArray(first.json.candidates)[0])?.content) ?? {}
  const parts = asArray(content.parts).map(part => asObject(part) ?? {})
  const own = String(parts.find(part => part.functionCall !== undefined)?.thoughtSignature)
  const missing = (name: string, position: number) =>
    `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\` , position ${position}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`
  const INVALID = 'Thought signature is not valid.'
  const mangled = `${own.slice(0, 20)}${own[20] === 'A' ? 'B' : 'A'}${own.slice(21)}`
  const urlSafe = own.replaceAll('+', '-').replaceAll('/', '_')
  const pair = responses('f', 'g')

  test('stand on the first of parallel calls only', () => {
    const calls = parts.filter(part => part.functionCall !== undefined)
    expect(calls.map(part => typeof part.thoughtSignature)).toEqual(['string', 'undefined'])
  })

  const table: readonly [string, readonly JsonValue[], string | undefined][] = [
    ['as they came', [user('x'), content, pair], undefined],
    ['in the other alphabet', [user('x'), model(called('f', urlSafe), called('g')), pair], undefined],
    ['the documented placeholder', [user('x'), model(called('f', SKIP)), responses('f')], undefined],
    ['none', [user('x'), model(called('f')), responses('f')], missing('f', 2)],
    ['on the second call only', [user('x'), model(called('f'), called('g', own)), pair], missing('f', 2)],
    [
      'on the first step only',
      [user('x'), model(called('f', own)), responses('f'), model(called('g')), responses('g')],
      missing('g', 4),
    ],
    [
      'on each step',
      [user('x'), model(called('f', own)), responses('f'), model(called('g', own)), responses('g')],
      undefined,
    ],
    ['none in a turn that is over', [user('x'), model(called('f')), responses('f'), user('thanks')], undefined],
    ['one with a letter changed', [user('x'), model(called('f', mangled)), responses('f')], INVALID],
    ['one of another provider', [user('x'), model(called('f', 'U0lNZm9yZWlnbg==')), responses('f')], INVALID],
    ['one on a text', [user('x'), model({ text: '', thoughtSignature: own }), user('y')], undefined],
    ['a wrong one on a text', [user('x'), model({ text: 'y', thoughtSignature: mangled }), user('y')], INVALID],
  ]
  test.each(table)('%s', async (_, contents, wording) => {
    const { status, message, error } = await generate({ contents, tools })
    expect([status, message]).toEqual(wording === undefined ? [200, ''] : [400, wording])
    expect(error?.status).toBe(wording === undefined ? undefined : 'INVALID_ARGUMENT')
  })
  test('older models do without, but take no wrong ones', async () => {
    const contents = (signature?: string) => [user('x'), model(called('f', signature)), responses('f')]
    expect((await generate({ contents: contents(), tools }, OLD)).status).toBe(200)
    expect((await generate({ contents: contents(mangled), tools }, OLD)).message).toBe(INVALID)
  })
})
