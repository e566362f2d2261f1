import { afterAll, describe, expect, test } from 'bun:test'
import { PROVIDERS } from '../../src/catalog/index.ts'
import type { Provider } from '../../src/catalog/provider.ts'
import { keysInEnvironment } from '../../src/cli/init/environment-keys.ts'
import { findLocalServers } from '../../src/cli/init/local-servers.ts'
import { modelChoices } from '../../src/cli/init/model-list.ts'

const servers: { stop(closeActive: boolean): Promise<void> }[] = []
afterAll(async () => {
  for (const server of servers) await server.stop(true)
})

/** A local provider at a server that answers so. */
function local(id: string, answer: () => Response | Promise<Response>): Provider {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer })
  servers.push(server)
  const endpoint = {
    protocol: 'openai-completions',
    baseUrl: `${server.url.origin}/v1`,
    auth: 'none',
    clients: 'any',
  } as const
  return { id, name: id, billing: 'local', endpoints: [endpoint], env: [], keyOptional: true, modelList: 'open' }
}

describe('local model servers', () => {
  test('those that list models are found, with the models; nothing else that listens is', async () => {
    const rows = [
      local('lists', () =>
        Response.json({ data: [{ id: 'a' }, { id: 'a' }, { id: 5 }, { id: 'b\u0007' }, { id: 'c' }] }),
      ),
      local('empty', () => Response.json({ data: [] })),
      local('page', () => new Response('<html>')),
      local('other', () => Response.json({ models: [] })),
      local('refuses', () => new Response('', { status: 401 })),
      local(
        'endless',
        () => new Response(new ReadableStream({ pull: stream => stream.enqueue(new Uint8Array(65_536)) })),
      ),
    ]
    const found = await findLocalServers(rows)
    expect(found.map(({ row, models }) => [row.id, models])).toEqual([
      ['lists', ['a', 'c']],
      ['empty', []],
    ])
  })

  test('one that says nothing is waited for less than a second', async () => {
    const began = performance.now()
    expect(await findLocalServers([local('silent', () => new Promise<Response>(() => {}))])).toEqual([])
    expect(performance.now() - began).toBeLessThan(1_500)
  })
})

describe('keys in the environment', () => {
  const found = (env: Record<string, string>, own: readonly string[] = []) =>
    keysInEnvironment(env, PROVIDERS, own).map(({ row, name, elsewhere }) => [row.id, name, elsewhere?.url])

  test.each([
    { what: 'a key', env: { OPENAI_API_KEY: 'sk-proj-x' }, ids: [['openai', 'OPENAI_API_KEY', undefined]] },
    { what: 'an empty one', env: { OPENAI_API_KEY: '' }, ids: [] },
    {
      what: 'a key for another address',
      env: { OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: 'https://proxy.example/v1/' },
      ids: [['openai', 'OPENAI_API_KEY', 'https://proxy.example/v1']],
    },
    { what: 'a provider that lacks its variable', env: { AZURE_OPENAI_API_KEY: 'x' }, ids: [] },
  ])('$what', ({ env, ids }) => {
    expect(found(env as Record<string, string>)).toEqual(ids as never)
  })

  test("Candor's own address is none of a provider", () => {
    const env = { ANTHROPIC_API_KEY: 'sk-ant-x', ANTHROPIC_BASE_URL: 'http://127.0.0.1:8787' }
    expect(found(env, ['http://127.0.0.1:8787'])).toEqual([['anthropic', 'ANTHROPIC_API_KEY', undefined]])
  })

  test("a key that begins like a sibling's is not this provider's", () => {
    const ids = found({ MOONSHOT_API_KEY: 'sk-kimi-x' }).map(([id]) => id)
    expect(ids).not.toContain('moonshot')
  })
})

describe('the proposed model', () => {
  test.each(PROVIDERS.map(row => ({ id: row.id, row })))('$id: is one of the list and stands first', ({ row }) => {
    const { choices, proposed } = modelChoices(row, undefined)
    expect(choices[0]?.value).toBe(proposed as string)
    expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length)
  })

  test('what the provider lists itself comes first', () => {
    expect(modelChoices(PROVIDERS[0], ['x', 'y'])).toMatchObject({
      proposed: 'x',
      choices: [{ value: 'x' }, { value: 'y' }],
    })
  })
})
