import { afterAll, describe, expect, test } from 'bun:test'
import type { ModelView } from '../../src/admin/contract.ts'
import { openApp } from '../../src/app/assemble.ts'
import type { HealthKey } from '../../src/upstream/health.ts'
import { temporaryFolder } from '../ledger/temporary-folder.ts'

const folder = temporaryFolder()
const CONFIG = {
  models: {
    providers: {
      openai: {
        apiKey: 'sk-proj-test',
        models: [
          { id: 'a', contextWindow: 100_000, maxOutputTokens: 9_000, input: ['text', 'image'], reasoning: true },
          { id: 'b', contextWindow: 50_000, maxOutputTokens: 20_000, input: ['text'], reasoning: true },
        ],
      },
      moonshot: {
        apiKeys: [
          { name: 'one', key: 'sk-1' },
          { name: 'two', key: 'sk-2' },
        ],
      },
    },
    aliases: { 'gpt-*': 'wide' },
  },
  routes: {
    wide: { targets: ['openai/a', 'openai/b', 'deepseek/deepseek-chat'], fallbackOn: ['overloaded'] },
    keyed: { targets: ['moonshot/kimi-k3'] },
    dead: { targets: ['deepseek/deepseek-chat', 'google/gemini-2.5-pro'] },
  },
}
const made = await openApp({
  env: { CANDOR_HOME: folder.path },
  cwd: folder.path,
  home: folder.path,
  configText: { text: JSON.stringify(CONFIG), label: 'test' },
  log() {},
})
if ('kind' in made) throw new Error(made.text)
const app = made
afterAll(async () => {
  await app.close()
  folder[Symbol.dispose]()
})

/** A list in one of the families' shapes. */
interface Answered {
  readonly data: readonly ModelView[]
  readonly models: readonly object[]
}

async function listed<T = Answered>(path: string, headers: Record<string, string> = {}): Promise<T> {
  const token = app.adminToken?.reveal() ?? ''
  const all = { authorization: `Bearer ${token}`, ...headers }
  return (await (await app.handle(new Request(`http://localhost${path}`, { headers: all }))).json()) as T
}

const routeNames = (views: readonly ModelView[]) =>
  views.filter(({ candor }) => candor.route === true).map(({ id }) => id)

describe('a route among the models', () => {
  test('says what all its usable targets have, and where it leads', async () => {
    const view = await listed<ModelView>('/v1/models/wide')
    expect(view).toMatchObject({ id: 'wide', object: 'model', owned_by: 'candor' })
    expect(view.candor).toEqual({
      provider: 'candor',
      route: true,
      targets: ['openai/a', 'openai/b', 'deepseek/deepseek-chat'],
      available: true,
      billing: 'metered',
      context_window: 50_000,
      max_output_tokens: 9_000,
      reasoning: true,
      input: [],
    })
  })

  test('one without a usable target is listed only with all, and says why', async () => {
    expect(routeNames((await listed('/v1/models')).data)).toEqual(['wide', 'keyed'])
    const { data } = await listed('/v1/models?all=true')
    expect(routeNames(data)).toEqual(['wide', 'keyed', 'dead'])
    const dead = data.find(({ id }) => id === 'dead')
    expect(dead?.candor).toMatchObject({ available: false, unavailable: expect.stringContaining('DEEPSEEK_API_KEY') })
    expect(dead?.candor.targets).toEqual(['deepseek/deepseek-chat', 'google/gemini-2.5-pro'])
  })

  test('an alias of it is it', async () => {
    expect(await listed('/v1/models/gpt-9')).toMatchObject({ id: 'wide', candor: { route: true } })
  })

  test('stands in every family’s list', async () => {
    const claude = await listed('/v1/models?limit=1', { 'anthropic-version': '2023-06-01' })
    expect(claude.data).toMatchObject([{ type: 'model', id: 'wide', max_input_tokens: 50_000, max_tokens: 9_000 }])
    const gemini = await listed('/v1beta/models?pageSize=1')
    expect(gemini.models).toMatchObject([{ name: 'models/wide', inputTokenLimit: 50_000 }])
    expect(await listed('/v1beta/models/wide')).toMatchObject({ name: 'models/wide' })
  })

  test.each([
    [['wide'], ['wide']],
    [['openai/a'], ['openai/a']],
    [
      ['w*', 'openai/b'],
      ['wide', 'openai/b'],
    ],
  ])('a key for %p sees %p', async (models, seen) => {
    const settings = { name: models.join(), tags: [], models, limits: {}, budgets: [], admin: false }
    const made = await app.knowledge.keys.create(settings)
    if ('fault' in made) throw new Error(made.what)
    const { data } = await listed('/v1/models', { authorization: `Bearer ${made.secret}` })
    expect(data.map(({ id }) => id)).toEqual(seen)
  })
})

describe('a model that cools down', () => {
  const overloaded = { code: 'overloaded', what: 'No room.', fix: [], retryAfterMs: 60_000 } as const
  const fail = (at: HealthKey) => {
    const visit = app.house().health.enter(at)
    visit.judged({ type: 'failed', problem: overloaded })
    visit.over()
  }
  const k3 = { provider: 'moonshot', model: 'kimi-k3' }
  const downs = async () =>
    Promise.all(
      ['moonshot/kimi-k3', 'keyed'].map(
        async name => (await listed<ModelView>(`/v1/models/${name}`)).candor.cools_down,
      ),
    )

  test('is told when no key for it is left, and so is a route that leads nowhere else', async () => {
    fail({ ...k3, credential: 'one' })
    expect(await downs()).toEqual([undefined, undefined])
    fail({ ...k3, credential: 'two' })
    const told = { reason: 'overloaded' as const, what: 'No room.', until: expect.any(Number) }
    expect(await downs()).toEqual([told, told])
  })
})
