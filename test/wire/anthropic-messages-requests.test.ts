import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { isProblem } from '../../src/canon/problem.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import { fixtureNames, golden, readFixture } from './anthropic-messages-goldens.ts'

/** What a request of another protocol is unless the fixture says otherwise. */
const FOREIGN: CanonRequest = {
  from: 'openai-completions',
  model: 'claude-sonnet-5-5',
  stream: false,
  streamUsage: false,
  turns: [],
  tools: [],
  settings: [],
  unknown: [],
}

describe('Anthropic requests are read', () => {
  test.each(fixtureNames('requests'))('%s', name => {
    const read = anthropicMessages.decodeRequest(readFixture('requests', name))
    if (isProblem(read)) throw new Error(read.what)
    const { want, got } = golden('requests', name, { read, writtenAgain: anthropicMessages.encodeRequest(read, {}) })
    expect(got).toEqual(want)
  })

  test('there are at least 25 fixtures', () => {
    expect(fixtureNames('requests').length).toBeGreaterThanOrEqual(25)
  })
})

describe('foreign requests are written for Anthropic', () => {
  test.each(fixtureNames('written'))('%s', name => {
    const fixture = readFixture('written', name)
    const request = { ...FOREIGN, ...(fixture.request as Partial<CanonRequest>) }
    const { want, got } = golden('written', name, anthropicMessages.encodeRequest(request, fixture.quirks as Quirks))
    expect(got).toEqual(want)
  })
})

const good: JsonObject = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] }
const withContent = (content: JsonObject): JsonObject => ({ ...good, messages: [{ role: 'user', content: [content] }] })

describe('a request the protocol does not allow is refused with its path', () => {
  test.each<[string, JsonObject]>([
    ['model', { ...good, model: 7 }],
    ['max_tokens', { model: 'm', messages: [] }],
    ['max_tokens', { ...good, max_tokens: '1' }],
    ['max_tokens', { ...good, max_tokens: 1.5 }],
    ['max_tokens', { ...good, max_tokens: -1 }],
    ['messages', { model: 'm', max_tokens: 1 }],
    ['messages[0]', { ...good, messages: ['Hi'] }],
    ['messages[0].role', { ...good, messages: [{ role: 'tool', content: 'Hi' }] }],
    ['messages[0].content', { ...good, messages: [{ role: 'user' }] }],
    ['messages[0].content[0]', { ...good, messages: [{ role: 'user', content: ['Hi'] }] }],
    ['messages[0].content[0].type', withContent({ text: 'Hi' })],
    ['messages[0].content[0].text', withContent({ type: 'text' })],
    ['messages[0].content[0].source', withContent({ type: 'image' })],
    [
      'messages[0].content[0].source.data',
      withContent({ type: 'image', source: { type: 'base64', media_type: 'image/png' } }),
    ],
    ['messages[0].content[0].source.file_id', withContent({ type: 'document', source: { type: 'file' } })],
    ['messages[0].content[0].id', withContent({ type: 'tool_use', name: 'x', input: {} })],
    ['messages[0].content[0].input', withContent({ type: 'tool_use', id: 't', name: 'x', input: '{}' })],
    ['messages[0].content[0].tool_use_id', withContent({ type: 'tool_result', content: 'x' })],
    ['messages[0].content[0].content', withContent({ type: 'tool_result', tool_use_id: 't', content: 7 })],
    ['messages[0].content[0].thinking', withContent({ type: 'thinking', signature: 'x' })],
    ['messages[0].content[0].data', withContent({ type: 'redacted_thinking' })],
    ['system', { ...good, system: 7 }],
    ['stop_sequences', { ...good, stop_sequences: 'END' }],
    ['tools', { ...good, tools: {} }],
    ['tools[0]', { ...good, tools: ['x'] }],
    ['tools[0].name', { ...good, tools: [{ input_schema: {} }] }],
    ['tools[0].input_schema', { ...good, tools: [{ name: 'x' }] }],
    ['tool_choice', { ...good, tool_choice: 'auto' }],
    ['tool_choice.name', { ...good, tool_choice: { type: 'tool' } }],
  ])('%s', (path, body) => {
    const read = anthropicMessages.decodeRequest(body)
    if (!isProblem(read)) throw new Error('it was accepted')
    expect(read.code).toBe('bad_request')
    expect(read.paths).toEqual([path])
    expect(read.what).toStartWith(`The request is not a valid Anthropic Messages request: ${path} must be `)
  })

  test('all that is wrong is told at once', () => {
    const read = anthropicMessages.decodeRequest({ ...good, model: 7, messages: [7, { role: 'tool', content: 'x' }] })
    expect(read).toMatchObject({ paths: ['model', 'messages[0]', 'messages[1].role'] })
  })
})
