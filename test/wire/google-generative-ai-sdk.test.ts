import { describe, expect, test } from 'bun:test'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { ApiError, type GenerateContentResponse, GoogleGenAI, type Part } from '@google/genai'
import { generateText, streamText } from 'ai'
import { asArray, asObject, type JsonObject } from '../../src/base/json-value.ts'
import { formatSse } from '../../src/base/sse.ts'
import type { Event } from '../../src/canon/event.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { type Fixture, fixtures } from './google-generative-ai-goldens.ts'
import { toldReply } from './google-generative-ai-laws.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'm', createdSeconds: 1, streamUsage: true }
const ASK = { model: 'gemini-x', contents: 'Hi' }

/** A client's `fetch` that gives these bytes to whatever is asked. */
function answering(body: string, type: string, status = 200) {
  return async () => new Response(body, { status, headers: { 'content-type': type } })
}

/** The official client, with these bytes as the answer. */
function clientFor(body: string, type: string, status = 200): GoogleGenAI {
  return new GoogleGenAI({ apiKey: 'test', httpOptions: { fetch: answering(body, type, status) } })
}

interface Answers {
  readonly events: readonly Event[]
  readonly stream: string
  readonly whole: JsonObject
}

/** A told fixture as a stream with a heartbeat before each event, and whole. */
function answersOf(fixture: Fixture): Answers {
  const { events, from } = toldReply(fixture)
  const encoder = googleGenerativeAi.openEncoder({ ...CONTEXT, from })
  const frames = events.flatMap(event => [...encoder.push(event)])
  return {
    events,
    stream: frames.map(frame => `: candor\n\n${formatSse(frame)}`).join(''),
    whole: googleGenerativeAi.encodeReply(events, { ...CONTEXT, from }).body,
  }
}

function named(name: string): Fixture {
  const found = fixtures('told').find(fixture => fixture.name === name)
  if (found === undefined) throw new Error(`no fixture ${name}`)
  return found
}

async function chunksOf(body: string): Promise<GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = []
  for await (const chunk of await clientFor(body, 'text/event-stream').models.generateContentStream(ASK))
    chunks.push(chunk)
  return chunks
}

/** The parts of the first candidate, with neighbouring texts of one kind put together and empty ones left out. */
function partsOf(lists: readonly (readonly Part[])[]): JsonObject[] {
  const joined: Record<string, unknown>[] = []
  for (const part of lists.flat()) {
    const last = joined.at(-1)
    const isText = typeof part.text === 'string' && typeof last?.text === 'string' && last.thought === part.thought
    if (last !== undefined && isText && last.thoughtSignature === undefined)
      Object.assign(last, part, { text: `${String(last.text)}${part.text}` })
    else if (part.text !== '' || part.thoughtSignature !== undefined) joined.push({ ...part })
  }
  return JSON.parse(JSON.stringify(joined))
}

const complete = fixtures('told').filter(({ name }) => !name.startsWith('failure'))

describe('the official client understands what is told', () => {
  test.each(complete.map(fixture => [fixture.name, fixture] as const))('%s', async (_, fixture) => {
    const { stream, whole } = answersOf(fixture)
    const chunks = await chunksOf(stream)
    const answer = await clientFor(JSON.stringify(whole), 'application/json').models.generateContent(ASK)
    const parts = partsOf(chunks.map(chunk => chunk.candidates?.[0]?.content?.parts ?? []))
    expect(parts).toEqual(partsOf([answer.candidates?.[0]?.content?.parts ?? []]))
    expect(JSON.parse(JSON.stringify(answer.candidates?.[0]?.content?.parts ?? []))).toEqual(
      asArray(asObject(asObject(asArray(whole.candidates)[0])?.content)?.parts),
    )
    const last = chunks.at(-1)
    expect(last?.candidates?.[0]?.finishReason).toBe(answer.candidates?.[0]?.finishReason)
    expect(last?.candidates?.[0]?.finishReason).toBeString()
    expect(last?.usageMetadata).toEqual(answer.usageMetadata)
    expect(last?.responseId).toBe(answer.responseId)
  })

  test('a function call comes with its arguments and its signature', async () => {
    const chunks = await chunksOf(answersOf(named('reasoning-signed-before-calls')).stream)
    const calls = chunks.flatMap(chunk => chunk.functionCalls ?? [])
    expect(calls).toEqual([
      { id: 'toolu_1', name: 'read', args: { path: 'a' } },
      { id: 'toolu_2', name: 'read', args: { path: 'b' } },
    ])
    const signed = chunks
      .flatMap(chunk => chunk.candidates?.[0]?.content?.parts ?? [])
      .filter(part => part.functionCall)
    expect(signed.map(part => part.thoughtSignature !== undefined)).toEqual([true, false])
  })

  test('a conversation keeps what was said, for the next turn', async () => {
    const { stream } = answersOf(named('reasoning-signed-before-calls'))
    const chat = clientFor(stream, 'text/event-stream').chats.create({ model: 'gemini-x' })
    for await (const chunk of await chat.sendMessageStream({ message: 'Hi' })) expect(chunk.responseId).toBe('msg_1')
    const kept = chat.getHistory(true).filter(content => content.role === 'model')
    const names = kept.flatMap(content => content.parts ?? []).map(part => part.functionCall?.name)
    expect(names.filter(name => name !== undefined)).toEqual(['read', 'read'])
  })

  test('a failure in the middle is thrown behind what was said, with Candor’s note', async () => {
    const seen: string[] = []
    const { stream } = answersOf(named('failure-in-the-middle'))
    const running = await clientFor(stream, 'text/event-stream').models.generateContentStream(ASK)
    const read = async () => {
      for await (const chunk of running) seen.push(chunk.text ?? '')
    }
    const failed = await read().catch((error: unknown) => error)
    if (!(failed instanceof ApiError)) throw new Error('no error was raised')
    expect(seen).toEqual(['Hel'])
    expect(failed.status).toBe(502)
    expect(failed.message).toContain('"code":"stream_truncated"')
  })

  test('a failure before any output is thrown too, in a stream and as a status', async () => {
    const { stream } = answersOf(named('failure-first'))
    const streamed = await chunksOf(stream).catch((error: unknown) => error)
    const body = stream.replace(/^: candor\n\ndata: /, '')
    const asked = clientFor(body, 'application/json', 503).models.generateContent(ASK)
    const whole = await asked.catch((error: unknown) => error)
    for (const failed of [streamed, whole]) {
      if (!(failed instanceof ApiError)) throw new Error('no error was raised')
      expect(failed.status).toBe(503)
      expect(failed.message).toContain('"code":"overloaded"')
    }
  })
})

/** The client of the AI SDK, with these bytes as the answer. */
function modelFor(body: string, type: string) {
  return createGoogleGenerativeAI({ apiKey: 'test', fetch: Object.assign(answering(body, type), { preconnect() {} }) })(
    'gemini-x',
  )
}

/** What the AI SDK says for the words that are written here. */
const UNIFIED: Readonly<Record<string, string>> = { STOP: 'stop', MAX_TOKENS: 'length', SAFETY: 'content-filter' }

describe('the client of the AI SDK understands what is told', () => {
  test.each(complete.map(fixture => [fixture.name, fixture] as const))('%s', async (_, fixture) => {
    const { stream, whole } = answersOf(fixture)
    const told = streamText({ model: modelFor(stream, 'text/event-stream'), prompt: 'Hi', maxRetries: 0 })
    const model = modelFor(JSON.stringify(whole), 'application/json')
    const answer = await generateText({ model, prompt: 'Hi', maxRetries: 0 })
    expect(await told.text).toBe(answer.text)
    expect(await told.reasoningText).toBe(answer.reasoningText)
    const calls = (await told.toolCalls).map(({ toolName, input }) => [toolName, input])
    expect(calls).toEqual(answer.toolCalls.map(({ toolName, input }) => [toolName, input]))
    const finish = String(asObject(asArray(whole.candidates)[0])?.finishReason)
    const reason = calls.length > 0 ? 'tool-calls' : (UNIFIED[finish] ?? 'other')
    expect([await told.finishReason, answer.finishReason]).toEqual([reason, reason] as ['stop', 'stop'])
    expect((await told.usage).outputTokens).toBe(answer.usage.outputTokens)
  })
})
