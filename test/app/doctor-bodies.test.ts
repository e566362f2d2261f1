import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bodiesCheck } from '../../src/app/doctor/bodies.ts'
import type { Patient } from '../../src/app/doctor/check.ts'
import { filesCheck } from '../../src/app/doctor/files.ts'
import { bodiesFolder } from '../../src/ledger/body-files.ts'
import type { BodyHealth } from '../../src/ledger/kept-bodies.ts'
import { findingsOf, idsOf, openWard, type Sickness } from './doctor-patient.ts'

const ward = openWard()
afterAll(() => ward.close())

const ON = { bodies: { keepDays: 7 } }

/** One with a folder of bodies of one day, with these modes. */
async function withBodies(
  modes: readonly [number, number],
  config: object = ON,
  sick: Sickness = {},
): Promise<{ readonly patient: Patient; readonly folder: string; readonly day: string }> {
  const patient = await ward.patient(config, sick)
  const folder = bodiesFolder(patient.paths.dataDir)
  const day = join(folder, '2026-11-20')
  mkdirSync(day, { recursive: true })
  chmodSync(folder, modes[0])
  chmodSync(day, modes[1])
  return { patient, folder, day }
}

describe('bodies', () => {
  test('that are not kept are a good sign', async () => {
    expect(await idsOf(bodiesCheck, await ward.patient())).toEqual(['ok bodies'])
  })

  test('that are kept are told: for how long, where, and how to end it', async () => {
    const patient = await ward.patient(ON)
    const folder = bodiesFolder(patient.paths.dataDir)
    expect(await findingsOf(bodiesCheck, patient)).toEqual([
      {
        id: 'bodies.kept',
        severity: 'info',
        message: `What is asked and answered is kept for 7 days in ${folder}, at most 1 GiB.`,
        path: folder,
        fixHint: 'If that is not meant: candor config set bodies.keepDays 0',
      },
    ])
  })

  test('that are still there, though none are kept any more', async () => {
    const { patient } = await withBodies([0o700, 0o700], {})
    expect(await idsOf(bodiesCheck, patient)).toEqual(['info bodies.left'])
  })

  test('of a configuration that cannot be used are the business of its own check', async () => {
    expect(await idsOf(bodiesCheck, await ward.patient('{ bodies: { keepDay: 1 } }'))).toEqual([])
  })

  const HEALTH: BodyHealth = { keepDays: 3, bytesMax: 1_024, totalBytesMax: 1_024 ** 2, dropped: 0 }
  test.each<[string, Partial<BodyHealth>, readonly string[]]>([
    ['well', {}, ['info bodies.kept']],
    ['not counted on', { dropped: 2 }, ['warning bodies.dropped', 'info bodies.kept']],
    ['in trouble', { dropped: 2, warning: 'ENOSPC.' }, ['warning bodies.trouble', 'info bodies.kept']],
    ['off in the gateway, if not in the file', { keepDays: 0 }, ['ok bodies']],
  ])('of a gateway that is %s', async (_, over, expected) => {
    const gateway = { pid: 1, bodies: { ...HEALTH, ...over } }
    expect(await idsOf(bodiesCheck, await ward.patient(ON, { gateway }))).toEqual([...expected])
  })

  test.each<[number, number, readonly string[]]>([
    [0o700, 0o700, []],
    [0o755, 0o700, ['']],
    [0o700, 0o750, ['2026-11-20']],
    [0o711, 0o777, ['', '2026-11-20']],
  ])('with the modes %o and %o', async (root, day, open) => {
    const { patient, folder } = await withBodies([root, day])
    const found = (await findingsOf(bodiesCheck, patient)).filter(({ id }) => id === 'bodies.mode')
    expect(found.map(({ severity, path }) => [severity, path])).toEqual(
      open.map(name => ['warning', name === '' ? folder : join(folder, name)]),
    )
    expect((await findingsOf(filesCheck, patient)).map(({ path }) => path)).not.toContain(folder)
    for (const { repair } of found) await repair?.mend()
    expect([folder, join(folder, '2026-11-20')].map(path => statSync(path).mode & 0o777)).toEqual([0o700, 0o700])
  })

  test('have no modes on Windows', async () => {
    const { patient } = await withBodies([0o755, 0o755], ON, { machine: { os: 'win32' } })
    expect(await idsOf(bodiesCheck, patient)).toEqual(['info bodies.kept'])
  })
})
