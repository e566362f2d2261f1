import { describe, expect, test } from 'bun:test'
import { PARAMETERS } from '../../src/canon/parameters.ts'
import { geminiModels } from '../../src/catalog/gemini-models.ts'
import { PROVIDERS } from '../../src/catalog/index.ts'
import { type Quirks, quirksOfModel } from '../../src/wire/quirks.ts'

const OLDER: Quirks = {
  thinkingConfig: 'budget',
  thinkingBudgets: [0, 24_576],
  unsignedCalls: true,
  noResultMedia: true,
  noPartResolution: true,
  noFormatBesideTools: true,
}
const OLDEST: Quirks = { ...OLDER, thinkingConfig: 'none', imagesInlineOnly: true }
const FROM_LOW: Quirks = { efforts: ['low', 'medium', 'high'] }

describe('the quirks of a Gemini model', () => {
  test.each<[string, Quirks]>([
    ['gemini-1.5-flash', OLDEST],
    ['gemini-2.0-flash-001', OLDEST],
    ['gemini-2.5-flash', OLDER],
    ['models/gemini-2.5-flash', OLDER],
    ['gemini-2.5-flash-lite', { ...OLDER, thinkingBudgets: [512, 24_576] }],
    ['gemini-2.5-pro', { ...OLDER, thinkingBudgets: [128, 32_768], reasoningAlwaysOn: true }],
    ['gemma-4-31b-it', OLDER],
    ['gemini-3-flash-preview', {}],
    ['gemini-3.6-flash', {}],
    ['gemini-3.7-flash', FROM_LOW],
    ['gemini-3.8-flash-lite', {}],
    ['gemini-flash-latest', FROM_LOW],
    ['gemini-flash-lite-latest', {}],
    ['gemini-3.1-pro-preview', FROM_LOW],
    ['gemini-pro-latest', FROM_LOW],
    ['gemini-3-pro-image-preview', { ...FROM_LOW, thinkingConfig: 'budget', thinkingBudgets: [0, 32_768] }],
    ['gemini-4-argon', {}],
    ['gemini-20-nova', {}],
  ])('%s', (model, quirks) => {
    expect(quirksOfModel({ byModel: geminiModels }, model)).toEqual(quirks)
  })

  test('lie over what holds for all models', () => {
    expect(quirksOfModel({ noCallIds: true, byModel: geminiModels }, 'gemini-3-flash')).toEqual({ noCallIds: true })
    expect(quirksOfModel({ noCallIds: true }, 'gemini-3-flash')).toEqual({ noCallIds: true })
  })
})

test('every surface that speaks Gemini tells its generations apart, and refuses only what has a name', () => {
  const surfaces = PROVIDERS.flatMap(row => row.endpoints.filter(one => one.protocol === 'google-generative-ai'))
  expect(surfaces.length).toBeGreaterThan(2)
  for (const { quirks } of surfaces) {
    expect(quirks?.byModel?.slice(0, geminiModels.length)).toEqual([...geminiModels])
    const refused = [quirks, ...(quirks?.byModel ?? []).map(entry => entry.quirks)].flatMap(one => one?.refuses ?? [])
    expect(refused.filter(name => !Object.hasOwn(PARAMETERS, name))).toEqual([])
  }
})
