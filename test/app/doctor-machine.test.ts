import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Machine, Patient } from '../../src/app/doctor/check.ts'
import { environmentCheck } from '../../src/app/doctor/environment.ts'
import { filesCheck } from '../../src/app/doctor/files.ts'
import { portCheck } from '../../src/app/doctor/port.ts'
import { runtimeCheck } from '../../src/app/doctor/runtime.ts'
import { spaceCheck } from '../../src/app/doctor/space.ts'
import { thisMachine } from '../../src/app/doctor/this-machine.ts'
import { findingsOf, idsOf, openWard } from './doctor-patient.ts'

const ward = openWard()
afterAll(() => ward.close())

const at = (dataDir: string): Patient['paths'] => ({
  configFile: join(dataDir, 'none.json5'),
  configFrom: '--config',
  configNamed: true,
  dataDir,
  dataFrom: 'CANDOR_HOME',
})

describe('runtime', () => {
  test.each([
    [{}, {}, ['ok runtime']],
    [{}, { bun: '1.2.3' }, ['warning runtime.version']],
    [{ CANDOR_LAUNCHED: '' }, {}, ['error runtime.guard-rails']],
    [{ BUN_CONFIG_MAX_HTTP_REQUESTS: '256' }, {}, ['error runtime.guard-rails']],
  ])('with %o and %o', async (env, machine, expected) => {
    expect(await idsOf(runtimeCheck, await ward.patient({}, { env, machine }))).toEqual(expected)
  })
})

describe('files', () => {
  test('a file where the folder would be is an error, and is left as it is', async () => {
    const dataDir = join(ward.folder(), 'data')
    writeFileSync(dataDir, '')
    const found = await findingsOf(filesCheck, await ward.patient({}, { paths: at(dataDir) }))
    expect(found).toMatchObject([{ id: 'files.no-folder', severity: 'error', path: dataDir }])
    expect(found[0]).not.toHaveProperty('repair')
  })

  test('that others may look into are told, and their repair takes the rights away', async () => {
    const dataDir = ward.folder()
    const note = join(dataDir, 'gateway.json')
    const folder = join(dataDir, 'connect')
    writeFileSync(note, '{}')
    mkdirSync(folder)
    symlinkSync('/etc', join(dataDir, 'elsewhere'))
    const patient = await ward.patient({}, { paths: at(dataDir) })
    for (const path of [note, folder]) chmodSync(path, 0o755)
    chmodSync(dataDir, 0o750)
    const found = await findingsOf(filesCheck, patient)
    expect(found.map(({ path }) => path).toSorted()).toEqual([dataDir, folder, note].toSorted())
    expect(found.find(({ path }) => path === note)).toMatchObject({
      id: 'files.mode',
      severity: 'warning',
      fixHint: `Run: chmod 600 ${note}`,
    })
    for (const { repair } of found) await repair?.mend()
    expect([dataDir, folder, note].map(path => statSync(path).mode & 0o777)).toEqual([0o700, 0o700, 0o600])
    expect(await idsOf(filesCheck, patient)).toEqual(['ok files'])
  })

  test('have no modes on Windows, and that is said', async () => {
    expect(await idsOf(filesCheck, await ward.patient({}, { machine: { os: 'win32' } }))).toEqual(['info files'])
  })
})

describe('space', () => {
  const MIB = 1024 ** 2
  test.each<[string, Machine['freeBytes'], string]>([
    ['plenty', async () => 2_000 * MIB, 'ok space'],
    ['little', async () => 500 * MIB, 'warning space.low'],
    ['nearly none', async () => 10 * MIB, 'error space.none'],
    ['nobody knows how much', () => Promise.reject(new Error('ENOSYS')), 'info space'],
  ])('%s', async (_, freeBytes, expected) => {
    expect(await idsOf(spaceCheck, await ward.patient({}, { machine: { freeBytes } }))).toEqual([expected])
  })

  test('is looked at where the folder will be, as long as it is not there', async () => {
    const asked: string[] = []
    const dataDir = join(ward.folder(), 'not', 'yet')
    const freeBytes = async (folder: string) => asked.push(folder) * 2_000 * MIB
    await idsOf(spaceCheck, await ward.patient({}, { paths: at(dataDir), machine: { freeBytes } }))
    expect(asked).toEqual([join(dataDir, '..', '..')])
    expect(await thisMachine.freeBytes(join(dataDir, '..', '..'))).toBeGreaterThan(0)
  })
})

/** A data folder in which a gateway has left its note. */
function noted(pid: number, url = 'http://127.0.0.1:8787'): string {
  const dataDir = ward.folder()
  writeFileSync(join(dataDir, 'gateway.json'), JSON.stringify({ pid, url, startedAt: '', version: '0.1.0' }))
  return dataDir
}

const live: Machine['hear'] = async () => ({ ok: true, text: 'ok\n' })
const candor: Machine['hear'] = async url => ({ ok: true, text: url.endsWith('/livez') ? 'ok\n' : 'Candor 9.9.9: …' })

describe('gateway', () => {
  test.each<[string, Partial<Machine>, string]>([
    ['runs', { hear: live }, 'ok gateway'],
    ['runs, and the system says so', { hear: live, listeners: async () => [42] }, 'ok gateway'],
    ['is there and says nothing', {}, 'warning gateway.silent'],
    ['has lost its port to another', { hear: candor, listeners: async () => [43] }, 'error gateway.duplicate'],
    ['shares its port', { hear: live, listeners: async () => [42, 43] }, 'error gateway.duplicate'],
  ])('%s', async (_, machine, expected) => {
    const patient = await ward.patient({ gateway: { port: 0 } }, { paths: at(noted(42)), machine })
    expect(await idsOf(portCheck, patient)).toEqual([expected])
  })

  test('of another data folder on its port is told as Candor', async () => {
    const machine = { hear: candor, listeners: async () => [43] }
    const [found] = await findingsOf(portCheck, await ward.patient({}, { paths: at(noted(42)), machine }))
    expect(found?.message).toContain('another Candor, with a data folder of its own, listens (process 43)')
  })

  test('that is gone has left a note, which its repair removes', async () => {
    const dataDir = noted(42)
    const machine = { isAlive: () => false }
    const patient = await ward.patient({ gateway: { port: 0 } }, { paths: at(dataDir), machine })
    const found = await findingsOf(portCheck, patient)
    expect(found.map(({ id }) => id)).toEqual(['gateway.gone', 'gateway'])
    await found[0]?.repair?.mend()
    expect(existsSync(join(dataDir, 'gateway.json'))).toBe(false)
    expect(await idsOf(portCheck, patient)).toEqual(['ok gateway'])
  })

  test('that started meanwhile keeps its note', async () => {
    const dataDir = noted(42)
    const patient = await ward.patient(
      { gateway: { port: 0 } },
      { paths: at(dataDir), machine: { isAlive: () => false } },
    )
    const [gone] = await findingsOf(portCheck, patient)
    writeFileSync(join(dataDir, 'gateway.json'), JSON.stringify({ pid: 99, url: 'http://127.0.0.1:1' }))
    await gone?.repair?.mend()
    expect(existsSync(join(dataDir, 'gateway.json'))).toBe(true)
  })

  test('that asks itself looks for its own note', async () => {
    const own = async (dataDir: string) =>
      await idsOf(portCheck, await ward.patient({}, { paths: at(dataDir), gateway: { pid: 42 } }))
    expect(await own(noted(42))).toEqual(['ok gateway'])
    expect(await own(noted(7))).toEqual(['warning gateway.note'])
    expect(await own(ward.folder())).toEqual(['warning gateway.note'])
  })

  test('that a command has asked is looked at from outside all the same', async () => {
    const machine = { listeners: async () => [7] }
    const gateway = { pid: 42, elsewhere: true } as const
    const patient = await ward.patient({}, { paths: at(noted(42)), gateway, machine })
    expect(await idsOf(portCheck, patient)).toEqual(['error gateway.duplicate'])
  })
})

describe('port', () => {
  test('taken by another Candor, by another program, and free', async () => {
    const server = createServer(socket => socket.destroy())
    const port = await new Promise<number>(resolve => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    const told = async (machine: Partial<Machine>) =>
      await findingsOf(portCheck, await ward.patient({ gateway: { port } }, { machine }))
    const [byCandor] = await told({ hear: candor, listeners: async () => [43], nameOf: async () => ' (bun)' })
    expect(byCandor?.message).toStartWith(
      `Port ${port} is taken by another Candor, with a data folder of its own, process 43 (bun);`,
    )
    const [byOther] = await told({})
    expect(byOther).toMatchObject({ id: 'gateway.port', severity: 'error' })
    expect(await thisMachine.listeners(port)).toEqual(process.platform === 'linux' ? [process.pid] : [])
    await new Promise(resolve => server.close(resolve))
    expect(await told({})).toMatchObject([{ id: 'gateway.port', severity: 'ok' }])
  })

  test('is not looked at where the configuration has faults', async () => {
    expect(await idsOf(portCheck, await ward.patient('{ gateway: { prot: 1 } }'))).toEqual(['info gateway.port'])
  })
})

describe('environment', () => {
  test.each([
    [{}, ['ok environment']],
    [{ HTTPS_PROXY: 'http://user:secret@proxy:3128' }, ['info environment.proxy']],
    [{ https_proxy: 'proxy:3128' }, ['error environment.proxy']],
    [{ ALL_PROXY: 'socks5://proxy:1080' }, ['error environment.proxy']],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, ['error environment.tls']],
    [{ NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem' }, ['warning environment.tls']],
    [{ HOSTALIASES: '/x/hosts' }, ['warning environment.dns']],
    [{ SSLKEYLOGFILE: '/x/keys', NODE_OPTIONS: '--x' }, ['warning environment.runtime', 'warning environment.runtime']],
  ])('%o', async (env, expected) => {
    const found = await findingsOf(environmentCheck, await ward.patient({}, { env }))
    expect(found.map(({ severity, id }) => `${severity} ${id}`)).toEqual(expected)
    expect(JSON.stringify(found)).not.toContain('secret')
  })
})
