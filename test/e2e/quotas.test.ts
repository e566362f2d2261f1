import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { QuotaList, QuotaStats } from '../../src/admin/quota-views.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import type { QuotaView } from '../../src/upstream/quota.ts'
import { CLIENTS, call, chatClient, messagesClient, parse, post } from './clients.ts'
import { bearer, makeKey } from './gateway-keys.ts'
import { type Gateway, removeHome, runCandor, startGateway, temporaryHome } from './harness.ts'
import { entryOf, refOf, simulate } from './providers.ts'

const ADMIN = 'cnd_quotaAdministrator01'
/** Its name says what state it is in. */
const LITTLE = 'sk-kimi-sim-nearly-used-up'
const PLENTY = 'sk-kimi-sim-valid'

let kimi: Sim
let openai: Sim
let gateway: Gateway
let home: string

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  openai = await simulate('openai')
  home = temporaryHome()
  gateway = await startGateway({ key: ADMIN, home, config: configOf(LITTLE) })
})
afterAll(async () => {
  await gateway.stop()
  removeHome(home)
  await Promise.all([kimi.stop(), openai.stop()])
})

/** Polls that never come: what is known was asked for by a test, or told with an answer. */
const configOf = (key: string) => ({
  models: { providers: { 'kimi-coding': entryOf(kimi, key), openai: entryOf(openai) } },
  gateway: { keys: [ADMIN], quotaPollMs: 86_400_000 },
})

async function ask<T>(path: string, key = ADMIN): Promise<T> {
  return (await (await gateway.fetch(path, { headers: bearer(key) })).json()) as T
}

const viewsOf = (list: QuotaList, provider: string) => list.data.filter(view => view.provider === provider)

/** Kimi's own words. */
interface KimiWindow {
  readonly used: string
  readonly limit: string
  readonly remaining: string
  readonly resetTime: string
}
interface KimiUsages {
  readonly usage: KimiWindow
  readonly limits: readonly { readonly detail: KimiWindow }[]
}

async function kimiSays(key = LITTLE): Promise<KimiUsages> {
  const response = await fetch(`${kimi.origin}/coding/v1/usages`, { headers: { authorization: `Bearer ${key}` } })
  return (await response.json()) as KimiUsages
}

/** The numbers of a window, as Candor shows those the provider said. */
function shown({ used, limit, remaining, resetTime }: KimiWindow) {
  const numbers = { used: Number(used), limit: Number(limit), remaining: Number(remaining) }
  return { ...numbers, remainingPercent: (numbers.remaining / numbers.limit) * 100, resetsAtMs: Date.parse(resetTime) }
}

function windowNamed({ windows }: QuotaView, name: string) {
  const found = windows.find(window => window.name === name)
  if (found === undefined) throw new Error(`no window ${name} among ${windows.map(window => window.name)}`)
  return found
}

/** Resets are "so long from now" for the simulation, which was asked a moment later. */
const RESET_WITHIN_MS = 60_000

function expectSame(window: ReturnType<typeof windowNamed>, said: KimiWindow): void {
  const { resetsAtMs, ...numbers } = shown(said)
  expect(window).toMatchObject(numbers)
  expect(Math.abs((window.resetsAtMs ?? 0) - resetsAtMs)).toBeLessThan(RESET_WITHIN_MS)
}

describe('what providers say is left', () => {
  test('is not known before somebody asked, and then in their own numbers', async () => {
    const before = await ask<QuotaList>('/candor/quotas')
    expect(viewsOf(before, 'kimi-coding').filter(({ windows }) => windows.length > 0)).toEqual([])
    const [view, ...others] = viewsOf(await ask<QuotaList>('/candor/quotas?refresh=true'), 'kimi-coding')
    expect(others).toEqual([])
    if (view === undefined) throw new Error('Kimi was not asked')
    expect(view).toMatchObject({ credential: 'default', billing: 'plan', source: 'endpoint', stale: false })
    const said = await kimiSays()
    expectSame(windowNamed(view, 'weekly'), said.usage)
    const [fiveHours] = said.limits
    if (fiveHours === undefined) throw new Error('Kimi told no window')
    expectSame(windowNamed(view, '5 hour'), fiveHours.detail)
    expect(windowNamed(view, '5 hour').remainingPercent).toBe(4)
    const asked = kimi.requests().filter(({ path }) => path.endsWith('/usages'))
    // Once by the gateway, with the configured key; once by this test.
    expect(asked).toHaveLength(2)
    expect(asked[0]?.headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]).toBe(`Bearer ${LITTLE}`)
  })

  test('comes with the answers too, where a provider tells it in headers', async () => {
    expect(
      (await post(gateway, chatClient, chatClient.body(refOf(openai), 'x'), { headers: bearer(ADMIN) })).status,
    ).toBe(200)
    const [view] = viewsOf(await ask<QuotaList>('/candor/quotas'), 'openai')
    if (view === undefined) throw new Error('OpenAI told nothing')
    expect(view.source).toBe('headers')
    expect(windowNamed(view, 'requests')).toMatchObject({ limit: 500, remaining: 499 })
    expect(windowNamed(view, 'tokens')).toMatchObject({ limit: 30_000, remaining: 27_000, remainingPercent: 90 })
  })

  test.each(CLIENTS)('is told with an answer when less than a tenth is left: $protocol', async client => {
    const headers = { ...bearer(ADMIN), 'user-agent': 'my-agent/1.0' }
    for (const rest of [{}, { stream: true }]) {
      const got = await call(gateway, client, client.body(refOf(kimi), 'Hello', rest), headers)
      expect([got.status, got.receipt.ending]).toEqual([200, 'complete'])
      const { quotaWarning: warning } = got.receipt
      expect(warning).toMatchObject({ provider: 'kimi-coding', window: '5 hour', remainingPercent: 4 })
      const reset = new Date(warning?.resetsAtMs ?? 0).toISOString().replace('.000', '')
      expect(got.headers.get('candor-quota')).toBe(`kimi-coding 5 hour; remaining=4%; resets=${reset}`)
    }
  })

  test('is not told where enough is left', async () => {
    const got = await call(gateway, chatClient, chatClient.body(refOf(openai), 'Hello'), bearer(ADMIN))
    expect(got.receipt.quotaWarning).toBeUndefined()
    expect(got.headers.get('candor-quota')).toBeNull()
  })

  test.each(['/candor/quotas', '/v1/quota-stats'])('is for administrators: %s', async path => {
    const { secret } = await makeKey(gateway, ADMIN, { name: `member of ${path}` })
    expect((await gateway.fetch(path, { headers: bearer(secret) })).status).toBe(403)
    expect((await gateway.fetch(path)).status).toBe(401)
  })
})

describe('quota bars', () => {
  test('find the shape they poll at /v1/quota-stats', async () => {
    const stats = await ask<QuotaStats>('/v1/quota-stats')
    const calls = await gateway.receipts(200)
    const own = calls.filter(({ servedModel }) => servedModel?.startsWith('kimi-coding/') === true)
    const { 'kimi-coding': kimiStats } = stats.providers
    expect(kimiStats).toMatchObject({ credential_count: 1, active_count: 1, exhausted_count: 0 })
    expect(kimiStats?.total_requests).toBe(own.length)
    const said = await kimiSays()
    expect(kimiStats?.quota_groups.map(({ name, remaining_percent }) => [name, remaining_percent]).toSorted()).toEqual([
      ['5 hour', 4],
      ['weekly', shown(said.usage).remainingPercent],
    ])
    for (const { reset_time = '' } of kimiStats?.quota_groups ?? [])
      expect(Date.parse(reset_time)).toBeGreaterThan(Date.now())
    expect(kimiStats?.approx_cost).toBeUndefined()
    expect(stats.summary).toMatchObject({
      total_providers: Object.keys(stats.providers).length,
      total_requests: Object.values(stats.providers).reduce((sum, { total_requests }) => sum + total_requests, 0),
    })
    expect(Math.abs(stats.timestamp - Date.now() / 1_000)).toBeLessThan(60)
  })

  test('find what a key has spent at /key/info and /user/info', async () => {
    const { secret, id } = await makeKey(gateway, ADMIN, {
      name: 'team',
      limits: { requestsPerMinute: 60, concurrency: 4 },
      budgets: [{ period: 'day', unit: 'usd', most: 2, kind: 'hard' }],
    })
    const { receipt } = await callWith(secret)
    const nano = receipt.cost.type === 'metered' ? receipt.cost.nanoUsd : Number.NaN
    expect(nano).toBeGreaterThan(0)
    const { key, info } = await ask<{ key: string; info: Record<string, unknown> }>('/key/info', secret)
    expect(key).toBe(id)
    expect(info).toMatchObject({
      key_alias: 'team',
      spend: nano / 1e9,
      max_budget: 2,
      soft_budget: null,
      budget_duration: '1d',
      rpm_limit: 60,
      max_parallel_requests: 4,
      blocked: false,
    })
    const user = await ask<{ user_id: string; user_info: object }>(`/user/info?user_id=${id}`, secret)
    expect(user.user_id).toBe(id)
    expect(user.user_info).toMatchObject({ spend: nano / 1e9, max_budget: 2 })
    expect(JSON.stringify([info, user])).not.toContain(secret)
  })
})

async function callWith(key: string) {
  const response = await post(gateway, chatClient, chatClient.body(refOf(openai), 'x'), { headers: bearer(key) })
  await response.text()
  return { receipt: await gateway.receipt(response.headers.get('candor-request-id') ?? 'none') }
}

/** Runs the command line in the home of the gateway. */
async function run(line: string, at = home) {
  const program = runCandor(line.split(' '), { home: at })
  program.endInput()
  const { code } = await program.exited
  return { code, stdout: program.stdout(), stderr: program.stderr() }
}

describe('candor usage', () => {
  test('quota shows what the running gateway was told', async () => {
    const { code, stdout } = await run('usage quota kimi-coding')
    expect(code).toBe(0)
    const rows = stdout
      .trim()
      .split('\n')
      .map(line => line.trim())
    expect(rows).toHaveLength(2)
    expect(rows.find(row => row.includes('5 hour'))).toMatch(/^kimi-coding\s+default\s+5 hour\s+4\s+12\s/)
    const json = parse<{ quotas: QuotaView[] }>((await run('usage quota --json')).stdout)
    expect(json.quotas.map(({ provider }) => provider)).toEqual(expect.arrayContaining(['kimi-coding', 'openai']))
  })

  test.each([
    { line: '--provider kimi-coding --min-remaining 4', code: 0 },
    { line: '--provider kimi-coding --min-remaining 5', code: 1 },
    { line: '--provider openai --min-remaining 50', code: 0 },
    { line: '--provider nobody --min-remaining 5', code: 64 },
    { line: '--provider kimi-coding', code: 64 },
    { line: '--min-remaining 5', code: 64 },
    { line: '--provider kimi-coding --min-remaining much', code: 64 },
    { line: '--provider kimi-coding --min-remaining 5 --bogus', code: 64 },
    { line: '--provider kimi-coding --min-remaining 5 --url http://127.0.0.1:1', code: 69 },
  ])('guard $line: exit $code', async ({ line, code }) => {
    const got = await run(`usage guard ${line}`)
    expect([got.code, got.stdout + got.stderr]).toEqual([code, expect.stringMatching(/\S/)])
  })

  test('guard tells in JSON how it judged', async () => {
    const { stdout } = await run('usage guard --provider kimi-coding --min-remaining 5 --json')
    expect(parse<object>(stdout)).toMatchObject({
      provider: 'kimi-coding',
      minRemaining: 5,
      verdict: 'too-little',
      remainingPercent: 4,
    })
  })

  test('guard without a gateway asks the provider itself', async () => {
    const other = temporaryHome()
    const { configFile } = gateway
    kimi.clear()
    const got = await run(`usage guard --provider kimi-coding --min-remaining 5 --config ${configFile}`, other)
    expect([got.code, got.stdout]).toEqual([1, expect.stringContaining('5 hour')])
    expect(kimi.requests().map(({ path }) => path)).toEqual(['/coding/v1/usages'])
    removeHome(other)
  })
})

describe('another key', () => {
  test('is asked for its own numbers after a reload', async () => {
    gateway.configure(configOf(PLENTY))
    await gateway.said(/The configuration was reloaded/)
    const [view] = viewsOf(await ask<QuotaList>('/candor/quotas?refresh=true'), 'kimi-coding')
    if (view === undefined) throw new Error('Kimi was not asked')
    expect(windowNamed(view, '5 hour')).toMatchObject({ remaining: 225, remainingPercent: 75 })
    const got = await call(gateway, messagesClient, messagesClient.body(refOf(kimi), 'Hello'), bearer(ADMIN))
    expect([got.status, got.headers.get('candor-quota')]).toEqual([200, null])
    expect((await run('usage guard --provider kimi-coding --min-remaining 75')).code).toBe(0)
  })
})
