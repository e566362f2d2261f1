import { describe, expect, test } from 'bun:test'
import { type Asked, openScriptedHouse } from './scripted-house.ts'

const [ANN, BEN] = ['cnd_key_of_ann_0123456789', 'cnd_key_of_ben_0123456789']

const open = (cached = true) => {
  let answers = 0
  return openScriptedHouse({
    config: {
      models: {
        providers: {
          a: {
            baseUrl: 'https://a.test/v1',
            api: 'openai-completions',
            billing: 'metered',
            apiKey: 'sk-1',
            models: [{ id: 'm', price: { input: 1, output: 1 } }],
          },
        },
      },
      routes: { r: { targets: ['a/m'], ...(cached ? { cache: { ttlSeconds: 60 } } : {}) } },
      gateway: { keys: [ANN, BEN] },
    },
    script: ({ body }) =>
      JSON.stringify(body).includes('break')
        ? { type: 'cut', behind: 'first piece' }
        : { type: 'answer', text: `answer ${++answers}`, usage: { input: 3, output: 5 } },
  })
}

const FIRST: Asked = { model: 'r', key: ANN }
const BROKEN = { messages: [{ role: 'user', content: 'break' }] }

interface Again {
  readonly about: string
  readonly first?: Partial<Asked>
  readonly again: Partial<Asked>
  readonly waitMs?: number
  /** What `candor-cache` says of the second call. */
  readonly told: 'hit' | 'miss' | null
}

const AGAIN: readonly Again[] = [
  { about: 'the same question', again: {}, told: 'hit' },
  { about: 'the same stream', first: { stream: true }, again: { stream: true }, told: 'hit' },
  { about: 'a stream of what was whole', again: { stream: true }, told: 'miss' },
  { about: 'another key', again: { key: BEN }, told: 'miss' },
  { about: 'another question', again: { body: { messages: [{ role: 'user', content: 'Bye' }] } }, told: 'miss' },
  { about: 'a model by its name', again: { model: 'a/m' }, told: null },
  { about: 'no-store', again: { headers: { 'candor-cache': 'no-store' } }, told: null },
  { about: 'no-store the first time', first: { headers: { 'candor-cache': 'no-store' } }, again: {}, told: 'miss' },
  { about: 'after its time', again: {}, waitMs: 61_000, told: 'miss' },
  {
    about: 'a stream that broke off',
    first: { stream: true, body: BROKEN },
    again: { stream: true, body: BROKEN },
    told: 'miss',
  },
]

describe('asked again', () => {
  test.each([...AGAIN])('$about: $told', async ({ first, again, waitMs = 0, told }) => {
    const at = await open()
    const one = await at.ask({ ...FIRST, ...first })
    at.clock.advance(waitMs)
    const two = await at.ask({ ...FIRST, ...again })
    at.close()
    expect(two.headers.get('candor-cache')).toBe(told)
    expect(two.receipt.cache ?? null).toBe(told)
    expect(at.sent).toHaveLength(told === 'hit' ? 1 : 2)
    if (told === 'hit') expect(two.text).toBe(one.text)
    expect(at.receipts).toHaveLength(2)
  })
})

test('an answer from the cache asks nobody and costs nothing', async () => {
  const at = await open()
  const one = await at.ask({ ...FIRST, stream: true })
  const two = await at.ask({ ...FIRST, stream: true })
  at.close()
  expect(one.receipt.cost).toMatchObject({ type: 'metered' })
  expect(two.receipt).toMatchObject({ ending: 'complete', servedModel: 'a/m', cost: { type: 'none' }, attempts: [] })
  expect(two.receipt.usage).toBeUndefined()
  expect(two.headers.get('candor-attempts')).toBe('0')
  expect(two.headers.get('candor-billing')).toBeNull()
  expect(two.headers.get('content-type')).toBe(one.headers.get('content-type'))
  expect(two.text).toEndWith('data: [DONE]\n\n')
})

test('a route without a cache keeps nothing', async () => {
  const at = await open(false)
  const texts = [await at.ask(FIRST), await at.ask(FIRST)].map(({ text, headers }) => [
    text,
    headers.get('candor-cache'),
  ])
  at.close()
  expect(at.sent).toHaveLength(2)
  expect(texts.map(([text]) => /answer \d/.exec(text ?? '')?.[0])).toEqual(['answer 1', 'answer 2'])
  expect(texts.map(([, told]) => told)).toEqual([null, null])
})
