import { expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { recogniseRequest } from '../../src/wire/recognise.ts'

const user = (content: JsonObject | string) => ({
  messages: [{ role: 'user', content: typeof content === 'string' ? content : [content] }],
})

const CASES: readonly { readonly body: JsonObject; readonly is: string; readonly because: string }[] = [
  { body: { contents: [] }, is: 'google-generative-ai generate', because: 'it has "contents"' },
  { body: { input: 'x' }, is: 'openai-responses generate', because: 'it has "input"' },
  { body: { input: [{ role: 'user', content: 'x' }] }, is: 'openai-responses generate', because: 'it has "input"' },
  { body: { prompt: { id: 'p' } }, is: 'openai-responses generate', because: 'it has "prompt"' },
  {
    body: { previous_response_id: 'r' },
    is: 'openai-responses generate',
    because: 'it has "previous_response_id"',
  },
  {
    body: { input: ['x', 'y'] },
    is: 'openai-completions embed',
    because: 'its "input" is a list of texts or of numbers',
  },
  {
    body: { input: [[1, 2]] },
    is: 'openai-completions embed',
    because: 'its "input" is a list of texts or of numbers',
  },
  { body: { ...user('x'), system: 'y' }, is: 'anthropic-messages generate', because: 'it has "system"' },
  {
    body: { ...user('x'), tools: [{ name: 'f', input_schema: {} }] },
    is: 'anthropic-messages generate',
    because: 'its tools have "input_schema"',
  },
  {
    body: user({ type: 'tool_result', tool_use_id: 'a' }),
    is: 'anthropic-messages generate',
    because: 'a message holds a "tool_result" block',
  },
  {
    body: { ...user('x'), tools: [{ type: 'function', function: { name: 'f' } }] },
    is: 'openai-completions generate',
    because: 'its tools have "function"',
  },
  {
    body: { messages: [{ role: 'system', content: 'x' }] },
    is: 'openai-completions generate',
    because: 'a message has the role "system"',
  },
  {
    body: user('x'),
    is: 'openai-completions generate',
    because: 'it has "messages" and nothing that only Anthropic Messages has',
  },
]

test.each([...CASES])('$body is $is', ({ body, is, because }) => {
  const found = recogniseRequest(body)
  expect([`${found?.protocol} ${found?.operation}`, found?.because]).toEqual([is, because])
})

test.each([[{}], [{ model: 'x' }], [{ messages: null }]] as [JsonObject][])('%j is nothing known', body => {
  expect(recogniseRequest(body)).toBeUndefined()
})
