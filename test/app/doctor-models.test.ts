import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../src/app/config/load.ts'
import type { Patient } from '../../src/app/doctor/check.ts'
import { configCheck, remarksOf } from '../../src/app/doctor/configuration.ts'
import { examine } from '../../src/app/doctor/examine.ts'
import { modelsCheck } from '../../src/app/doctor/models.ts'
import { pricesCheck } from '../../src/app/doctor/prices.ts'
import { providersCheck } from '../../src/app/doctor/providers.ts'
import { quotaCheck } from '../../src/app/doctor/quota.ts'
import type { HealthView } from '../../src/upstream/health.ts'
import type { QuotaView, QuotaWindow } from '../../src/upstream/quota.ts'
import { findingsOf, idsOf, openWard } from './doctor-patient.ts'

const ward = openWard()
afterAll(() => ward.close())

const KEY = 'sk-0123456789abcdef'
const openai = (more: object = {}) => ({ openai: { apiKey: KEY, ...more } })

describe('config', () => {
  test('faults and warnings with their places', async () => {
    const found = await findingsOf(configCheck, await ward.patient('{\n  gateway: { prot: 1 },\n}'))
    expect(found).toMatchObject([{ id: 'config.fault', severity: 'error', line: 2, column: 14 }])
    expect(found[0]?.fixHint).toContain('port')
    const routes = { twice: { targets: ['openai/gpt-4.1', 'openai/gpt-4.1'], fallbackOn: ['overloaded'] } }
    const doubtful = await findingsOf(configCheck, await ward.patient({ models: { providers: openai() }, routes }))
    expect(doubtful).toMatchObject([{ id: 'config' }, { id: 'config.warning', severity: 'warning' }])
    expect(doubtful[1]?.line).toBeGreaterThan(1)
  })

  test('a file with keys that others may read can be repaired', async () => {
    const file = join(ward.folder(), 'candor.json5')
    writeFileSync(file, JSON.stringify({ models: { providers: openai() } }))
    chmodSync(file, 0o644)
    const load = () => loadConfig({ file, mustExist: true })
    const usual = await ward.patient()
    const found = await findingsOf(configCheck, { ...usual, loaded: await load() })
    expect(found.map(({ id }) => id)).toEqual(['config', 'config.mode'])
    await found[1]?.repair?.mend()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await idsOf(configCheck, { ...usual, loaded: await load() })).toEqual(['ok config'])
  })

  test('what a gateway says of itself: refused, gone, and what it found when it looked everything up', async () => {
    const usual = await ward.patient()
    const refused = { ...usual, gateway: { pid: 1, refused: 'NO_KEY is not set.\n  fix: set it' } }
    expect((await findingsOf(configCheck, refused))[0]).toMatchObject({
      id: 'config.refused',
      severity: 'error',
      message: expect.stringContaining('NO_KEY is not set. fix: set it'),
    })
    const gone = {
      ...usual,
      gateway: { pid: 1 },
      loaded: await loadConfig({ file: '/nowhere.json5', mustExist: false }),
    }
    expect(await idsOf(configCheck, gone)).toEqual(['warning config.gone'])
    expect(await idsOf(configCheck, { ...gone, gateway: undefined })).toEqual(['ok config'])
    const faulty = { ...(await ward.patient('{ gatway: {} }')), gateway: { pid: 1 } }
    expect(await idsOf(configCheck, faulty)).toEqual(['error config.fault', 'warning config.refused'])
    expect(remarksOf(['a'], usual.loaded)).toEqual(['a'])
    expect(await idsOf(configCheck, { ...usual, remarks: ['simulated providers answer'] })).toEqual([
      'ok config',
      'warning config.warning',
    ])
  })
})

describe('models', () => {
  const listed = {
    models: { providers: openai(), default: 'openai/gpt-4.1', aliases: { fast: 'openai/gpt-4.1-nano' } },
  }

  test('that are known', async () => {
    const found = await findingsOf(modelsCheck, await ward.patient(listed))
    expect(found).toMatchObject([{ id: 'models', severity: 'ok', message: expect.stringMatching(/^2 names/) }])
    expect(await idsOf(modelsCheck, await ward.patient())).toEqual(['ok models'])
  })

  test.each<[string, object, string]>([
    ['a slip', { models: { providers: openai(), default: 'openai/gpt-4.1-nanno' } }, 'warning models.unlisted'],
    ['far from any', { models: { providers: openai(), default: 'openai/zzzzzzzzzz' } }, 'info models.unlisted'],
    ['declared', { models: { providers: openai({ models: [{ id: 'house-model' }] }) } }, 'info models.unlisted'],
    ['nobody lists', { models: { default: 'no-such-model-anywhere' } }, 'error models.unknown'],
    ['without a key', { models: { aliases: { fast: 'openai/gpt-4.1' } } }, 'warning models.unavailable'],
    [
      'of a route',
      { models: { providers: openai() }, routes: { r: { targets: ['openai/gpt-4.1', 'moonshot/kimi-k2.7-code'] } } },
      'warning models.unavailable',
    ],
  ])('%s', async (_, config, expected) => {
    const found = await findingsOf(modelsCheck, await ward.patient(config))
    expect(found.map(({ severity, id }) => `${severity} ${id}`)).toEqual([expected])
    expect(found[0]?.line).toBeGreaterThan(1)
    expect(found[0]?.fixHint).toBeTruthy()
  })

  test('an alias or a default that leads to a route names no model', async () => {
    const config = {
      models: { providers: openai(), default: 'r', aliases: { a: 'r' } },
      routes: { r: { targets: ['openai/gpt-4.1'] } },
    }
    expect((await findingsOf(modelsCheck, await ward.patient(config)))[0]?.message).toStartWith('1 name of')
  })

  test('an old name is known by the row', async () => {
    const config = { models: { providers: { 'kimi-coding': { apiKey: KEY, models: [{ id: 'k2p5' }] } } } }
    expect(await idsOf(modelsCheck, await ward.patient(config))).toEqual(['ok models'])
  })
})

describe('prices', () => {
  const own = (more: object) => ({ models: { providers: openai({ models: [{ id: 'house-model', ...more }] }) } })
  test.each([
    ['none', own({}), 'warning prices.unknown'],
    ['the user wrote one', own({ price: { input: 1, output: 2 } }), 'ok prices'],
    ['the catalogue has one', { models: { providers: openai(), default: 'openai/gpt-4.1' } }, 'ok prices'],
    [
      'a plan has none',
      { models: { providers: openai({ billing: 'plan', models: [{ id: 'house-model' }] }) } },
      'ok prices',
    ],
  ])('%s', async (_, config, expected) => {
    expect(await idsOf(pricesCheck, await ward.patient(config))).toEqual([expected])
  })

  test('of other providers are not looked at where one is named', async () => {
    expect(await idsOf(pricesCheck, await ward.patient(own({}), { provider: 'moonshot' }))).toEqual(['ok prices'])
  })
})

describe('providers', () => {
  test('none at all, one without its key, and one with the key of a sibling', async () => {
    expect(await idsOf(providersCheck, await ward.patient())).toEqual(['error providers.none'])
    const beside = await ward.patient({}, { told: { usable: ['zai'], quotas: [], health: [] } })
    expect(await idsOf(providersCheck, beside)).toEqual(['warning providers.none'])
    const unset = `{ models: { providers: { openai: { apiKey: "\${NO_SUCH_KEY}" } } } }`
    expect(await idsOf(providersCheck, await ward.patient(unset))).toEqual(['error provider.openai'])
    const sibling = { models: { providers: { moonshot: { apiKey: 'sk-kimi-abcdefghijkl' } } } }
    expect(await idsOf(providersCheck, await ward.patient(sibling))).toEqual([
      'ok provider.moonshot',
      'warning provider.moonshot.key-prefix',
    ])
  })
})

test('what of a provider is left alone is told, as the gateway that runs knows it', async () => {
  const config = { models: { providers: { moonshot: { apiKey: 'sk-0123456789abcdef' } } } }
  const view = {
    provider: 'moonshot',
    credential: 'default',
    model: 'kimi-k2',
    state: 'open',
    reason: 'overloaded',
    what: 'Too much.',
    times: 1,
    inFlight: 0,
    answered: 0,
    providerFailures: 3,
    networkFailures: 0,
  } as const
  const until = Date.now() + 60_000
  const found = async (health: readonly HealthView[]) =>
    (await findingsOf(providersCheck, await ward.patient(config, { told: { usable: [], quotas: [], health } }))).filter(
      ({ id }) => id.endsWith('.health'),
    )
  expect(
    await found([
      { ...view, until },
      { ...view, provider: 'zai', until },
    ]),
  ).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('kimi-k2: cools down for 1 min: Too much (overloaded)') },
  ])
  expect(await found([{ ...view, state: 'half-open' }])).toMatchObject([{ severity: 'info' }])
  expect(await found([{ ...view, state: 'closed', until }])).toEqual([])
})

describe('quota', () => {
  const withWindow = async (window: Partial<QuotaWindow>, view: Partial<QuotaView> = {}): Promise<Patient> => {
    const patient = await ward.patient()
    const { house } = patient
    if (house === undefined) throw new Error('the configuration is good')
    const told: QuotaView = {
      provider: 'kimi-coding',
      credential: 'default',
      billing: 'plan',
      source: 'endpoint',
      at: Date.now(),
      stale: false,
      windows: [{ name: 'weekly', unit: 'percent', ...window }],
      ...view,
    }
    return { ...patient, house: { ...house, quotas: { ...house.quotas, peek: () => [told] } } }
  }

  test.each<[string, Partial<QuotaWindow>, Partial<QuotaView>, string]>([
    ['enough', { remainingPercent: 63 }, {}, 'ok quota'],
    ['little', { remainingPercent: 9.5 }, {}, 'warning provider.kimi-coding.quota'],
    ['nothing', { remainingPercent: 0 }, {}, 'error provider.kimi-coding.quota'],
    ['a debt', { remaining: -3, unit: 'USD' }, {}, 'error provider.kimi-coding.quota'],
    ['of tools only', { remainingPercent: 0, aside: true }, {}, 'ok quota'],
    ['of the past', { remainingPercent: 0 }, { stale: true }, 'ok quota'],
    ['nothing was told', {}, { windows: [] }, 'info quota'],
  ])('%s', async (_, window, view, expected) => {
    expect(await idsOf(quotaCheck, await withWindow(window, view))).toEqual([expected])
  })

  test('what a gateway that runs told a command counts, but for what the command itself has heard since', async () => {
    const patient = await withWindow({ remainingPercent: 63 })
    const [own] = patient.house?.quotas.peek() ?? []
    if (own === undefined) throw new Error('there is one')
    const windows = [{ name: 'weekly', unit: 'percent', remainingPercent: 4 }]
    const told = (quotas: readonly QuotaView[]) => ({ ...patient, told: { usable: [], quotas, health: [] } })
    expect(await idsOf(quotaCheck, told([{ ...own, windows }]))).toEqual(['ok quota'])
    expect(await idsOf(quotaCheck, told([{ ...own, provider: 'zai', windows }]))).toEqual([
      'warning provider.zai.quota',
    ])
  })

  test('what nobody can tell is not told as if all were well', async () => {
    const [alone] = await findingsOf(quotaCheck, await ward.patient())
    expect(alone).toMatchObject({ severity: 'info', fixHint: 'Ask the providers: candor usage quota' })
    expect(alone?.message).toContain('is not known here: no gateway runs')
    const [beside] = await findingsOf(quotaCheck, await ward.patient({}, { gateway: { pid: 1, elsewhere: true } }))
    expect(beside?.message).toBe('No provider has told the gateway yet what is left.')
  })

  test('says when it resets', async () => {
    const resetsAtMs = Date.now() + 7_200_000
    const [found] = await findingsOf(quotaCheck, await withWindow({ remainingPercent: 4, resetsAtMs }))
    expect(found?.message).toMatch(/says that 4 % of its quota \(weekly\) is left; it resets in 2 h\.$/)
  })
})

test('a check that fails is a finding, and the next one is made all the same', async () => {
  const broken = { id: 'broken', about: 'nothing', run: () => Promise.reject(new Error('no luck')) }
  const told: string[] = []
  const all = await examine(await ward.patient(), [broken, quotaCheck], ({ id }) => told.push(id))
  expect(all).toMatchObject([
    { check: 'broken', id: 'broken.unfinished', severity: 'error', message: expect.stringContaining('no luck') },
    { check: 'quota', id: 'quota' },
  ])
  expect(told).toEqual(['broken.unfinished', 'quota'])
})
