import { describe, expect, test } from 'bun:test'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import { formatSse } from '../../src/base/sse.ts'
import { openaiResponses } from '../../src/wire/openai-responses/index.ts'
import { fixtures } from './openai-responses-goldens.ts'
import { readTold, type Told } from './openai-responses-told.ts'

const ASK = { model: 'm', input: 'Hi' }
const plain = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value))

/** Answers every request with these bytes. */
function answering(body: string, type: string) {
  return async () => new Response(body, { headers: { 'content-type': type } })
}

/** The official client, with these bytes as the answer to whatever it asks. */
function clientFor(body: string, type = 'text/event-stream'): OpenAI {
  return new OpenAI({ apiKey: 'test', maxRetries: 0, fetch: answering(body, type) })
}

/** Another client many people use, which reads the protocol with a parser of its own. */
function otherClientFor(body: string, type = 'text/event-stream') {
  const fetch = Object.assign(answering(body, type), { preconnect: () => {} })
  return createOpenAI({ apiKey: 'test', fetch }).responses('m')
}

function streamOf({ events, context }: Told): string {
  const encoder = openaiResponses.openEncoder(context)
  return events.flatMap(event => [...encoder.push(event)].map(formatSse)).join('')
}

function wholeOf({ events, context }: Told): JsonObject {
  return openaiResponses.encodeReply(events, context).body
}

/** What the client adds to what it read. */
function withoutParsed(item: unknown): JsonObject {
  const { parsed_arguments: _arguments, ...rest } = asObject(plain(item)) ?? {}
  const content = rest.content
  if (!Array.isArray(content)) return rest
  return { ...rest, content: content.map(part => ({ ...asObject(part), parsed: undefined })) }
}

function partsIn(body: JsonObject): JsonObject[] {
  const messages = asArray(body.output).filter(item => asObject(item)?.type === 'message')
  return messages.flatMap(item => asArray(asObject(item)?.content).map(part => asObject(part) ?? {}))
}

function textIn(body: JsonObject): string {
  return partsIn(body)
    .map(part => asString(part.text) ?? '')
    .join('')
}

/** The AI SDK has no place for a refusal of its own: it is part of the text. */
function textWithRefusals(body: JsonObject): string {
  return partsIn(body)
    .map(part => asString(part.text) ?? asString(part.refusal) ?? '')
    .join('')
}

const all = fixtures('told').map(fixture => ({ name: fixture.name, told: readTold(fixture) }))
const answers = all.filter(({ told }) => told.events.at(-1)?.type === 'reply-end')
const failures = all.filter(({ told }) => told.events.at(-1)?.type === 'failure')

describe.each(answers)('the official client understands $name', ({ told }) => {
  const body = wholeOf(told)

  test('as a stream it puts together', async () => {
    const final = await clientFor(streamOf(told)).responses.stream(ASK).finalResponse()
    expect(plain(final.output.map(withoutParsed))).toEqual(plain(asArray(body.output).map(withoutParsed)))
    expect(plain(final.usage ?? null)).toEqual(plain(body.usage))
    expect(final.output_text).toBe(textIn(body))
    expect(plain(final.status)).toEqual(plain(body.status))
  })

  test('as events', async () => {
    const types: string[] = []
    for await (const event of await clientFor(streamOf(told)).responses.create({ ...ASK, stream: true }))
      types.push(event.type)
    expect(types[0]).toBe('response.created')
    expect(types.at(-1)).toBe(`response.${String(body.status)}`)
  })

  test('as a whole', async () => {
    const whole = await clientFor(JSON.stringify(body), 'application/json').responses.create(ASK)
    expect(plain(whole.output)).toEqual(plain(body.output))
    expect(whole.output_text).toBe(textIn(body))
  })
})

/** Its parser takes no web search without an action, which the others do not look at. */
const OTHERWISE = new Set(['own-events'])

describe.each(answers.filter(({ name }) => !OTHERWISE.has(name)))('the AI SDK understands $name', ({ told }) => {
  const body = wholeOf(told)
  const calls = asArray(body.output).filter(item => asString(asObject(item)?.type)?.endsWith('_call') === true)

  test('as a stream', async () => {
    const faults: unknown[] = []
    const model = otherClientFor(streamOf(told))
    const result = streamText({ model, prompt: 'Hi', maxRetries: 0, onError: ({ error }) => void faults.push(error) })
    const steps = await result.steps
    expect(faults).toEqual([])
    expect(await result.text).toBe(textWithRefusals(body))
    expect(steps[0]?.toolCalls).toHaveLength(calls.length)
  })

  test('as a whole', async () => {
    const model = otherClientFor(JSON.stringify(body), 'application/json')
    const result = await generateText({ model, prompt: 'Hi', maxRetries: 0 })
    expect(result.text).toBe(textWithRefusals(body))
    expect(result.toolCalls).toHaveLength(calls.length)
  })
})

describe.each(failures)('a failure reaches the caller with Candor’s note: $name', ({ told }) => {
  const problem = told.events.flatMap(event => (event.type === 'failure' ? [event.problem] : []))[0]

  test('in the official client', async () => {
    const failed = await clientFor(streamOf(told))
      .responses.stream(ASK)
      .finalResponse()
      .catch((error: unknown) => error)
    if (!(failed instanceof OpenAI.APIError)) throw new Error(`no error was raised: ${String(failed)}`)
    expect(failed.error).toMatchObject({ candor: { code: problem?.code } })
    expect(failed.message).toContain(problem?.what ?? 'no problem')
  })

  test('in its events', async () => {
    const stream = await clientFor(streamOf(told)).responses.create({ ...ASK, stream: true })
    const read = async () => {
      for await (const event of stream) expect(event.type).not.toBe('response.completed')
    }
    const failed = await read().catch((error: unknown) => error)
    if (!(failed instanceof OpenAI.APIError)) throw new Error(`no error was raised: ${String(failed)}`)
    expect(failed.error).toMatchObject({ candor: { code: problem?.code } })
  })

  test('in the AI SDK', async () => {
    const faults: unknown[] = []
    const model = otherClientFor(streamOf(told))
    const result = streamText({ model, prompt: 'Hi', maxRetries: 0, onError: ({ error }) => void faults.push(error) })
    await result.consumeStream({ onError: () => {} })
    expect(faults.length).toBeGreaterThan(0)
    expect(JSON.stringify(faults.map(String)) + JSON.stringify(faults)).toContain(problem?.what ?? 'no problem')
  })
})
