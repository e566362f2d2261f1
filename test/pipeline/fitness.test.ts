import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { openScriptedHouse } from './scripted-house.ts'

const say = (...content: JsonObject[]): JsonObject => ({ messages: [{ role: 'user', content }], max_tokens: 10 })
const TEXT = say({ type: 'text', text: 'Hello' })
const IMAGE = say({ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } })
const PDF = say({ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } })
const AUDIO = say({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } })
/** About a thousand tokens. */
const LONG = say({ type: 'text', text: 'x'.repeat(3_800) })

const BLIND = { input: ['text'] }
const SEEING = { input: ['text', 'image'] }
const NO_IMAGE = 'the model takes no image input'

interface Fit {
  readonly about: string
  readonly first: JsonObject
  readonly body: JsonObject
  readonly fallbackOn: readonly string[]
  readonly asked: readonly string[]
  /** Why the first model was passed over. */
  readonly passed?: string
}

const BOTH = ['untranslatable', 'context_too_long']

const FITS: readonly Fit[] = [
  { about: 'text', first: BLIND, body: TEXT, fallbackOn: BOTH, asked: ['first'] },
  {
    about: 'an image for a model without eyes',
    first: BLIND,
    body: IMAGE,
    fallbackOn: BOTH,
    asked: ['second'],
    passed: NO_IMAGE,
  },
  {
    about: 'an image, where the route does not move for it',
    first: BLIND,
    body: IMAGE,
    fallbackOn: ['overloaded'],
    asked: ['first'],
  },
  { about: 'an image for one that sees', first: SEEING, body: IMAGE, fallbackOn: BOTH, asked: ['first'] },
  { about: 'an image for one of which nothing is known', first: {}, body: IMAGE, fallbackOn: BOTH, asked: ['first'] },
  { about: 'a document for one that sees', first: SEEING, body: PDF, fallbackOn: BOTH, asked: ['first'] },
  {
    about: 'a document for one without eyes',
    first: BLIND,
    body: PDF,
    fallbackOn: BOTH,
    asked: ['second'],
    passed: 'the model takes no pdf input',
  },
  {
    about: 'audio',
    first: SEEING,
    body: AUDIO,
    fallbackOn: BOTH,
    asked: ['second'],
    passed: 'the model takes no audio input',
  },
  {
    about: 'a conversation that is too long',
    first: { contextWindow: 900 },
    body: LONG,
    fallbackOn: BOTH,
    asked: ['second'],
    passed: 'tokens, and 900 fit',
  },
  {
    about: 'a long conversation that fits',
    first: { contextWindow: 2_000 },
    body: LONG,
    fallbackOn: BOTH,
    asked: ['first'],
  },
  {
    about: 'one that is too long, where the route does not move for it',
    first: { contextWindow: 900 },
    body: LONG,
    fallbackOn: ['untranslatable'],
    asked: ['first'],
  },
]

describe('a model that does not fit the request is passed over', () => {
  test.each([...FITS])('$about', async ({ first, body, fallbackOn, asked, passed }) => {
    const server = { api: 'openai-completions', billing: 'plan', apiKey: 'sk-1' }
    const at = await openScriptedHouse({
      config: {
        models: {
          providers: {
            a: { ...server, baseUrl: 'https://first.test/v1', models: [{ id: 'm', ...first }] },
            b: { ...server, baseUrl: 'https://second.test/v1', models: [{ id: 'm' }] },
          },
        },
        routes: { r: { targets: ['a/m', 'b/m'], fallbackOn } },
      },
      script: () => ({ type: 'answer' }),
    })
    const { receipt, headers } = await at.ask({ model: 'r', body })
    const alone = await at.ask({ model: 'a/m', body })
    at.close()
    expect(at.sent.slice(0, -1).map(({ origin }) => origin)).toEqual(asked.map(host => `https://${host}.test`))
    expect(receipt.passed.filter(({ target }) => target === 'a/m').map(({ reason }) => reason)).toEqual(
      passed === undefined ? [] : [expect.stringContaining(passed)],
    )
    expect(headers.get('candor-fallback') === null).toBe(passed === undefined)
    // Rows may be wrong: where there is nowhere else to go, the provider has the word.
    expect(alone.status).toBe(200)
  })
})
