import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { OWN_USER_AGENT } from '../../src/base/version.ts'
import { isProblem, type Problem } from '../../src/canon/problem.ts'
import { PROTOCOL_IDS } from '../../src/canon/protocol.ts'
import type { KeptBodies } from '../../src/ledger/kept-bodies.ts'
import { JSON_ARRAY, SSE } from '../../src/pipeline/framing.ts'
import { type Replayed, replayCall } from '../../src/pipeline/replay-call.ts'
import { bodiesAt, wholeBody } from '../ledger/bodies-of-calls.ts'
import { openScriptedHouse, type ScriptedHouse } from './scripted-house.ts'

let at: ScriptedHouse
beforeAll(async () => {
  at = await openScriptedHouse({ config: {}, script: () => ({ type: 'silent' }) })
})
afterAll(() => at.close())

const bodyOf = (replayed: Replayed | Problem) =>
  isProblem(replayed) ? replayed.code : Buffer.from(replayed.body).toString()

/** A kept call with this body. */
const keptCall = (body: string, changes: Partial<KeptBodies> = {}) =>
  bodiesAt(1_000, { request: wholeBody(body), ...changes })

/** Spaces, unknown fields and the order of fields are the client's. */
const BODY = '{ "stream":true, "model" : "a/m","unknown": [1.0, {"model":"x"}] , "seed":1}'
const RENAMED = '{ "stream":true, "model" : "b/n","unknown": [1.0, {"model":"x"}] , "seed":1}'

describe('a call is made again', () => {
  test.each([...PROTOCOL_IDS])('as it was: %s', protocol => {
    const names = protocol === 'google-generative-ai' ? { names: { model: 'a/m', stream: true } } : {}
    const kept = keptCall(BODY, { protocol, ...names, headers: { 'anthropic-beta': 'x', 'candor-allow-loss': 'seed' } })
    const replayed = replayCall(kept, undefined, at.house)
    if (isProblem(replayed)) throw new Error(replayed.what)
    expect(replayed).toMatchObject({ replayOf: kept.id, operation: 'generate', framing: SSE, ...names })
    expect(replayed.protocol.id).toBe(protocol)
    expect(replayed.body).toBe(kept.request.data)
    expect('names' in replayed).toBe('names' in kept)
    expect(Object.fromEntries(replayed.headers)).toEqual({
      'anthropic-beta': 'x',
      'candor-allow-loss': 'seed',
      'user-agent': OWN_USER_AGENT,
      'candor-cache': 'no-store',
    })
  })

  test.each(['openai-completions', 'openai-responses', 'anthropic-messages'] as const)(
    'with another model where the body names it, and nothing else is changed: %s',
    protocol => {
      expect(bodyOf(replayCall(keptCall(BODY, { protocol }), 'b/n', at.house))).toBe(RENAMED)
    },
  )

  test('with another model where the path names it: the body stays as it was', () => {
    const kept = keptCall(BODY, { protocol: 'google-generative-ai', names: { model: 'a/m', stream: true } })
    const replayed = replayCall(kept, 'b/n', at.house)
    expect(replayed).toMatchObject({ names: { model: 'b/n', stream: true }, body: kept.request.data })
  })

  test.each(['embed', 'count-tokens'] as const)('by what it was to do: %s', operation => {
    const protocol = operation === 'embed' ? 'openai-completions' : 'anthropic-messages'
    const replayed = replayCall(keptCall('{"model":"a/v","input":"x"}', { operation, protocol }), 'b/v', at.house)
    expect(replayed).toMatchObject({ operation })
    expect(JSON.parse(bodyOf(replayed))).toEqual({ model: 'b/v', input: 'x' })
  })

  test('as one JSON array, where its client wanted that', () => {
    const names = { model: 'a/m', stream: true }
    const kept = keptCall('{}', { protocol: 'google-generative-ai', names, jsonArray: true })
    expect(replayCall(kept, undefined, at.house)).toMatchObject({ framing: JSON_ARRAY, names })
  })

  test.each(['{"messages":[]}', '{ }'])('with a model where none was named: %s', body => {
    expect(JSON.parse(bodyOf(replayCall(keptCall(body), 'b/n', at.house)))).toEqual({
      ...JSON.parse(body),
      model: 'b/n',
    })
  })

  test('with a model whose name is to be escaped', () => {
    expect(JSON.parse(bodyOf(replayCall(keptCall(BODY), 'b/"\\\u0001', at.house))).model).toBe('b/"\\\u0001')
  })
})

describe('a call is not made again', () => {
  test('of which only the beginning was kept', () => {
    const kept = keptCall(BODY, { request: { ...wholeBody(BODY), bytes: 1_000 } })
    for (const model of [undefined, 'b/n'])
      expect(replayCall(kept, model, at.house)).toMatchObject({
        code: 'bad_request',
        why: expect.stringContaining('bodies.bytesMax'),
      })
  })

  test.each([
    ['body', {}],
    ['path', { protocol: 'google-generative-ai', names: { model: 'a/m', stream: false } }],
  ] as const)(
    'with a model without a name, which might lead to another than was meant: in the %s',
    (_where, changes) => {
      expect(bodyOf(replayCall(keptCall(BODY, changes), '', at.house))).toBe('bad_request')
    },
  )

  test.each(['', '[]', '{"model":', 'x'])('with another model, if it was no request: %p', body => {
    expect(bodyOf(replayCall(keptCall(body), 'b/n', at.house))).toBe('bad_request')
  })
})
