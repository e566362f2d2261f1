import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { isProblem } from '../../src/canon/problem.ts'
import type { CanonRequest, OutputFormat, ReasoningWish, ToolChoice } from '../../src/canon/request.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import { fixtures, golden, jsonOf } from './google-generative-ai-goldens.ts'

describe.each(fixtures('requests'))('request $name', fixture => {
  test('is read as its golden says', () => {
    const read = googleGenerativeAi.decodeRequest(jsonOf(fixture), { model: 'gemini-3-flash', stream: true })
    const { want, got } = golden(fixture, 'canon', read)
    expect(got).toEqual(want)
    expect(isProblem(read)).toBe(fixture.name.startsWith('fault-'))
  })
})

const HELLO = [{ parts: [{ text: 'Hello' }] }]

function read(body: JsonObject): CanonRequest {
  const request = googleGenerativeAi.decodeRequest({ contents: HELLO, ...body })
  if (isProblem(request)) throw new Error(request.what)
  return request
}

describe('the names the path says', () => {
  test('count before what the body says', () => {
    const body = { model: 'models/other', contents: HELLO }
    const named = googleGenerativeAi.decodeRequest(body, { model: 'mine', stream: true })
    expect(named).toMatchObject({ model: 'mine', stream: true, streamUsage: true })
    expect(googleGenerativeAi.decodeRequest(body)).toMatchObject({ model: 'other', stream: false, unknown: [] })
  })
})

describe('which tools may be called', () => {
  const at = 'toolConfig.functionCallingConfig.allowedFunctionNames'

  test.each<[JsonObject, ToolChoice]>([
    [{}, { mode: 'auto' }],
    [{ mode: 'AUTO' }, { mode: 'auto' }],
    [{ mode: 'MODE_UNSPECIFIED' }, { mode: 'auto' }],
    [{ mode: 'NONE' }, { mode: 'none' }],
    [{ mode: 'VALIDATED' }, { mode: 'auto' }],
    [{ mode: 'ANY' }, { mode: 'required' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f'] },
      { mode: 'tool', name: 'f' },
    ],
    [
      { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
      { mode: 'allowed', required: true, names: ['f', 'g'], at },
    ],
    [
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
      { mode: 'allowed', required: false, names: ['f'], at },
    ],
  ])('%j', (functionCallingConfig, choice) => {
    expect(read({ toolConfig: { functionCallingConfig } }).toolChoice).toEqual(choice)
  })

  test.each([
    ['VALIDATED', true],
    ['AUTO', undefined],
  ])('%s says whether arguments obey their schema', (mode, strict) => {
    const { tools } = read({
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
      toolConfig: { functionCallingConfig: { mode } },
    })
    expect(tools).toEqual([
      { type: 'function', name: 'f', at: 'tools[0].functionDeclarations[0]', ...(strict ? { strict } : {}) },
    ])
  })
})

describe('the form of the answer', () => {
  const schema = { type: 'object' }

  test.each<[JsonObject, OutputFormat | undefined]>([
    [{}, undefined],
    [{ responseMimeType: 'text/plain' }, { type: 'text' }],
    [{ responseMimeType: 'application/json' }, { type: 'json' }],
    [
      { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT' } },
      { type: 'json-schema', schema },
    ],
    [
      { responseMimeType: 'application/json', responseJsonSchema: schema },
      { type: 'json-schema', schema },
    ],
    [{ responseJsonSchema: schema }, { type: 'json-schema', schema }],
  ])('%j', (generationConfig, format) => {
    expect(read({ generationConfig }).format).toEqual(format)
  })
})

describe('how much to think', () => {
  const at = 'generationConfig.thinkingConfig'

  test.each<[JsonObject, ReasoningWish | undefined]>([
    [{}, undefined],
    [{ includeThoughts: false }, undefined],
    [{ includeThoughts: true }, { mode: 'adaptive', show: 'auto', at }],
    [{ thinkingBudget: -1 }, { mode: 'adaptive', at }],
    [
      { thinkingBudget: 0, includeThoughts: true },
      { mode: 'off', at },
    ],
    [{ thinkingBudget: 512 }, { mode: 'on', budgetTokens: 512, at }],
    [
      { thinkingLevel: 'HIGH', includeThoughts: false },
      { mode: 'on', effort: 'high', show: 'omitted', at },
    ],
    [{ thinkingLevel: 'low' }, { mode: 'on', effort: 'low', at }],
    [{ thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' }, undefined],
  ])('%j', (thinkingConfig, wish) => {
    expect(read({ generationConfig: { thinkingConfig } }).reasoning).toEqual(wish)
  })
})
