import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { PARAMETERS } from '../../src/canon/parameters.ts'
import { PROBLEM_CODES } from '../../src/canon/problem.ts'
import { findProvider, PROVIDERS } from '../../src/catalog/index.ts'
import { linkRows } from '../../src/catalog/link.ts'
import { findModel } from '../../src/catalog/models.ts'
import type { Endpoint, Provider, Sign } from '../../src/catalog/provider.ts'

const LOOPBACK = /^http:\/\/127\.0\.0\.1:\d+(?:\/|$)/
/** OpenAI bases without a version: api-docs.deepseek.com writes it so; Qianfan's version stands in the middle. */
const UNVERSIONED = new Set(['https://api.deepseek.com', 'https://qianfan.baidubce.com/v2/coding'])
const rows = PROVIDERS.map(row => ({ id: row.id, row }))
const endpoints = PROVIDERS.flatMap(row =>
  row.endpoints.map(endpoint => ({ id: row.id, protocol: endpoint.protocol, row, endpoint })),
)
const signs = PROVIDERS.flatMap(row => row.signs ?? [])

describe('the list', () => {
  test('has each row file once', () => {
    const files = readdirSync(new URL('../../src/catalog/providers/', import.meta.url)).map(name => name.slice(0, -3))
    expect(PROVIDERS.map(row => row.id).sort()).toEqual(files.sort())
    expect(new Set(PROVIDERS.map(row => row.id)).size).toBe(PROVIDERS.length)
    expect(PROVIDERS.length).toBeGreaterThan(45)
  })

  test('finds rows by id', () => {
    expect(findProvider('kimi-coding')?.name).toBe('Kimi Code')
    expect(findProvider('nobody')).toBeUndefined()
  })
})

describe.each(rows)('$id', ({ row }) => {
  test('has an id, a name and environment variables in the usual spelling', () => {
    expect(row.id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
    expect(row.name.trim()).not.toBe('')
    expect(row.env.filter(name => !/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(name))).toEqual([])
    expect(new Set(row.env).size).toBe(row.env.length)
    if (row.keyOptional !== true) expect(row.env.length).toBeGreaterThan(0)
  })

  test('names only rows that are there, and not itself', () => {
    const named = [...(row.siblings ?? []), ...(row.signsLike === undefined ? [] : [row.signsLike])]
    expect(named.filter(id => findProvider(id) === undefined || id === row.id)).toEqual([])
    expect(new Set(row.siblings ?? []).size).toBe((row.siblings ?? []).length)
  })

  test('shares a variable with its siblings only', () => {
    const others = PROVIDERS.filter(other => other.id !== row.id && other.env.some(name => row.env.includes(name)))
    const kin = (other: Provider) => row.siblings?.includes(other.id) || other.siblings?.includes(row.id)
    expect(others.filter(other => !kin(other)).map(other => other.id)).toEqual([])
  })

  test('has aliases that lead to a known model in one step', () => {
    for (const [old, now] of Object.entries(row.modelAliases ?? {})) {
      expect(row.modelAliases?.[now]).toBeUndefined()
      expect(findModel(row, old)?.id).toBe(now)
    }
  })

  test('fills every variable of its addresses, and declares no other', () => {
    const used = row.endpoints.flatMap(({ baseUrl }) => [...baseUrl.matchAll(/\{(\w+)\}/g)].map(match => match[1]))
    expect(new Set(used)).toEqual(new Set(row.variables?.map(variable => variable.name) ?? []))
  })

  test('asks for the quota where its key may go', () => {
    const origins = row.endpoints.map(({ baseUrl }) => new URL(filled(baseUrl)).origin)
    if (row.quota !== undefined) expect(origins).toContain(new URL(row.quota.url).origin)
    expect(row.quota?.shape ?? 'none').toMatch(/^[a-z]+(?:-[a-z]+)*$/)
  })

  test('is paid the way its key says', () => {
    for (const { prefix, billing } of row.keyPrefixes ?? []) {
      expect(prefix.length).toBeGreaterThan(2)
      expect(billing === undefined || billing === 'plan' || billing === 'metered').toBe(true)
    }
    if (row.billing === 'local') expect(row.endpoints.every(({ baseUrl }) => LOOPBACK.test(baseUrl))).toBe(true)
    if (row.billing === 'plan') expect(row.pricesFrom).toBeUndefined()
  })
})

describe.each(endpoints)('$id, $protocol', ({ row, endpoint }) => {
  test('has a base URL in the shape its protocol wants', () => {
    const url = new URL(filled(endpoint.baseUrl))
    expect(url.protocol === 'https:' || LOOPBACK.test(endpoint.baseUrl)).toBe(true)
    expect([url.search, url.hash, url.username, endpoint.baseUrl.endsWith('/')]).toEqual(['', '', '', false])
    expect(hasRightShape(endpoint)).toBe(true)
  })

  test('sends no name but its own', () => {
    // The closed list of what rows may send at all; a User-Agent is not among them.
    expect(Object.keys(endpoint.headers ?? {}).filter(name => name !== 'anthropic-version')).toEqual([])
    expect(endpoint.headers?.['anthropic-version']).toBe(
      endpoint.protocol === 'anthropic-messages' ? '2023-06-01' : undefined,
    )
  })

  test('knows whom it admits if, and only if, it has a list', () => {
    const { clients, admits } = endpoint
    expect((admits?.length ?? 0) > 0).toBe(clients === 'listed')
    // Beginnings to compare with, not whole names to send.
    expect((admits ?? []).filter(start => !/^[A-Za-z-]+\/$/.test(start))).toEqual([])
  })

  test('has quirks that mean something', () => {
    const quirks = { ...row.quirks, ...endpoint.quirks }
    expect((quirks.refuses ?? []).filter(name => !Object.hasOwn(PARAMETERS, name))).toEqual([])
    expect(() => new RegExp(quirks.toolIdPattern ?? '')).not.toThrow()
    expect(quirks.efforts?.length).not.toBe(0)
  })

  test('has a key to send, unless it needs none', () => {
    if (endpoint.auth === 'none') expect(row.keyOptional).toBe(true)
  })
})

describe('signs', () => {
  test('tell a failure by at least one thing, and name codes and rows that are there', () => {
    for (const sign of signs) {
      expect(Object.keys(sign).filter(key => !['code', 'window', 'useInstead'].includes(key))).not.toEqual([])
      expect(PROBLEM_CODES).toContain(sign.code)
      if (sign.window !== undefined) expect(sign.code).toBe('plan_exhausted')
      if (sign.useInstead !== undefined) expect(findProvider(sign.useInstead)).toBeDefined()
    }
    expect(signs.length).toBeGreaterThan(200)
  })

  test('come from the row a row points at, behind its own', () => {
    const own = (id: string) => [...(findProvider(id)?.signs ?? [])]
    expect(own('kimi-coding-global')).toEqual(own('kimi-coding'))
    expect(own('volcengine-agent-plan')).toEqual(own('volcengine-coding-plan'))
    expect(own('zai').slice(1)).toEqual(own('zai-coding-plan'))
  })
})

describe('no row speaks in the name of another program', () => {
  test.each(rows)('$id', ({ row }) => {
    const { endpoints: surfaces, ...rest } = row
    const sent = JSON.stringify([rest, surfaces.map(({ admits: _, ...surface }) => surface)])
    expect(sent).not.toMatch(/user-agent"|claude-cli|claude-code\/|kilo-code\/|kimicli|codex_cli|\w\/\d+\.\d+\.\d+/i)
  })
})

describe('linking rows', () => {
  const sign: Sign = { code: 'timeout', status: 408 }
  const row = (id: string, rest: Partial<Provider> = {}): Provider => ({
    id,
    name: id,
    billing: 'metered',
    endpoints: [{ protocol: 'openai-completions', baseUrl: 'https://x.test/v1', auth: 'bearer', clients: 'any' }],
    env: [],
    modelList: 'open',
    ...rest,
  })

  test('brings in the signs of others, own ones first, and the beginnings of sibling keys', () => {
    const own: Sign = { code: 'overloaded', status: 418 }
    const [a] = linkRows([
      row('a', { signs: [own], signsLike: 'b', siblings: ['c'] }),
      row('b', { signsLike: 'c' }),
      row('c', { signs: [sign], keyPrefixes: [{ prefix: 'c-key-' }] }),
    ])
    expect(a?.signs).toEqual([own, sign])
    expect(a?.siblingKeys).toEqual([{ provider: 'c', prefix: 'c-key-', billing: 'metered' }])
  })

  test('refuses a row that names one that is not there', () => {
    expect(() => linkRows([row('a', { signsLike: 'nobody' })])).toThrow('nobody')
    expect(() => linkRows([row('a', { siblings: ['nobody'] })])).toThrow('nobody')
  })
})

function filled(baseUrl: string): string {
  return baseUrl.replace(/\{\w+\}/g, 'filled')
}

/** Anthropic's without a version, Google's and OpenAI's with one; none with the method's own path behind it. */
function hasRightShape({ protocol, baseUrl }: Endpoint): boolean {
  if (/\/(?:chat\/completions|responses|messages|models)$/.test(baseUrl)) return false
  if (protocol === 'anthropic-messages') return !/\/v\d\w*$/.test(baseUrl)
  if (protocol === 'google-generative-ai') return /\/v1\w*(?:\/|$)/.test(baseUrl)
  return UNVERSIONED.has(baseUrl) || /\/v\d\w*(?:\/openai)?$/.test(baseUrl)
}
