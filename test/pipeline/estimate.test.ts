import { afterAll, describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { estimator } from '../../src/pipeline/estimate.ts'
import { canonReader } from '../../src/pipeline/prepare.ts'
import { callOf, openScriptedHouse } from './scripted-house.ts'

const server = (host: string, billing: string, models: JsonObject[]) => ({
  baseUrl: `https://${host}.test/v1`,
  api: 'openai-completions',
  billing,
  apiKey: 'sk-1',
  models,
})
const usd = (input: number, output: number) => ({ price: { input, output } })

const at = await openScriptedHouse({
  config: {
    models: {
      providers: {
        cheap: server('cheap', 'metered', [{ id: 'm', maxOutputTokens: 1_000, ...usd(1, 10) }]),
        dear: server('dear', 'metered', [{ id: 'm', ...usd(2, 20) }, { id: 'unpriced' }]),
        strict: {
          ...server('strict', 'metered', [{ id: 'm', maxOutputTokens: 128_000, ...usd(1, 10) }]),
          api: 'anthropic-messages',
          baseUrl: 'https://strict.test',
        },
        plan: server('plan', 'plan', [{ id: 'm', maxOutputTokens: 4_000 }]),
      },
    },
    routes: {
      both: { targets: ['cheap/m', 'dear/m'] },
      'plan-first': { targets: ['plan/m', 'cheap/m'] },
      unknown: { targets: ['cheap/m', 'dear/unpriced'] },
    },
  },
  script: () => ({ type: 'answer' }),
})
afterAll(() => at.close())

function estimate(model: string, body: JsonObject, operation: 'generate' | 'count-tokens' | 'embed' = 'generate') {
  const course = at.house.directory.course(model)
  if (isProblem(course)) throw new Error(course.what)
  const call = { ...callOf({ model, body }, 'req_1', at.clock), operation }
  return estimator(call, course, canonReader(call))()
}

/** 380 characters: a hundred tokens, four for the turn, and fifteen per cent above that. */
const SAID = { messages: [{ role: 'user', content: 'x'.repeat(380) }] }
const INPUT = 120

describe('what a call may use at most', () => {
  test.each([
    {
      about: "the client's limit",
      model: 'cheap/m',
      body: { max_tokens: 50 },
      output: 50,
      nanoUsd: INPUT * 1_000 + 50 * 10_000,
    },
    { about: "else the model's", model: 'cheap/m', body: {}, output: 1_000, nanoUsd: INPUT * 1_000 + 1_000 * 10_000 },
    { about: 'else eight thousand', model: 'dear/m', body: {}, output: 8_192, nanoUsd: INPUT * 2_000 + 8_192 * 20_000 },
    {
      about: 'else what is sent where one is demanded',
      model: 'strict/m',
      body: {},
      output: 32_768,
      nanoUsd: INPUT * 1_000 + 32_768 * 10_000,
    },
    {
      about: 'for every answer asked for',
      model: 'cheap/m',
      body: { max_tokens: 50, n: 4 },
      output: 200,
      nanoUsd: INPUT * 1_000 + 200 * 10_000,
    },
    {
      about: 'at the dearest target',
      model: 'both',
      body: { max_tokens: 50 },
      output: 50,
      nanoUsd: INPUT * 2_000 + 50 * 20_000,
    },
    {
      about: 'at the metered one of a route that begins with a plan',
      model: 'plan-first',
      body: { max_tokens: 50 },
      output: 50,
      nanoUsd: INPUT * 1_000 + 50 * 10_000,
    },
    { about: 'nothing where none is metered', model: 'plan/m', body: { max_tokens: 50 }, output: 50, nanoUsd: 0 },
    { about: 'unknown where a price is', model: 'unknown', body: { max_tokens: 50 }, output: 50, nanoUsd: undefined },
  ])('$about', ({ model, body, output, nanoUsd }) => {
    expect(estimate(model, { ...SAID, ...body })).toEqual({ inputTokens: INPUT, outputTokens: output, nanoUsd })
  })

  test('counting tokens uses and costs nothing, and embeddings have no output', () => {
    expect(estimate('cheap/m', SAID, 'count-tokens')).toEqual({ inputTokens: 0, outputTokens: 0, nanoUsd: 0 })
    expect(estimate('cheap/m', { input: 'x'.repeat(4_000) }, 'embed').outputTokens).toBe(0)
  })

  test('a body that is no conversation counts by its bytes', () => {
    const { inputTokens } = estimate('cheap/m', { messages: 'x'.repeat(4_000) })
    expect(inputTokens).toBeGreaterThanOrEqual(1_150)
    expect(inputTokens).toBeLessThan(1_200)
  })
})
