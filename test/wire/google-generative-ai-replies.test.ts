import { describe, expect, test } from 'bun:test'
import { asArray, asObject, type JsonValue } from '../../src/base/json-value.ts'
import { faultIn } from '../../src/canon/grammar.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import type { ReplyContext } from '../../src/wire/wire-protocol.ts'
import { fixtures, golden, jsonOf } from './google-generative-ai-goldens.ts'
import { sameReply, toldReply } from './google-generative-ai-laws.ts'

const CONTEXT: ReplyContext = { requestId: 'req_1', model: 'asked/model', createdSeconds: 1, streamUsage: true }

describe('whole replies are read', () => {
  test.each(fixtures('replies').map(fixture => [fixture.name, fixture] as const))('%s', (_, fixture) => {
    const events = googleGenerativeAi.decodeReply(jsonOf(fixture))
    expect(faultIn(events)).toBeUndefined()
    const { want, got } = golden(fixture, 'canon', events)
    expect(got).toEqual(want)
  })

  test.each(fixtures('replies').map(fixture => [fixture.name, fixture] as const))('%s, written again', (_, fixture) => {
    const events = googleGenerativeAi.decodeReply(jsonOf(fixture))
    const { body, unsaid } = googleGenerativeAi.encodeReply(events, CONTEXT)
    const { want, got } = golden(fixture, 'wire', { body, unsaid })
    expect(got).toEqual(want)
    const again = googleGenerativeAi.decodeReply(body)
    if (events.at(-1)?.type === 'failure') expect(again.map(event => event.type)).toEqual(['failure'])
    else expect(sameReply(again)).toEqual(sameReply(events))
  })
})

describe('the next turn brings back what another provider signed', () => {
  const told = fixtures('told').find(({ name }) => name === 'reasoning-signed-before-calls')
  const { events, from } = told === undefined ? { events: [], from: undefined } : toldReply(told)
  const context = from === undefined ? CONTEXT : { ...CONTEXT, from }
  const { body } = googleGenerativeAi.encodeReply(events, context)
  const parts = asArray(asObject(asObject(asArray(body.candidates)[0])?.content)?.parts)
  const signed = { type: 'reasoning', text: 'Let me see', signature: 'EpAE', origin: 'anthropic-messages' }
  const sealed = { type: 'reasoning', text: '', redacted: 'c2VhbGVk', origin: 'anthropic-messages' }

  /** Texts as they come in a stream: cut, and with the signature in a part of its own. */
  const cut = parts.flatMap(part => {
    const { thoughtSignature, ...rest } = asObject(part) ?? {}
    if (rest.thought !== true || rest.text === '') return [part]
    return [
      { ...rest, text: 'Let me ' },
      { ...rest, text: 'see' },
      { ...rest, text: '', thoughtSignature },
    ]
  })
  const cases: readonly [string, readonly JsonValue[]][] = [
    ['all of it', parts],
    ['in the pieces of a stream', cut],
    ['without the thoughts', parts.filter(part => asObject(part)?.thought !== true)],
  ]

  test.each(cases)('%s', (_, kept) => {
    const contents = [
      { role: 'user', parts: [{ text: 'Hi' }] },
      { role: 'model', parts: kept },
    ]
    const request = googleGenerativeAi.decodeRequest({ contents }, { model: 'm', stream: false })
    if (isProblem(request)) throw new Error(request.what)
    const said = request.turns.find(turn => turn.role === 'assistant')?.parts ?? []
    expect(said.filter(part => part.type === 'reasoning')).toMatchObject([signed, sealed])
    expect(said.filter(part => part.type === 'tool-call')).toMatchObject([{ id: 'toolu_1' }, { id: 'toolu_2' }])
    const { body: sent, losses } = anthropicMessages.encodeRequest(request, {})
    expect(losses).toEqual([])
    expect(JSON.stringify(sent)).toContain('"thinking":"Let me see","signature":"EpAE"')
  })
})

describe('the path', () => {
  const cases: readonly [string, boolean, string][] = [
    ['gemini-x', false, '/models/gemini-x:generateContent'],
    ['gemini-x', true, '/models/gemini-x:streamGenerateContent?alt=sse'],
    ['models/gemini-x', true, '/models/gemini-x:streamGenerateContent?alt=sse'],
    ['tunedModels/mine', false, '/tunedModels/mine:generateContent'],
    ['google/gemini-x', false, '/models/google%2Fgemini-x:generateContent'],
    ['a:b?c#d', false, '/models/a%3Ab%3Fc%23d:generateContent'],
    ['tunedModels/../../v1/secrets', false, '/tunedModels/..%2F..%2Fv1%2Fsecrets:generateContent'],
    ['half \ud83c', false, '/models/half%20%EF%BF%BD:generateContent'],
  ]
  test.each(cases)('%s, stream %p: %s', (model, stream, path) => {
    expect(googleGenerativeAi.path({ model, stream })).toBe(path)
    const url = new URL(`https://host.example/v1beta${googleGenerativeAi.path({ model, stream })}`)
    expect(url.pathname + url.search).toBe(`/v1beta${path}`)
  })
})
