import { describe, expect, test } from 'bun:test'
import { asArray, isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { decodeRequest } from '../../src/wire/openai-responses/decode-request.ts'
import { encodeRequest } from '../../src/wire/openai-responses/encode-request.ts'
import { fixtures, golden, jsonOf, recorded } from './openai-responses-goldens.ts'
import { plainItems } from './openai-responses-plain-items.ts'

describe.each(fixtures('requests'))('request $name', fixture => {
  test('is read as its golden says', () => {
    const read = decodeRequest(jsonOf(fixture))
    expect(read).toEqual(golden(fixture, 'canon', read) as typeof read)
    expect(isProblem(read)).toBe(fixture.name.startsWith('fault-'))
  })
})

describe('what was read is written again', () => {
  /** What cannot be written again as it came, or (`format-text`) need not. */
  const changed = /^(?:fault-|unknown-fields|reasoning-carried|tool-call-of-a-namespace|tool-call-signed|format-text)/
  const readable = fixtures('requests').filter(fixture => !changed.test(fixture.name))

  test.each(readable)('$name: the same items in the same order', fixture => {
    const body = jsonOf(fixture)
    const read = decodeRequest(body)
    if (isProblem(read)) throw new Error(read.what)
    const written = encodeRequest(read, {}).body
    expect(written.input).toEqual(plainItems(body.input) as JsonValue)
    expect(written.instructions).toEqual(body.instructions ?? undefined)
  })

  test.each(readable)('$name: the same request', fixture => {
    const read = decodeRequest(jsonOf(fixture))
    if (isProblem(read)) throw new Error(read.what)
    const again = decodeRequest(encodeRequest(read, {}).body)
    if (isProblem(again)) throw new Error(again.what)
    const { turns: _, unknown: __, ...rest } = read
    expect(again).toMatchObject(rest)
    expect(again.turns.map(turn => [turn.role, turn.parts.length])).toEqual(
      read.turns.filter(turn => turn.parts.length > 0).map(turn => [turn.role, turn.parts.length]),
    )
  })
})

describe('what a provider answered can be sent back', () => {
  const answers = recorded('.json').filter(fixture => Array.isArray(jsonOf(fixture).output))

  test.each(answers)('$name', fixture => {
    const { output } = jsonOf(fixture)
    const input = [{ role: 'user', content: 'Hi' }, ...asArray(output), { role: 'user', content: 'Go on.' }]
    const read = decodeRequest({ model: 'm', input })
    if (isProblem(read)) throw new Error(read.what)
    const lost = read.unknown.map(field => field.at.split('.').at(-1) ?? '')
    const known = plainItems(input).map(item =>
      Object.fromEntries(Object.entries(item).filter(([key]) => !lost.includes(key))),
    )
    expect(lost.filter(name => name !== 'namespace')).toEqual([])
    expect<unknown>(encodeRequest(read, {}).body.input).toEqual(known)
  })
})

const good: JsonObject = { model: 'm', input: 'Hi' }
const withItem = (item: JsonValue): JsonObject => ({ ...good, input: [item] })
const withPart = (part: JsonValue): JsonObject => withItem({ role: 'user', content: [part] })

describe('a request the protocol does not allow is refused with its path', () => {
  test.each<[string, JsonObject]>([
    ['model', { ...good, model: 7 }],
    ['input', { model: 'm' }],
    ['input', { ...good, input: { role: 'user' } }],
    ['input[0]', withItem('Hi')],
    ['input[0].role', withItem({ role: 'tool', content: 'Hi' })],
    ['input[0].role', withItem({})],
    ['input[0].type', withItem({ type: 7 })],
    ['input[0].content', withItem({ role: 'user', content: 7 })],
    ['input[0].content[0]', withPart('Hi')],
    ['input[0].content[0].type', withPart({ text: 'Hi' })],
    ['input[0].content[0].text', withPart({ type: 'input_text' })],
    ['input[0].content[0]', withPart({ type: 'input_image' })],
    ['input[0].content[0].image_url', withPart({ type: 'input_image', image_url: { url: 'x' } })],
    ['input[0].content[0]', withPart({ type: 'input_file', filename: 'a.pdf' })],
    ['input[0].content[0].input_audio', withPart({ type: 'input_audio' })],
    ['input[0].content[0].refusal', withPart({ type: 'refusal' })],
    ['input[0].call_id', withItem({ type: 'function_call', name: 'f', arguments: '{}' })],
    ['input[0].name', withItem({ type: 'function_call', call_id: 'c', arguments: '{}' })],
    ['input[0].arguments', withItem({ type: 'function_call', call_id: 'c', name: 'f', arguments: {} })],
    ['input[0].input', withItem({ type: 'custom_tool_call', call_id: 'c', name: 'f' })],
    ['input[0].output', withItem({ type: 'function_call_output', call_id: 'c' })],
    ['input[0].call_id', withItem({ type: 'function_call_output', output: 'x' })],
    ['input[0].summary', withItem({ type: 'reasoning', summary: 'x' })],
    ['input[0].encrypted_content', withItem({ type: 'reasoning', summary: [], encrypted_content: 7 })],
    ['instructions', { ...good, instructions: ['x'] }],
    ['tools', { ...good, tools: {} }],
    ['tools[0]', { ...good, tools: ['x'] }],
    ['tools[0].type', { ...good, tools: [{ name: 'x' }] }],
    ['tools[0].name', { ...good, tools: [{ type: 'function' }] }],
    ['tools[0].parameters', { ...good, tools: [{ type: 'function', name: 'x', parameters: '{}' }] }],
    ['tool_choice', { ...good, tool_choice: 'any' }],
    ['tool_choice.name', { ...good, tool_choice: { type: 'function' } }],
    ['tool_choice.tools', { ...good, tool_choice: { type: 'allowed_tools', tools: 'x' } }],
    ['max_output_tokens', { ...good, max_output_tokens: 1.5 }],
    ['parallel_tool_calls', { ...good, parallel_tool_calls: 'no' }],
    ['stream', { ...good, stream: 'yes' }],
    ['include', { ...good, include: 'x' }],
    ['text', { ...good, text: 'x' }],
    ['text.format.type', { ...good, text: { format: { type: 'xml' } } }],
    ['text.format.schema', { ...good, text: { format: { type: 'json_schema', name: 'x' } } }],
    ['reasoning', { ...good, reasoning: 'high' }],
    ['reasoning.effort', { ...good, reasoning: { effort: 3 } }],
  ])('%s', (path, body) => {
    const read = decodeRequest(body)
    if (!isProblem(read)) throw new Error('it was accepted')
    expect(read.code).toBe('bad_request')
    expect(read.paths).toContain(path)
    expect(read.what).toContain(`${path} must `)
  })
})

test('there is a fixture for every kind of item', () => {
  const types = new Set(
    fixtures('requests').flatMap(fixture => {
      const { input } = jsonOf(fixture)
      return Array.isArray(input) ? input.map((item: JsonValue) => (isObject(item) ? item.type : undefined)) : []
    }),
  )
  expect(types.size).toBeGreaterThan(28)
})
