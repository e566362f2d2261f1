import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { JsonObject } from '../../src/base/json-value.ts'
import { isProblem } from '../../src/canon/problem.ts'
import type { CanonRequest, OutputFormat, ReasoningWish, ToolChoice } from '../../src/canon/request.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import type { EncodedRequest } from '../../src/wire/wire-protocol.ts'
import { type Crossing, crossings, fixtures, golden, jsonOf } from './google-generative-ai-goldens.ts'

/** What a fixture of an encoding need not say. */
const BASE: CanonRequest = {
  from: 'openai-completions',
  model: 'gemini-3-flash',
  stream: false,
  streamUsage: true,
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hello', at: 'messages[0].content' }], at: 'messages[0]' }],
  tools: [],
  settings: [],
  unknown: [],
}

describe.each(fixtures('encodings'))('encoding $name', fixture => {
  const { quirks, request } = jsonOf(fixture) as { quirks?: Quirks; request?: Partial<CanonRequest> }

  test('is written as its golden says', () => {
    const written = googleGenerativeAi.encodeRequest({ ...BASE, ...request }, quirks ?? {})
    const { want, got } = golden(fixture, 'wire', written)
    expect(got).toEqual(want)
  })
})

const SOURCES = [openaiCompletions, anthropicMessages]
const CROSSED = SOURCES.flatMap(source => crossings(source.id).map(crossing => ({ ...crossing, source })))

/** The crossing's request as read by its own protocol; undefined if that protocol refuses it. */
function readCrossing({ body, source }: Crossing & { source: (typeof SOURCES)[number] }): CanonRequest | undefined {
  const read = source.decodeRequest(body)
  return isProblem(read) ? undefined : read
}

describe.each(CROSSED.filter(crossing => readCrossing(crossing) !== undefined))('crossing $name', crossing => {
  test('is written as its golden says', () => {
    const read = readCrossing(crossing)
    if (read === undefined) throw new Error('it was refused')
    const { want, got } = golden(crossing, 'wire', googleGenerativeAi.encodeRequest(read, {}))
    expect(got).toEqual(want)
  })
})

test('no golden of a crossing has lost its request', () => {
  const kept = CROSSED.filter(crossing => readCrossing(crossing) !== undefined)
  const dir = dirname(kept[0]?.path ?? '')
  expect(readdirSync(dir).sort()).toEqual(kept.map(({ name }) => `${name}.wire.json`).sort())
})

function write(request: Partial<CanonRequest>, quirks: Quirks = {}): EncodedRequest {
  return googleGenerativeAi.encodeRequest({ ...BASE, ...request }, quirks)
}

const TOOLS: CanonRequest['tools'] = [
  { type: 'function', name: 'f', at: 'tools[0]' },
  { type: 'function', name: 'g', at: 'tools[1]' },
]

describe('which tools may be called', () => {
  const at = 'tool_choice'

  test.each<[ToolChoice, JsonObject]>([
    [{ mode: 'auto' }, { mode: 'AUTO' }],
    [{ mode: 'none' }, { mode: 'NONE' }],
    [{ mode: 'required' }, { mode: 'ANY' }],
    [
      { mode: 'tool', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { mode: 'allowed', required: true, names: ['f', 'g'], at },
      { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
    ],
    [
      { mode: 'allowed', required: false, names: ['g'], at },
      { mode: 'VALIDATED', allowedFunctionNames: ['g'] },
    ],
  ])('%j', (toolChoice, functionCallingConfig) => {
    const written = write({ tools: TOOLS, toolChoice })
    expect(written.body.toolConfig).toEqual({ functionCallingConfig })
    expect(written.losses).toEqual([])
  })

  test.each<[ToolChoice, string[]]>([
    [{ mode: 'auto' }, []],
    [{ mode: 'none' }, []],
    [{ mode: 'required' }, ['tool_choice']],
  ])('%j without tools', (toolChoice, lost) => {
    const written = write({ toolChoice })
    expect(written.body.toolConfig).toBeUndefined()
    expect(written.losses.map(loss => loss.parameter)).toEqual(lost)
  })

  test('a forced choice is lost where it is refused', () => {
    const written = write({ tools: TOOLS, toolChoice: { mode: 'required' } }, { noForcedToolChoice: true })
    expect(written.body.toolConfig).toBeUndefined()
    expect(written.losses.map(loss => loss.parameter)).toEqual(['tool_choice'])
  })

  test.each<[Partial<CanonRequest>, string[]]>([
    [{ tools: TOOLS, parallelTools: false }, ['parallel_tools']],
    [{ tools: TOOLS, parallelTools: true }, []],
    [{ tools: TOOLS, parallelTools: false, toolChoice: { mode: 'none' } }, []],
    [{ parallelTools: false }, []],
  ])('one call at most: %j', (request, lost) => {
    expect(write(request).losses.map(loss => loss.parameter)).toEqual(lost)
  })
})

describe('the form of the answer', () => {
  test.each<[OutputFormat, JsonObject]>([
    [{ type: 'text' }, { responseMimeType: 'text/plain' }],
    [{ type: 'json' }, { responseMimeType: 'application/json' }],
    [
      { type: 'json-schema', schema: { anyOf: [{ const: 1 }] } },
      { responseMimeType: 'application/json', responseJsonSchema: { anyOf: [{ enum: [1] }] } },
    ],
  ])('%j', (format, generationConfig) => {
    expect(write({ format })).toMatchObject({ body: { generationConfig }, losses: [], assumptions: [] })
  })
})

const at = 'reasoning'

/** What is written for a wish: the thinkingConfig, the names of what is lost, the values assumed. */
type Thinking = [Quirks, ReasoningWish, JsonObject | undefined, string[], string[]]

describe('how much to think', () => {
  const budget: Quirks = { thinkingConfig: 'budget', thinkingBudgets: [128, 24_576] }

  test.each<Thinking>([
    [{}, { mode: 'on', effort: 'high', at }, { thinkingLevel: 'HIGH' }, [], []],
    [{}, { mode: 'on', effort: 'xhigh', at }, { thinkingLevel: 'HIGH' }, ['reasoning_effort'], []],
    [
      { efforts: ['low', 'high'] },
      { mode: 'on', effort: 'minimal', at },
      { thinkingLevel: 'LOW' },
      ['reasoning_effort'],
      [],
    ],
    [
      {},
      { mode: 'on', budgetTokens: 20_000, at },
      { thinkingLevel: 'HIGH', includeThoughts: true },
      [],
      ['HIGH', 'true'],
    ],
    [
      {},
      { mode: 'on', budgetTokens: 500, show: 'omitted', at },
      { thinkingLevel: 'LOW', includeThoughts: false },
      [],
      ['LOW'],
    ],
    [{}, { mode: 'off', at }, { thinkingLevel: 'MINIMAL' }, ['reasoning'], []],
    [{}, { mode: 'adaptive', at }, { includeThoughts: true }, [], ['true']],
    [{}, { mode: 'adaptive', show: 'summarized', at }, { includeThoughts: true }, [], []],
    [{}, { mode: 'adaptive', effort: 'low', at }, { thinkingLevel: 'LOW', includeThoughts: true }, [], ['true']],
    [{}, { mode: 'on', effort: 'low', show: 'none', at }, { thinkingLevel: 'LOW', includeThoughts: false }, [], []],
    [budget, { mode: 'on', effort: 'medium', at }, { thinkingBudget: 16_384 }, [], ['16384']],
    [budget, { mode: 'on', effort: 'max', at }, { thinkingBudget: 24_576 }, [], ['24576']],
    [
      budget,
      { mode: 'on', budgetTokens: 2000, show: 'auto', at },
      { thinkingBudget: 2000, includeThoughts: true },
      [],
      [],
    ],
    [
      budget,
      { mode: 'on', budgetTokens: 90_000, show: 'auto', at },
      { thinkingBudget: 24_576, includeThoughts: true },
      ['reasoning_effort'],
      [],
    ],
    [budget, { mode: 'adaptive', show: 'auto', at }, { thinkingBudget: -1, includeThoughts: true }, [], []],
    [budget, { mode: 'off', at }, { thinkingBudget: 0 }, [], []],
    [{ ...budget, reasoningAlwaysOn: true }, { mode: 'off', at }, { thinkingBudget: 128 }, ['reasoning'], []],
    [{ thinkingConfig: 'none' }, { mode: 'on', effort: 'low', at }, undefined, ['reasoning'], []],
    [{ thinkingConfig: 'none' }, { mode: 'off', at }, undefined, [], []],
  ])('%j %j', (quirks, reasoning, thinkingConfig, lost, assumed) => {
    const written = write({ reasoning }, quirks)
    const config = written.body.generationConfig as JsonObject | undefined
    expect(config?.thinkingConfig).toEqual(thinkingConfig)
    expect(written.losses.map(loss => loss.parameter)).toEqual(lost)
    expect(written.assumptions.map(assumption => assumption.value)).toEqual(assumed)
  })
})
