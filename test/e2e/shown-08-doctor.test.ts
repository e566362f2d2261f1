import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../../src/admin/doctor.ts'
import type { ProblemCode } from '../../src/canon/problem.ts'
import type { KeyState } from '../../src/sim/keys.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { removeHome, runCandor, temporaryHome } from './harness.ts'
import { entryOf, simulate } from './providers.ts'

const KIMI_KEY = 'sk-kimi-0123456789abcdefghijklmnop'
const MOONSHOT_KEY = 'sk-0123456789abcdefghijklmnopqrstuv'

let kimi: Sim
let moonshot: Sim
/** Somebody's proxy with the OpenAI surface alone. */
let relay: ReturnType<typeof Bun.serve>
let home: string

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  moonshot = await simulate('moonshot')
  relay = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async request =>
      await fetch(kimi.origin + new URL(request.url).pathname.replace('/plan/', '/coding/v1/'), {
        method: request.method,
        headers: request.headers,
        body: await request.text(),
      }),
  })
  home = temporaryHome()
})
beforeEach(() => {
  kimi.clear()
  moonshot.clear()
})
afterAll(async () => {
  await Promise.all([kimi.stop(), moonshot.stop(), relay.stop(true)])
  removeHome(home)
})

async function doctor(providers: object, ...args: readonly string[]) {
  const file = join(home, 'candor.json5')
  writeFileSync(file, JSON.stringify({ models: { providers } }), { mode: 0o600 })
  const run = runCandor(['doctor', ...args, '--json', '--config', file], { home })
  const { code } = await run.exited
  const { findings } = JSON.parse(run.stdout()) as { findings: readonly Finding[] }
  return { code, findings, probes: findings.filter(({ id }) => id.includes('.probe')), stderr: run.stderr() }
}

const KEYS: readonly { state: KeyState; verdict: ProblemCode; says: RegExp }[] = [
  { state: 'invalid', verdict: 'invalid_key', says: /does not accept the key/ },
  { state: 'expired', verdict: 'invalid_key', says: /may have expired/ },
  { state: 'weekly-used-up', verdict: 'plan_exhausted', says: /weekly usage window/ },
  { state: 'five-hour-used-up', verdict: 'plan_exhausted', says: /5 hour usage window/ },
  { state: 'monthly-used-up', verdict: 'plan_exhausted', says: /monthly usage window/ },
  { state: 'lapsed', verdict: 'plan_expired', says: /subscription is not active/ },
]

function expectVerdict(
  found: Awaited<ReturnType<typeof doctor>>,
  provider: string,
  verdict: ProblemCode,
  says: RegExp,
) {
  expect(found.code).toBe(1)
  expect(found.probes.map(({ id, severity }) => ({ id, severity }))).toEqual([
    { id: `provider.${provider}.probe.${verdict}`, severity: 'error' },
  ])
  expect(found.probes[0]?.message).toMatch(says)
  expect(found.probes[0]?.fixHint?.length).toBeGreaterThan(10)
}

describe('candor doctor kimi-coding', () => {
  test('finds nothing wrong where nothing is, with one short call on the plan', async () => {
    kimi.setKey(KIMI_KEY, 'valid')
    const found = await doctor({ 'kimi-coding': entryOf(kimi, KIMI_KEY) }, 'kimi-coding')
    expect(found.probes).toMatchObject([{ id: 'provider.kimi-coding.probe', severity: 'ok' }])
    expect(found.probes[0]?.message).toContain('plan')
    expect(found.code).toBe(0)
    expect(kimi.requests().map(request => request.path)).toEqual(['/coding/v1/messages'])
  })

  test.each([...KEYS])(
    'a key that is $state: $verdict, though its list of models loads',
    async ({ state, verdict, says }) => {
      kimi.setKey(KIMI_KEY, state)
      const list = await fetch(`${kimi.origin}/coding/v1/models`, { headers: { authorization: `Bearer ${KIMI_KEY}` } })
      expect(list.status).toBe(200)
      expectVerdict(
        await doctor({ 'kimi-coding': entryOf(kimi, KIMI_KEY) }, 'kimi-coding'),
        'kimi-coding',
        verdict,
        says,
      )
    },
  )

  test('a key of the pay-per-use platform: wrong_service_key, naming moonshot', async () => {
    const found = await doctor({ 'kimi-coding': entryOf(kimi, MOONSHOT_KEY) }, 'kimi-coding')
    expectVerdict(found, 'kimi-coding', 'wrong_service_key', /belongs to "moonshot"/)
  })

  test('and the reverse, for candor doctor moonshot', async () => {
    const found = await doctor({ moonshot: entryOf(moonshot, KIMI_KEY) }, 'moonshot')
    expectVerdict(found, 'moonshot', 'wrong_service_key', /belongs to "kimi-coding"/)
  })

  test('a client that is not on the list: client_not_admitted, though status and type are those of a used-up week', async () => {
    kimi.setKey(KIMI_KEY, 'valid')
    const entry = { ...entryOf(kimi, KIMI_KEY, 'openai-completions'), baseUrl: `http://127.0.0.1:${relay.port}/plan` }
    const found = await doctor({ 'kimi-coding': entry }, 'kimi-coding')
    expectVerdict(found, 'kimi-coding', 'client_not_admitted', /does not admit the client "candor\//)
  })

  test.each([
    { model: 'kimi-for-codin', verdict: 'model_not_found' as const, says: /No model is called/ },
    { model: 'k3', verdict: 'model_not_in_plan' as const, says: /does not include the model "k3"/ },
    { model: 'made-up', verdict: 'upstream_model_not_found' as const, says: /does not know the model "made-up"/ },
  ])('the model $model: $verdict', async ({ model, verdict, says }) => {
    kimi.setKey(KIMI_KEY, 'low-tier')
    const entry = { ...entryOf(kimi, KIMI_KEY), models: [{ id: 'made-up' }] }
    expectVerdict(await doctor({ 'kimi-coding': entry }, `kimi-coding/${model}`), 'kimi-coding', verdict, says)
  })

  test('without its key it is told what is missing, and nothing is asked', async () => {
    const { baseUrl, api } = entryOf(kimi)
    const found = await doctor({ 'kimi-coding': { baseUrl, api } }, 'kimi-coding')
    expect(found.code).toBe(1)
    expect(JSON.stringify(found.findings)).toContain('KIMI_API_KEY')
    expect(kimi.requests()).toEqual([])
  })

  test('nothing of the user’s is written', async () => {
    kimi.setKey(KIMI_KEY, 'valid')
    await doctor({ 'kimi-coding': entryOf(kimi, KIMI_KEY) }, 'kimi-coding')
    expect(await Bun.file(join(home, 'data', 'ledger.sqlite')).exists()).toBe(false)
  })
})
