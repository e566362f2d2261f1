import { afterAll, describe, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:http'
import type { Patient } from '../../src/app/doctor/check.ts'
import { clockCheck } from '../../src/app/doctor/clock.ts'
import { openProbes, type Probed, probeCheck } from '../../src/app/doctor/probe.ts'
import { lookedAt } from '../../src/app/doctor/providers.ts'
import { streamCheck } from '../../src/app/doctor/stream.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { findingsOf, idsOf, openWard } from './doctor-patient.ts'

const ward = openWard()
const sim = await startSim({ kind: 'openai' })
const slow = await startSim({ kind: 'openai', paceMs: 40 })
const servers: Server[] = []
afterAll(async () => {
  await ward.close()
  await Promise.all([sim.stop(), slow.stop()])
  for (const server of servers) server.close()
})

/** A server in front of a simulation. */
async function inFront(handle: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handle ?? (() => {}))
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`
}

/** One that passes an answer on when it is whole, with the time it is told. */
function holdingBack(to: string, date = new Date().toUTCString()): Promise<string> {
  return inFront(async (request, response) => {
    const body: Uint8Array[] = []
    for await (const piece of request) body.push(piece)
    const { authorization = '' } = request.headers
    const answer = await fetch(to + (request.url ?? '').replace('/v1', ''), {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: Buffer.concat(body),
    })
    const whole = Buffer.from(await answer.arrayBuffer())
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '', date })
    response.end(whole)
  })
}

/** A patient whose only provider is there, and may be asked. */
async function asked(baseUrl: string, more: object = {}): Promise<{ patient: Patient; calls: string[] }> {
  const entry = { baseUrl, api: 'openai-completions', apiKey: sim.key, models: [{ id: sim.model }], ...more }
  const patient = await ward.patient({ models: { providers: { openai: entry } } }, { probe: true })
  const calls: string[] = []
  const { house } = patient
  if (house === undefined) throw new Error('the configuration is good')
  const probed = openProbes({ house, providers: lookedAt(patient), asking: ref => calls.push(ref) })
  return { patient: { ...patient, probed }, calls }
}

const v1 = (origin: string) => `${origin}/v1`

describe('probe', () => {
  test('asks with every key, and each answers for itself', async () => {
    sim.clear()
    const apiKeys = [
      { name: 'good', key: sim.key },
      { name: 'bad', key: 'sk-sim-invalid' },
    ]
    const { patient } = await asked(v1(sim.origin), { apiKey: undefined, apiKeys })
    const found = await findingsOf(probeCheck, patient)
    expect(found.map(({ severity, id }) => `${severity} ${id}`)).toEqual([
      'ok provider.openai.probe',
      'error provider.openai.probe.invalid_key',
    ])
    expect(found[0]?.message).toContain('with the key "good"')
    expect(found[1]?.message).toContain('with the key "bad"')
    expect(sim.requests().length).toBe(2)
  })

  test('asks each key once, however many checks want to know', async () => {
    const { patient, calls } = await asked(v1(sim.origin))
    await findingsOf(probeCheck, patient)
    await findingsOf(clockCheck, patient)
    await findingsOf(probeCheck, patient)
    expect(calls).toEqual([`openai/${sim.model}`])
  })

  test('tells what cannot be reached', async () => {
    const { patient } = await asked('http://127.0.0.1:9/v1')
    expect(await idsOf(probeCheck, patient)).toEqual(['error provider.openai.probe.unreachable'])
    expect(await idsOf(streamCheck, patient)).toEqual(['info stream'])
  })
})

describe('stream', () => {
  test('that comes as it is made', async () => {
    const { patient } = await asked(v1(slow.origin))
    const found = await findingsOf(streamCheck, patient)
    expect(found).toMatchObject([{ id: 'stream', severity: 'ok' }])
    expect(found[0]?.message).toMatch(/came as it was made: \d+ pieces, the first after/)
  })

  test('that something on the way holds back', async () => {
    const slower = await startSim({ kind: 'openai', paceMs: 150 })
    const { patient } = await asked(await holdingBack(v1(slower.origin)))
    const found = await idsOf(streamCheck, patient)
    await slower.stop()
    expect(found).toEqual(['warning stream.held-back'])
  })

  test('that is whole too soon to tell', async () => {
    const { patient } = await asked(await holdingBack(v1(sim.origin)))
    expect(await idsOf(streamCheck, patient)).toEqual(['info stream'])
  })

  test('that breaks where a whole answer came', async () => {
    const { patient } = await asked(v1(sim.origin))
    sim.setFault('status=500', request => request.body.includes('"stream":true'))
    const found = await idsOf(streamCheck, patient)
    sim.setFault(undefined)
    expect(found).toEqual(['error stream.upstream_error'])
  })

  test('is not tried where only one provider was named', async () => {
    const { patient, calls } = await asked(v1(sim.origin))
    expect(await idsOf(streamCheck, { ...patient, probe: false })).toEqual([])
    expect(calls).toEqual([])
  })
})

describe('clock', () => {
  test.each([
    [0, 'ok clock'],
    [120_000, 'warning clock.skew'],
    [-3_600_000, 'error clock.skew'],
  ])('of a provider that differs by %p ms', async (byMs, expected) => {
    const date = new Date(Date.now() + byMs).toUTCString()
    const { patient } = await asked(await holdingBack(v1(sim.origin), date))
    const [found] = await findingsOf(clockCheck, patient)
    expect(`${found?.severity} ${found?.id}`).toBe(expected)
    if (byMs !== 0) expect(found?.message).toContain(byMs > 0 ? 'behind' : 'ahead of')
  })

  test('goes by the provider that agrees best: one may be wrong itself', async () => {
    const told = (byMs: number): Probed => ({
      found: { id: 'x', severity: 'ok', message: '' },
      told: { dateMs: 1_000_000 + byMs, heardAt: 1_000_000 },
    })
    const patient = await ward.patient(
      {},
      {
        async *probed() {
          yield told(7_200_000)
          yield told(-2_000)
        },
      },
    )
    expect(await idsOf(clockCheck, patient)).toEqual(['ok clock'])
  })
})
