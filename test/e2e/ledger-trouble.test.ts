import { Database } from 'bun:sqlite'
import { afterEach, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LedgerHealth } from '../../src/ledger/store.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { call, chatClient, messagesClient, stream } from './clients.ts'
import { type Gateway, removeHome, runCandor, startGateway, temporaryHome } from './harness.ts'
import { configOf, refOf } from './providers.ts'

const open: { stop(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop()
})

async function start(limit: { readonly fileBlocksMax?: number } = {}): Promise<{ sim: Sim; gateway: Gateway }> {
  const home = temporaryHome()
  const sim = await startSim({ kind: 'openai' })
  const gateway = await startGateway({ home, config: configOf([sim]), ...limit })
  open.push(gateway, sim, { stop: async () => removeHome(home) })
  return { sim, gateway }
}

async function ledgerOf(gateway: Gateway): Promise<LedgerHealth> {
  const response = await gateway.fetch('/readyz')
  expect(response.status).toBe(200)
  return ((await response.json()) as { ledger: LedgerHealth }).ledger
}

async function ledgerThat(gateway: Gateway, fits: (ledger: LedgerHealth) => boolean): Promise<LedgerHealth> {
  for (;;) {
    const ledger = await ledgerOf(gateway)
    if (fits(ledger)) return ledger
  }
}

async function expectCallsGoOn(gateway: Gateway, sim: Sim) {
  const whole = await call(gateway, chatClient, chatClient.body(refOf(sim), 'x'))
  const streamed = await stream(gateway, messagesClient, messagesClient.body(refOf(sim), 'x'))
  expect([whole.status, streamed.status]).toEqual([200, 200])
  expect(chatClient.textOf(whole.json())).toContain('simulated model')
  expect(messagesClient.streamText(streamed.events)).toContain('simulated model')
  return [whole, streamed]
}

describe('a ledger that another program has locked', () => {
  test('calls go on and are kept in the journal; when the lock is gone they are all there', async () => {
    const { sim, gateway } = await start()
    await expectCallsGoOn(gateway, sim)
    const thief = new Database(join(gateway.dataDir, 'ledger.sqlite'))
    thief.run('BEGIN IMMEDIATE')
    const during = await expectCallsGoOn(gateway, sim)
    const trouble = await ledgerThat(gateway, ({ warning, queued }) => warning !== undefined && queued >= 2)
    expect(trouble.warning).toContain('cannot be written')
    expect(trouble.warning).toContain('safe in')
    expect([trouble.late, trouble.lost]).toEqual([0, 0])
    for (const { receipt } of during) expect(receipt.ending).toBe('complete')
    thief.run('COMMIT')
    thief.close()
    const mended = await ledgerThat(gateway, ledger => ledger.warning === undefined && ledger.queued === 0)
    expect(mended).toMatchObject({ recorded: 4, lost: 0 })
    const kept = new Database(join(gateway.dataDir, 'ledger.sqlite'), { readonly: true })
    expect(kept.query("SELECT count(*) AS calls FROM calls WHERE ending = 'complete'").get()).toEqual({ calls: 4 })
    kept.close()
  })
})

describe('a disk that is full', () => {
  test('calls go on, what is not recorded is told, and the gateway stops in order', async () => {
    const { sim, gateway } = await start({ fileBlocksMax: 400 })
    let calls = 0
    for (; calls < 400 && (await ledgerOf(gateway)).warning === undefined; calls += 2)
      await expectCallsGoOn(gateway, sim)
    const trouble = await ledgerOf(gateway)
    expect(trouble.warning).toContain('cannot be written')
    expect(trouble.recorded).toBeGreaterThan(0)
    expect(trouble.queued).toBeGreaterThan(0)
    const [whole] = await expectCallsGoOn(gateway, sim)
    expect(whole?.receipt.ending).toBe('complete')
    gateway.signal('SIGTERM')
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
  })
})

describe('a ledger that cannot be kept at all', () => {
  test('a data folder that is a file: calls go on, in memory, and that is said', async () => {
    const home = temporaryHome()
    writeFileSync(join(home, 'data'), 'in the way')
    const sim = await startSim({ kind: 'openai' })
    const gateway = await startGateway({ home, config: configOf([sim]) })
    open.push(gateway, sim, { stop: async () => removeHome(home) })
    const [whole] = await expectCallsGoOn(gateway, sim)
    expect(whole?.receipt.ending).toBe('complete')
    expect((await ledgerOf(gateway)).warning).toContain('No call is recorded')
    expect((await gateway.receipts()).length).toBe(2)
  })

  test.each([
    {
      name: 'no database at all',
      bytes: 'this is no database, but it is longer than a hundred bytes so that SQLite reads a whole header of it',
    },
    { name: 'a newer version', bytes: '' },
  ])('$name is refused with words, and left as it was', async ({ bytes }) => {
    const home = temporaryHome()
    const file = join(home, 'data', 'ledger.sqlite')
    mkdirSync(join(home, 'data'), { mode: 0o700 })
    if (bytes === '') {
      const newer = new Database(file)
      newer.run('PRAGMA user_version = 99')
      newer.close()
      chmodSync(file, 0o600)
    } else writeFileSync(file, bytes, { mode: 0o600 })
    const before = await Bun.file(file).text()
    const serve = runCandor(['serve', '--port', '0'], { home })
    expect((await serve.exited).code).toBe(69)
    expect(serve.stderr()).toContain('ledger.sqlite')
    expect(serve.stderr()).toContain('fix:')
    expect(await Bun.file(file).text()).toBe(before)
    removeHome(home)
  })

  test('a data folder another gateway has is refused, by its process', async () => {
    const { gateway } = await start()
    const second = runCandor(['serve', '--port', '0'], { home: gateway.home })
    expect((await second.exited).code).toBe(69)
    expect(second.stderr()).toContain(`kill ${gateway.pid}`)
    expect((await gateway.fetch('/livez')).status).toBe(200)
  })
})
