import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { type DoctorView, type ProbeView, readProbeQuestion } from '../../src/admin/doctor.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { startGateway } from '../e2e/harness.ts'
import { entryOf, simulate } from '../e2e/providers.ts'

const openai = await simulate('openai')
const moonshot = await simulate('moonshot')
const gateway = await startGateway({
  config: {
    models: { providers: { openai: entryOf(openai), moonshot: entryOf(moonshot, 'sk-moonshot-sim-invalid') } },
  },
})
const { adminToken } = await Bun.file(join(gateway.dataDir, 'gateway.json')).json()
const headers = { authorization: `Bearer ${adminToken}` }
afterAll(async () => {
  await gateway.stop()
  await Promise.all([openai.stop(), moonshot.stop()])
})

async function look(): Promise<DoctorView> {
  return (await (await gateway.fetch('/candor/doctor')).json()) as DoctorView
}

async function probe(question?: object | string): Promise<{ status: number; body: ProbeView; text: string }> {
  const body = typeof question === 'string' ? question : JSON.stringify(question)
  const response = await gateway.fetch('/candor/doctor/probe', { method: 'POST', headers, body: body ?? null })
  const text = await response.text()
  return { status: response.status, body: JSON.parse(text), text }
}

const ofProviders = ({ findings }: ProbeView) =>
  findings.filter(({ check }) => check === 'probe').map(({ severity, id }) => `${severity} ${id}`)

describe('GET /candor/doctor', () => {
  test('tells what is wrong at this moment, asks nobody, and is kept nowhere', async () => {
    openai.clear()
    const ledger = join(gateway.dataDir, 'ledger.sqlite')
    chmodSync(ledger, 0o644)
    const response = await gateway.fetch('/candor/doctor')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { findings, checks, providers } = (await response.json()) as DoctorView
    expect(findings.find(({ id }) => id === 'files.mode')).toEqual({
      check: 'files',
      id: 'files.mode',
      severity: 'warning',
      message: `Other users may look into ${ledger}: its mode is 644.`,
      path: ledger,
      fixHint: `Run: chmod 600 ${ledger}`,
    })
    chmodSync(ledger, 0o600)
    expect((await look()).findings.map(({ id }) => id)).toContain('files')
    expect(findings.find(({ id }) => id === 'gateway')?.message).toContain(gateway.url)
    expect(checks.map(({ id }) => id)).not.toContain('probe')
    expect(providers.map(({ id }) => id).toSorted()).toEqual(['moonshot', 'openai'])
    expect([...openai.requests(), ...moonshot.requests()]).toEqual([])
  })

  test('tells of a configuration file that became faulty', async () => {
    gateway.configure('{\n  gatway: {},\n}')
    const fault = (await look()).findings.find(({ id }) => id === 'config.fault')
    expect(fault).toMatchObject({ severity: 'error', path: gateway.configFile, line: 2, column: 3 })
    gateway.configure({
      models: { providers: { openai: entryOf(openai), moonshot: entryOf(moonshot, 'sk-moonshot-sim-invalid') } },
    })
    for (;;) if ((await look()).findings.some(({ id }) => id === 'config')) break
  })
})

describe('POST /candor/doctor/probe', () => {
  test('is for whoever may change something', async () => {
    expect((await gateway.fetch('/candor/doctor/probe', { method: 'POST' })).status).toBe(401)
    expect(openai.requests()).toEqual([])
  })

  test('asks every provider, with receipts, and its answers stay until the next one', async () => {
    const { status, body } = await probe()
    expect(status).toBe(200)
    expect(body.state).toBe('done')
    expect(ofProviders(body).toSorted()).toEqual([
      'error provider.moonshot.probe.invalid_key',
      'ok provider.openai.probe',
    ])
    expect(body.findings.every(({ askedAt = 0 }) => askedAt >= body.startedAt)).toBe(true)
    expect((await look()).probe).toEqual(body)
    const receipts = await gateway.receipts()
    expect(receipts.map(({ client }) => client.split('/')[0])).toEqual(['candor', 'candor', 'candor'])
  })

  test('asks one, and keeps what others answered', async () => {
    moonshot.clear()
    const { body } = await probe({ provider: 'openai' })
    expect(body.provider).toBe('openai')
    expect(ofProviders(body)).toEqual(['error provider.moonshot.probe.invalid_key', 'ok provider.openai.probe'])
    expect(moonshot.requests()).toEqual([])
  })

  test('is not made twice at once; what came so far is told meanwhile', async () => {
    openai.clear()
    openai.setFault('delay=300')
    const first = probe({ provider: 'openai' })
    await openai.when(requests => requests.length > 0)
    const second = await probe()
    expect(second.status).toBe(409)
    expect(second.text).toContain('Providers are being asked already')
    const { probe: running } = await look()
    expect(running?.state).toBe('running')
    expect(running?.asking).toStartWith('openai/')
    expect((await first).body.state).toBe('done')
    openai.setFault(undefined)
  })

  test.each<[object | string, number, RegExp]>([
    [{ provider: 'opnai' }, 400, /Did you mean \\"openai\\"/],
    [{ provider: 'anthropic' }, 503, /cannot be asked: the environment variable/],
    [{ provider: 7 }, 400, /must be the id of a provider/],
    [{ model: 'x' }, 400, /no field \\"model\\"/],
    ['[]', 400, /no JSON object/],
    ['{', 400, /no JSON object/],
  ])('%p is refused', async (question, status, words) => {
    openai.clear()
    const got = await probe(question)
    expect(got.status).toBe(status)
    expect(got.text).toMatch(words)
    expect(openai.requests()).toEqual([])
  })
})

test('both are described, with their answers', async () => {
  const described = (await (await gateway.fetch('/candor/openapi.json')).json()) as {
    readonly paths: Record<string, Record<string, { requestBody?: { required: boolean }; responses: object }>>
  }
  const get = described.paths['/candor/doctor']?.['get']
  const post = described.paths['/candor/doctor/probe']?.['post']
  expect(get?.responses).toMatchObject({
    200: { content: { 'application/json': { schema: { required: ['at', 'checks', 'findings', 'providers'] } } } },
  })
  expect(post?.requestBody?.required).toBe(false)
})

test('a question may be nothing at all', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  expect(readProbeQuestion(bytes(''))).toEqual({})
  expect(readProbeQuestion(bytes('{}'))).toEqual({})
  expect(readProbeQuestion(bytes('{"provider":"openai"}'))).toEqual({ provider: 'openai' })
  expect(isProblem(readProbeQuestion(bytes('null')))).toBe(true)
})
