import type { ModelQuirks } from '../wire/quirks.ts'

/**
 * What sets generations of Gemini apart on the wire. An id nobody knows is taken for one of the newest: ids are open-ended, and only older ones
 * want older words. After ai.google.dev (thinking, thought signatures, file input methods) and the model table of @ai-sdk/google 4.
 */
export const geminiModels: readonly ModelQuirks[] = [
  {
    models: '(?:^|/)(?:gemini-(?:[12](?:[.-]|$)|robotics-er-1)|gemma-)',
    quirks: {
      thinkingConfig: 'budget',
      thinkingBudgets: [0, 24_576],
      unsignedCalls: true,
      noResultMedia: true,
      noPartResolution: true,
      noFormatBesideTools: true,
    },
  },
  { models: '(?:^|/)gemini-(?:1|2\\.0)', quirks: { thinkingConfig: 'none', imagesInlineOnly: true } },
  { models: '(?:^|/)gemini-2\\.5-pro', quirks: { thinkingBudgets: [128, 32_768], reasoningAlwaysOn: true } },
  { models: '(?:^|/)gemini-2\\.5-flash-lite', quirks: { thinkingBudgets: [512, 24_576] } },
  {
    models: '(?:^|/)gemini-(?:[3-9](?:\\.\\d+)?-pro|pro-latest)',
    quirks: { efforts: ['low', 'medium', 'high'] },
  },
  {
    models: '(?:^|/)gemini-(?:(?:3\\.[7-9]|[4-9](?:\\.\\d+)?)-flash(?!-lite)|flash-latest)',
    quirks: { efforts: ['low', 'medium', 'high'] },
  },
  {
    models: '(?:^|/)gemini-3(?:\\.\\d+)?-pro-image',
    quirks: { thinkingConfig: 'budget', thinkingBudgets: [0, 32_768] },
  },
]
