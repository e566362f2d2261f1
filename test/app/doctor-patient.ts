import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import type { App } from '../../src/app/app.ts'
import { openApp } from '../../src/app/assemble.ts'
import { checkText } from '../../src/app/config/load.ts'
import type { Check, Found, Machine, Patient } from '../../src/app/doctor/check.ts'
import { NOT_ASKED } from '../../src/app/doctor/checks.ts'
import { systemClock } from '../../src/base/clock.ts'

/** What the launcher sets. */
export const RAILS = {
  CANDOR_LAUNCHED: '1',
  BUN_CONFIG_MAX_HTTP_REQUESTS: '16384',
  BUN_CONFIG_HTTP_IDLE_TIMEOUT: '0',
} as const

/** A machine on which nothing is wrong. */
export const HEALTHY: Machine = {
  bun: manifest.dependencies.bun,
  os: 'linux',
  arch: 'x64',
  isAlive: () => true,
  freeBytes: async () => 64 * 1024 ** 3,
  listeners: async () => [],
  nameOf: async () => '',
  hear: async () => undefined,
}

/** Patients of one file of tests. */
export interface Ward {
  /** A data folder of its own, empty. */
  folder(): string
  /** One with this configuration, on a machine on which nothing is wrong but what is said. */
  patient(config?: object | string, sick?: Sickness): Promise<Patient>
  close(): Promise<void>
}

/** What is another than in a healthy patient. */
export type Sickness = Partial<Omit<Patient, 'machine'>> & { readonly machine?: Partial<Machine> }

/** Opens a ward. It must be closed at the end. */
export function openWard(): Ward {
  const root = mkdtempSync(join(tmpdir(), 'candor-doctor-'))
  const apps: App[] = []
  const folder = () => mkdtempSync(join(root, 'data-'))
  return {
    folder,
    async patient(config = {}, sick = {}) {
      const text = typeof config === 'string' ? config : JSON.stringify(config, undefined, 2)
      const dataDir = sick.paths?.dataDir ?? folder()
      const env = { ...RAILS, ...sick.env }
      const file = join(root, 'candor.json5')
      const loaded = checkText(text, file)
      const app = loaded.ok
        ? await openApp({
            env: { ...env, CANDOR_HOME: folder() },
            cwd: root,
            home: root,
            configText: { text, label: file },
            log() {},
          })
        : undefined
      if (app !== undefined && 'kind' in app) throw new Error(app.text)
      if (app !== undefined) apps.push(app)
      return {
        paths: { configFile: file, configFrom: '--config', configNamed: true, dataDir, dataFrom: 'CANDOR_HOME' },
        clock: systemClock,
        loaded,
        config: loaded.ok ? loaded.config : undefined,
        remarks: [],
        gateway: undefined,
        house: app?.house(),
        receipts: undefined,
        ledgerBytesMax: 1024 ** 3,
        provider: undefined,
        ...NOT_ASKED,
        ...sick,
        env,
        machine: { ...HEALTHY, ...sick.machine },
      }
    },
    async close() {
      for (const app of apps) await app.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** The findings of one check. */
export async function findingsOf(check: Check, patient: Patient): Promise<readonly Found[]> {
  const found: Found[] = []
  await check.run(patient, each => void found.push(each))
  return found
}

/** `severity id`, in the order they were told. */
export async function idsOf(check: Check, patient: Patient): Promise<readonly string[]> {
  return (await findingsOf(check, patient)).map(({ severity, id }) => `${severity} ${id}`)
}
