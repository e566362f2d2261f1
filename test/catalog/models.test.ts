import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { PROVIDERS } from '../../src/catalog/index.ts'
import { findModel, modelsOf } from '../../src/catalog/models.ts'
import type { Provider } from '../../src/catalog/provider.ts'
import { rowOf } from './sighting.ts'

const file = readFileSync(new URL('../../src/catalog/models.json', import.meta.url), 'utf8')
const { source, lists }: { source: Record<string, string>; lists: Record<string, Record<string, unknown>[]> } =
  JSON.parse(file)

/** How many models each list has in the pinned version. A new version of the package changes this table, and nothing else should. */
const COUNTS: Readonly<Record<string, number>> = {
  anthropic: 18,
  azure: 45,
  cerebras: 2,
  deepseek: 2,
  fireworks: 27,
  google: 23,
  'google-vertex': 13,
  groq: 7,
  huggingface: 78,
  'kimi-coding': 6,
  minimax: 4,
  'minimax-cn': 4,
  mistral: 34,
  moonshotai: 6,
  'moonshotai-cn': 6,
  nvidia: 20,
  openai: 44,
  opencode: 85,
  'opencode-go': 32,
  openrouter: 403,
  'qwen-token-plan': 21,
  together: 16,
  xai: 4,
  xiaomi: 3,
  'xiaomi-token-plan-sgp': 2,
  zai: 7,
  'zai-coding-cn': 4,
}

describe('models.json', () => {
  test('says where it comes from', () => {
    expect(source).toMatchObject({ licence: 'MIT', package: expect.any(String) })
    expect(source.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(source.date).toMatch(/^20\d\d-\d\d-\d\d$/)
  })

  test('is small enough to read at once', () => {
    expect(file.length).toBeLessThan(500_000)
  })

  test('has the lists of the pinned version', () => {
    expect(Object.fromEntries(Object.entries(lists).map(([list, rows]) => [list, rows.length]))).toEqual({ ...COUNTS })
  })

  test('has no list without a provider', () => {
    const wanted = new Set(PROVIDERS.map(row => row.modelsFrom ?? row.id))
    expect(Object.keys(lists).filter(list => !wanted.has(list))).toEqual([])
  })

  test('knows models of every provider whose list is complete', () => {
    const complete = PROVIDERS.filter(row => row.modelList === 'complete')
    expect(complete.map(row => row.id)).toEqual(['kimi-coding', 'kimi-coding-global'])
    expect(complete.map(row => modelsOf(row).length)).toEqual([6, 6])
  })

  test('gives every list that a row names', () => {
    const named = PROVIDERS.flatMap(row => (row.modelsFrom === undefined ? [] : [row.modelsFrom]))
    expect(named.filter(list => lists[list] === undefined)).toEqual([])
  })
})

describe.each(PROVIDERS.map(row => ({ id: row.id, row })))('models of $id', ({ row }) => {
  test('are well formed', () => {
    const models = modelsOf(row)
    expect(new Set(models.map(model => model.id)).size).toBe(models.length)
    for (const model of models) {
      expect(model.id).not.toBe('')
      for (const tokens of [model.contextWindow ?? 1, model.maxOutputTokens ?? 1]) {
        expect(Number.isSafeInteger(tokens) && tokens > 0).toBe(true)
      }
      for (const [name, price] of Object.entries(model.price ?? {})) {
        if (name !== 'tiers') expect(price).toBeGreaterThanOrEqual(0)
      }
      expect((model.protocols ?? []).filter(id => !row.endpoints.some(({ protocol }) => protocol === id))).toEqual([])
    }
  })
})

describe('known rows', () => {
  test('of a subscription carry no price', () => {
    expect(findModel(rowOf('kimi-coding'), 'kimi-for-coding')).toEqual({
      id: 'kimi-for-coding',
      name: expect.any(String),
      contextWindow: 1_048_576,
      maxOutputTokens: 32_768,
      input: ['image'],
      reasoning: true,
    })
  })

  test('of a metered provider carry one', () => {
    expect(findModel(rowOf('moonshot'), 'kimi-k3')?.price).toEqual({ input: 3, output: 15, cacheRead: 0.3 })
  })

  test.each([
    ['kimi-coding', 'k2p5', 'kimi-for-coding'],
    ['kimi-coding', 'kimi-code', 'kimi-for-coding'],
    ['kimi-coding', 'k3[1m]', 'k3'],
    ['kimi-coding-global', 'k2p5', 'kimi-for-coding'],
    ['deepseek', 'deepseek-v4-flash', 'deepseek-flash'],
    ['kimi-coding', 'gpt-4', undefined],
    ['stepfun', 'step-5-preview', 'step-5-preview'],
  ] as const)('%s %s is %s', (id, asked, found) => {
    expect(findModel(rowOf(id), asked)?.id).toBe(found)
  })

  test('are free only where the name says so', () => {
    const free = PROVIDERS.flatMap(row => modelsOf(row)).filter(model => model.price?.input === 0)
    expect(free.length).toBeGreaterThan(0)
    expect(free.filter(model => model.price?.output === 0 && !/free$/.test(model.id)).map(model => model.id)).toEqual(
      [],
    )
  })

  test('say on which surfaces a gateway serves them', () => {
    expect(findModel(rowOf('opencode'), 'claude-opus-5')?.protocols).toEqual(['anthropic-messages'])
    expect(findModel(rowOf('opencode-go'), 'grok-4.7')?.protocols).toEqual(['openai-responses', 'openai-completions'])
    expect(findModel(rowOf('kimi-coding'), 'k3')?.protocols).toBeUndefined()
  })

  test('written by hand come before those of the file', () => {
    const groq = rowOf('groq')
    const id = modelsOf(groq)[0]?.id ?? ''
    const row: Provider = { ...groq, models: [{ id, name: 'by hand' }, { id: 'new' }] }
    expect(modelsOf(row).map(model => model.id)).toEqual([
      id,
      'new',
      ...modelsOf(groq)
        .slice(1)
        .map(model => model.id),
    ])
    expect(findModel(row, id)?.name).toBe('by hand')
  })
})
