import { describe, expect, test } from 'bun:test'
import { scanObject } from '../../src/base/json-splice.ts'
import type { JsonObject } from '../../src/base/json-value.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { type CarriedReasoning, packReasoning } from '../../src/canon/reasoning-carrier.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import type { Retargeted } from '../../src/wire/wire-protocol.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function retarget(text: string, quirks: Quirks = {}, model = 'gemini-3-flash'): Retargeted & { readonly text: string } {
  const done = googleGenerativeAi.retarget(encoder.encode(text), model, quirks)
  if (isProblem(done)) throw new Error(done.what)
  return { ...done, text: decoder.decode(done.body) }
}

/** A `thoughtSignature` that holds other providers' reasoning. */
function carrier(...carried: CarriedReasoning[]): string {
  return Buffer.from(carried.map(packReasoning).join(' ')).toString('base64')
}

const claude = carrier({ origin: 'anthropic-messages', signature: 'EpAE' })
const own = carrier({ origin: 'google-generative-ai', signature: 'c2ln' })
const PLACEHOLDER = 'skip_thought_signature_validator'

describe('a body keeps every byte', () => {
  test.each([
    '{}',
    ' { "contents" : [ { "parts":[{"text":"Hi"}] } ] , "n": 1.0 } ',
    '{"model":"models/x","contents":[]}',
    '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"c2ln"}]}]}',
    '{"contents":"Y2FuZG9yMS is only a text here"}',
    `{"contents":[{"role":"user","parts":[{"text":"${claude}"}]}]}`,
  ])('%s', text => {
    expect(retarget(text)).toMatchObject({ text, losses: [] })
  })

  test('and is not looked at twice', () => {
    const body = encoder.encode('{"contents":[]}')
    const known = scanObject(body, [])
    if ('fault' in known) throw new Error(known.fault)
    expect(googleGenerativeAi.retarget(body, 'm', {}, known)).toEqual({ body, losses: [] })
  })
})

describe('what is not one JSON object is refused', () => {
  test.each(['', '[]', '{"contents":[]', '{"contents":[],"contents":[]}', '{} {}'])('%s', text => {
    const refused = googleGenerativeAi.retarget(encoder.encode(text), 'm', {})
    expect(isProblem(refused) && refused.code).toBe('bad_request')
  })
})

describe('the model inside a request for counting', () => {
  test.each([
    ['{"generateContentRequest":{"model":"alias","contents":[]}}', 'gemini-x', '"models/gemini-x"'],
    ['{"generate_content_request":{ "model" : "models/a" }}', 'models/gemini-x', '"models/gemini-x"'],
    ['{"generateContentRequest":{"contents":[]}}', 'gemini-x', undefined],
    ['{"generateContentRequest":"what"}', 'gemini-x', undefined],
  ])('%s', (text, model, name) => {
    const expected = name === undefined ? text : text.replace(/"(?:alias|models\/a)"/, name)
    expect(retarget(text, {}, model)).toMatchObject({ text: expected, losses: [] })
  })
})

/** The contents of a body that holds only the model's parts. */
function modelParts(...parts: JsonObject[]): string {
  return JSON.stringify({ a: 1, contents: [{ parts: [{ text: 'Hi' }] }, { role: 'model', parts }] })
}

const call = { functionCall: { name: 'f', args: { n: 1 } } }
const answer = { text: 'Answer.' }

describe('reasoning of other providers is taken out', () => {
  test.each<[string, JsonObject[], JsonObject[], string[]]>([
    ['a signed thought', [{ text: 'I', thought: true, thoughtSignature: claude }, answer], [answer], ['parts[0]']],
    [
      'a thought in pieces',
      [
        { text: 'I', thought: true },
        { text: ' am', thought: true },
        { text: '', thought: true, thoughtSignature: claude },
        answer,
      ],
      [answer],
      ['parts[2]'],
    ],
    [
      'but not a thought of its own before it',
      [
        { text: 'Own', thought: true, thoughtSignature: 'c2ln' },
        { text: 'I', thought: true, thoughtSignature: claude },
        answer,
      ],
      [{ text: 'Own', thought: true, thoughtSignature: 'c2ln' }, answer],
      ['parts[1]'],
    ],
    ['an empty part', [answer, { text: '', thoughtSignature: claude }], [answer], ['parts[1]']],
    ['on a text', [{ ...answer, thoughtSignature: claude }], [answer], ['parts[0]']],
    ['on a text, first', [{ thoughtSignature: claude, ...answer }], [answer], ['parts[0]']],
    ['on a call', [{ ...call, thoughtSignature: claude }], [{ ...call, thoughtSignature: PLACEHOLDER }], ['parts[0]']],
    [
      'in several carriers',
      [
        {
          ...call,
          thoughtSignature: carrier(
            { origin: 'openai-responses', text: 'a' },
            { origin: 'anthropic-messages', redacted: 'x' },
          ),
        },
      ],
      [{ ...call, thoughtSignature: PLACEHOLDER }],
      ['parts[0]'],
    ],
    ['a broken one', [{ ...answer, thoughtSignature: `${claude.slice(0, 24)}` }], [answer], ['parts[0]']],
    ['its own comes out', [{ ...call, thoughtSignature: own }], [{ ...call, thoughtSignature: 'c2ln' }], []],
  ])('%s', (_, before, after, lost) => {
    const done = retarget(modelParts(...before))
    expect(done.text).toBe(modelParts(...after))
    expect(done.losses).toEqual(
      lost.map(at => ({
        parameter: 'reasoning_history',
        path: `contents[1].${at}.thoughtSignature`,
        kind: 'hint',
        reason: "another protocol's provider wrote it",
      })),
    )
  })

  test('a call needs no placeholder where calls are not signed', () => {
    const quirks: Quirks = { byModel: [{ models: '^gemini-2', quirks: { unsignedCalls: true } }] }
    const text = modelParts({ ...call, thoughtSignature: claude })
    expect(retarget(text, quirks, 'gemini-2.5-pro').text).toBe(modelParts(call))
    expect(retarget(text, quirks, 'gemini-3-pro').text).toBe(modelParts({ ...call, thoughtSignature: PLACEHOLDER }))
  })

  test('contents of which nothing is left go, other bytes stay', () => {
    const text = `{"n": 1.0, "contents" : [ {"parts":[{"text":"a\\u00e9"}]} , {"role":"model","parts":[{"thought_signature" : "${claude}", "text":""}]} ], "m":2 }`
    const done = retarget(text)
    expect(done.text).toBe('{"n": 1.0, "contents" : [{"parts":[{"text":"a\\u00e9"}]}], "m":2 }')
    expect(done.losses.map(loss => loss.path)).toEqual(['contents[1].parts[0].thought_signature'])
  })

  test('inside a request for counting too', () => {
    const whole = `{"model":"m","contents":{"role":"model","parts":{"text":"x","thoughtSignature":"${claude}"}}}`
    const done = retarget(`{"generateContentRequest":${whole}}`, {}, 'gemini-x')
    expect(JSON.parse(done.text)).toEqual({
      generateContentRequest: { model: 'models/gemini-x', contents: [{ role: 'model', parts: [{ text: 'x' }] }] },
    })
    expect(done.losses).toHaveLength(1)
  })
})

describe('counting tokens', () => {
  const { counting } = googleGenerativeAi

  test('has a path of its own', () => {
    expect(counting?.path({ model: 'gemini-x', stream: false })).toBe('/models/gemini-x:countTokens')
    expect(counting?.path({ model: 'models/a b', stream: false })).toBe('/models/a%20b:countTokens')
    expect(counting?.path({ model: 'tunedModels/a', stream: false })).toBe('/tunedModels/a:countTokens')
  })

  test.each<[JsonObject, JsonObject]>([
    [{ contents: [] }, { contents: [] }],
    [{ generateContentRequest: { contents: [1] } }, { contents: [1] }],
    [{ generate_content_request: { contents: [1] } }, { contents: [1] }],
  ])('reads %j', (body, whole) => {
    expect(counting?.completeRequest?.(body)).toEqual(whole)
  })

  test('says when it is an estimate', () => {
    expect(counting?.encodeCount(7, false)).toEqual({ totalTokens: 7 })
    expect(counting?.encodeCount(7, true)).toEqual({ totalTokens: 7, candor: { estimated: true } })
  })
})
