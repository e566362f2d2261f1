import { describe, expect, test } from 'bun:test'
import { findSurfaces, type Place } from '../../src/app/config/surfaces.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Provider } from '../../src/catalog/provider.ts'

/** Two surfaces, one path the longer form of the other, and a page that tells what is left. */
const PLAN: Provider = {
  id: 'plan',
  name: 'Plan',
  billing: 'plan',
  env: ['PLAN_KEY'],
  modelList: 'complete',
  endpoints: [
    { protocol: 'anthropic-messages', baseUrl: 'https://api.plan.example/coding', auth: 'x-api-key', clients: 'any' },
    {
      protocol: 'openai-completions',
      baseUrl: 'https://api.plan.example/coding/v1',
      auth: 'bearer',
      clients: 'listed',
      admits: ['agent/'],
      quirks: { noStore: true },
    },
    { protocol: 'openai-responses', baseUrl: 'https://other.plan.example/coding/v1', auth: 'bearer', clients: 'any' },
  ],
  quota: { url: 'https://api.plan.example/coding/v1/usages', method: 'GET', auth: 'bearer', shape: 'plan' },
  quirks: { noDocuments: true },
}

/** Surfaces without and with a path. */
const ROOT: Provider = {
  id: 'root',
  name: 'Root',
  billing: 'metered',
  env: ['ROOT_KEY'],
  modelList: 'open',
  endpoints: [
    { protocol: 'anthropic-messages', baseUrl: 'https://api.root.example', auth: 'x-api-key', clients: 'any' },
    { protocol: 'openai-completions', baseUrl: 'https://api.root.example/v1', auth: 'bearer', clients: 'any' },
  ],
}

const VARIABLES: Provider = {
  ...ROOT,
  endpoints: [
    {
      protocol: 'openai-completions',
      baseUrl: 'https://{resource}.cloud.example/openai/v1',
      auth: 'api-key',
      clients: 'any',
    },
    {
      protocol: 'anthropic-messages',
      baseUrl: 'https://{resource}.cloud.example/{area}',
      auth: 'x-api-key',
      clients: 'any',
    },
  ],
  variables: [
    { name: 'resource', env: ['RESOURCE', 'RESOURCE_NAME'] },
    { name: 'area', env: ['AREA'], default: 'anthropic' },
  ],
}

/** The short names of protocols in the tables below. */
const SHORT: Readonly<Record<ProtocolId, string>> = {
  'openai-completions': 'chat',
  'openai-responses': 'responses',
  'anthropic-messages': 'messages',
  'google-generative-ai': 'gemini',
}

function surfaces(row: Provider | undefined, place: Partial<Place>, env: Record<string, string> = {}): string[] {
  const found = findSurfaces(row, { allowHttp: false, ...place }, env)
  if (!found.ok) return [found.reason]
  const quota = found.quota === undefined ? [] : [`quota ${found.quota.url}`]
  return [...found.endpoints.map(e => `${SHORT[e.protocol]} ${e.baseUrl}`), ...quota]
}

interface Case {
  readonly about: string
  readonly row: Provider | undefined
  readonly baseUrl?: string
  readonly api?: ProtocolId
  readonly found: readonly string[]
}

const CASES: readonly Case[] = [
  {
    about: 'nothing written: the row as it is',
    row: PLAN,
    found: [
      'messages https://api.plan.example/coding',
      'chat https://api.plan.example/coding/v1',
      'responses https://other.plan.example/coding/v1',
      'quota https://api.plan.example/coding/v1/usages',
    ],
  },
  {
    about: "the row's own URL: nothing changes, other origins stay",
    row: PLAN,
    baseUrl: 'https://api.plan.example/coding/v1/',
    api: 'openai-completions',
    found: [
      'messages https://api.plan.example/coding',
      'chat https://api.plan.example/coding/v1',
      'responses https://other.plan.example/coding/v1',
      'quota https://api.plan.example/coding/v1/usages',
    ],
  },
  {
    about: 'another origin, same path: siblings of the same origin move along',
    row: PLAN,
    baseUrl: 'http://127.0.0.1:9/coding/v1',
    api: 'openai-completions',
    found: [
      'messages http://127.0.0.1:9/coding',
      'chat http://127.0.0.1:9/coding/v1',
      'quota http://127.0.0.1:9/coding/v1/usages',
    ],
  },
  {
    about: 'a path in front of the same path',
    row: PLAN,
    baseUrl: 'https://proxy.example/a/b/coding',
    api: 'anthropic-messages',
    found: [
      'messages https://proxy.example/a/b/coding',
      'chat https://proxy.example/a/b/coding/v1',
      'quota https://proxy.example/a/b/coding/v1/usages',
    ],
  },
  {
    about: 'no protocol written: the longest path the URL ends with',
    row: PLAN,
    baseUrl: 'http://127.0.0.1:9/coding/v1',
    found: [
      'messages http://127.0.0.1:9/coding',
      'chat http://127.0.0.1:9/coding/v1',
      'quota http://127.0.0.1:9/coding/v1/usages',
    ],
  },
  {
    about: 'another path: only what the user wrote, and no page of the row',
    row: PLAN,
    baseUrl: 'http://127.0.0.1:9/v1',
    api: 'openai-completions',
    found: ['chat http://127.0.0.1:9/v1'],
  },
  {
    about: 'a path that only looks alike does not fit',
    row: PLAN,
    baseUrl: 'https://proxy.example/xcoding/v1/more',
    api: 'openai-completions',
    found: ['chat https://proxy.example/xcoding/v1/more'],
  },
  {
    about: 'a protocol the row does not have',
    row: PLAN,
    baseUrl: 'https://proxy.example/v1beta',
    api: 'google-generative-ai',
    found: ['gemini https://proxy.example/v1beta'],
  },
  {
    about: 'no path on both sides',
    row: ROOT,
    baseUrl: 'http://localhost:9',
    api: 'anthropic-messages',
    found: ['messages http://localhost:9', 'chat http://localhost:9/v1'],
  },
  {
    about: 'a path where the row has none does not tell where the others are',
    row: ROOT,
    baseUrl: 'http://localhost:9/anthropic',
    api: 'anthropic-messages',
    found: ['messages http://localhost:9/anthropic'],
  },
  {
    about: 'no protocol written and no path that fits: the first',
    row: ROOT,
    baseUrl: 'http://localhost:9/other',
    found: ['messages http://localhost:9/other'],
  },
  {
    about: 'a provider of the user',
    row: undefined,
    baseUrl: 'http://[::1]:8000/v1//',
    api: 'openai-completions',
    found: ['chat http://[::1]:8000/v1'],
  },
  {
    about: 'a URL that is refused',
    row: PLAN,
    baseUrl: 'http://x.example',
    found: ['its baseUrl sends the key in plain text over a network'],
  },
]

describe('where a provider is', () => {
  test.each([...CASES])('$about', ({ row, baseUrl, api, found }) => {
    const place = { ...(baseUrl === undefined ? {} : { baseUrl }), ...(api === undefined ? {} : { api }) }
    expect(surfaces(row, place)).toEqual([...found])
  })

  test.each([
    { env: {}, found: ['the environment variable RESOURCE or RESOURCE_NAME is not set'] },
    {
      env: { RESOURCE_NAME: 'mine' },
      found: ['chat https://mine.cloud.example/openai/v1', 'messages https://mine.cloud.example/anthropic'],
    },
    {
      env: { RESOURCE: 'mine', AREA: 'eu' },
      found: ['chat https://mine.cloud.example/openai/v1', 'messages https://mine.cloud.example/eu'],
    },
    { env: { RESOURCE: 'evil.example/' }, found: ['RESOURCE or RESOURCE_NAME holds characters no URL part may have'] },
    { env: { RESOURCE: 'mine', AREA: '../x' }, found: ['chat https://mine.cloud.example/openai/v1'] },
  ] as { env: Record<string, string>; found: string[] }[])('variables $env', ({ env, found }) => {
    expect(surfaces(VARIABLES, {}, env)).toEqual(found)
  })

  test('never a surface on an origin the user did not write, once one is written', () => {
    for (const { row, baseUrl, api } of CASES) {
      if (baseUrl === undefined || row?.endpoints.some(e => `${e.baseUrl}/` === baseUrl)) continue
      const found = findSurfaces(row, { baseUrl, allowHttp: false, ...(api === undefined ? {} : { api }) }, {})
      const origins = found.ok ? found.endpoints.map(endpoint => endpoint.origin) : []
      expect(new Set(origins)).toEqual(new Set(found.ok ? [new URL(baseUrl).origin] : []))
    }
  })

  test("what the row knows of a surface stays, the provider's quirks under its own", () => {
    const found = findSurfaces(PLAN, { baseUrl: 'http://127.0.0.1:9/coding/v1', allowHttp: false }, {})
    expect(found.ok && found.endpoints[1]).toEqual({
      protocol: 'openai-completions',
      baseUrl: 'http://127.0.0.1:9/coding/v1',
      origin: 'http://127.0.0.1:9',
      auth: 'bearer',
      clients: 'listed',
      admits: ['agent/'],
      headers: {},
      quirks: { noDocuments: true, noStore: true },
      countsTokens: false,
      embeds: false,
      deprecated: false,
      imitation: false,
    })
  })

  test.each([
    { api: 'openai-completions', auth: 'bearer', headers: {} },
    { api: 'openai-responses', auth: 'bearer', headers: {} },
    { api: 'anthropic-messages', auth: 'x-api-key', headers: { 'anthropic-version': '2023-06-01' } },
    { api: 'google-generative-ai', auth: 'x-goog-api-key', headers: {} },
  ] as { api: ProtocolId; auth: string; headers: Record<string, string> }[])(
    'a provider nobody knows, speaking $api, gets the key as $auth',
    ({ api, auth, headers }) => {
      const found = findSurfaces(undefined, { baseUrl: 'https://x.example', api, allowHttp: false }, {})
      expect(found.ok && found.endpoints[0]).toMatchObject({ auth, headers, clients: 'any' })
    },
  )
})
