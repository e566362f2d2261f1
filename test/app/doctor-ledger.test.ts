import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, test } from 'bun:test'
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Patient } from '../../src/app/doctor/check.ts'
import { clockCheck } from '../../src/app/doctor/clock.ts'
import { ledgerCheck } from '../../src/app/doctor/ledger.ts'
import { pricesCheck } from '../../src/app/doctor/prices.ts'
import { quotaCheck } from '../../src/app/doctor/quota.ts'
import { systemClock } from '../../src/base/clock.ts'
import { newId } from '../../src/base/ids.ts'
import { ledgerPath } from '../../src/ledger/ledger-file.ts'
import { openLedger, openLedgerReader } from '../../src/ledger/open.ts'
import type { QuotaWarning, Receipt } from '../../src/ledger/receipt.ts'
import { receipt } from '../ledger/receipts.ts'
import { findingsOf, idsOf, openWard, type Sickness } from './doctor-patient.ts'

const ward = openWard()
const readers: { close(): void }[] = []
afterAll(async () => {
  for (const reader of readers) reader.close()
  await ward.close()
})

/** A data folder with these receipts in its ledger. */
async function ledgerWith(...receipts: readonly Receipt[]): Promise<string> {
  const folder = ward.folder()
  const opened = openLedger({ folder, clock: systemClock })
  if (!opened.ok) throw new Error(opened.refusal.what)
  for (const each of receipts) await opened.store.settle(each)
  await opened.store.close()
  return folder
}

/** A patient with that data folder. */
async function withLedger(folder: string, sick: Sickness = {}, config: object = {}): Promise<Patient> {
  const opened = openLedgerReader(folder, 'still')
  if (opened.ok) readers.push(opened.reader)
  const usual = await ward.patient(config, sick)
  return { ...usual, paths: { ...usual.paths, dataDir: folder }, receipts: opened.ok ? opened.reader : undefined }
}

function change(folder: string, sql: string): void {
  const db = new Database(ledgerPath(folder))
  db.run(sql)
  db.run('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

describe('ledger', () => {
  test('that is sound is told with what it holds, and nothing is written beside it', async () => {
    const folder = await ledgerWith(receipt(), receipt())
    const before = [statSync(folder).mtimeMs, readdirSync(folder)]
    const patient = await withLedger(folder)
    const [found] = await findingsOf(ledgerCheck, patient)
    expect(found).toMatchObject({ id: 'ledger', severity: 'ok' })
    expect(found?.message).toMatch(/^The ledger is sound and readable: 2 receipts, [\d.]+ KiB\.$/)
    expect([statSync(folder).mtimeMs, readdirSync(folder)]).toEqual(before)
  })

  test('that is not there yet', async () => {
    expect(await idsOf(ledgerCheck, await withLedger(ward.folder()))).toEqual(['info ledger'])
  })

  test('with pages of noise is damaged', async () => {
    const many = Array.from({ length: 200 }, () => receipt())
    const folder = await ledgerWith(...many)
    const file = openSync(ledgerPath(folder), 'r+')
    const page = new Uint8Array(8192).fill(0xab)
    for (let at = 4; at < 12; at += 1) writeSync(file, page, 0, page.length, at * page.length)
    closeSync(file)
    const found = await findingsOf(ledgerCheck, await withLedger(folder))
    expect(found).toMatchObject([{ id: 'ledger.corrupt', severity: 'error' }])
    expect(found[0]?.fixHint).toContain('.recover')
  })

  test('with receipts nobody can read', async () => {
    const folder = await ledgerWith(receipt(), receipt(), receipt())
    change(folder, `UPDATE calls SET receipt = '{"broken":' WHERE id IN (SELECT id FROM calls LIMIT 2)`)
    const found = await findingsOf(ledgerCheck, await withLedger(folder))
    expect(found).toMatchObject([{ id: 'ledger.damaged', severity: 'warning' }])
    expect(found[0]?.message).toStartWith('2 of the newest receipts')
  })

  test.each([
    [2, undefined, 'info ledger.older-schema'],
    [2, { pid: 1 }, 'warning ledger.older-schema'],
    [99, undefined, 'error ledger.newer-schema'],
  ])('of version %p', async (version, gateway, expected) => {
    const folder = await ledgerWith(receipt())
    change(folder, `PRAGMA user_version = ${version}`)
    expect(await idsOf(ledgerCheck, await withLedger(folder, gateway === undefined ? {} : { gateway }))).toEqual([
      expected,
    ])
  })

  test('that is too large is not looked through, and that is said', async () => {
    const folder = await ledgerWith(receipt())
    const found = await idsOf(ledgerCheck, await withLedger(folder, { ledgerBytesMax: 1_000 }))
    expect(found).toEqual(['info ledger.large', 'ok ledger'])
  })

  test('that its gateway cannot write', async () => {
    const gateway = { pid: 1, ledgerWarning: 'No call is recorded.' }
    const found = await findingsOf(ledgerCheck, await withLedger(await ledgerWith(receipt()), { gateway }))
    expect(found[0]).toMatchObject({ id: 'ledger.not-written', severity: 'error', message: 'No call is recorded.' })
  })
})

describe('what the receipts tell', () => {
  test('a receipt from later: the clock was put back', async () => {
    const at = Date.now() + 3_600_000
    const folder = await ledgerWith(receipt({ id: newId('req', at), at }))
    expect(await idsOf(clockCheck, await withLedger(folder))).toEqual(['warning clock.back'])
    expect(await idsOf(clockCheck, await withLedger(await ledgerWith(receipt())))).toEqual(['ok clock'])
  })

  const OPENAI = { models: { providers: { openai: { apiKey: 'sk-0123456789abcdef' } } } }
  const paid = (model: string, cost: Receipt['cost']) =>
    receipt({ servedModel: `openai/${model}`, billing: 'metered', cost })

  test('metered calls without a price, but not those of which no usage was told', async () => {
    const unknown = { type: 'unknown', reason: 'no price is known for this model' } as const
    const priced = { type: 'metered', nanoUsd: 100, source: 'models.json' } as const
    const folder = await ledgerWith(paid('house-model', unknown), paid('house-model', priced), paid('gpt-4.1', unknown))
    const found = await findingsOf(pricesCheck, await withLedger(folder, {}, OPENAI))
    expect(found).toMatchObject([{ id: 'prices.unknown', severity: 'warning' }])
    expect(found[0]?.message).toStartWith('1 call to openai/house-model among the newest 500 has no known cost')
    expect(found[0]?.fixHint).toContain('{ id: "house-model", price:')
  })

  test.each<[string, Partial<QuotaWarning>, string]>([
    ['little', { remainingPercent: 4.5, resetsAtMs: Date.now() + 3_600_000 }, 'warning provider.kimi-coding.quota'],
    ['nothing', { remainingPercent: 0 }, 'error provider.kimi-coding.quota'],
    ['a window that is over', { remainingPercent: 1, resetsAtMs: Date.now() - 1_000 }, 'info quota'],
  ])('that %s is left of a quota', async (_, warning, expected) => {
    const quotaWarning = { provider: 'kimi-coding', window: 'weekly', remainingPercent: 50, ...warning }
    const folder = await ledgerWith(receipt(), receipt({ quotaWarning }))
    expect(await idsOf(quotaCheck, await withLedger(folder))).toEqual([expected])
  })
})

test('the file is read as it lies, also by a path with signs that mean something in a URL', async () => {
  const folder = join(ward.folder(), 'a b?c#d%20')
  const opened = openLedger({ folder, clock: systemClock })
  if (!opened.ok) throw new Error(opened.refusal.what)
  await opened.store.settle(receipt())
  await opened.store.close()
  expect(await idsOf(ledgerCheck, await withLedger(folder))).toEqual(['ok ledger'])
})
