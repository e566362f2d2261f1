import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { ledgerPath } from '../../src/ledger/ledger-file.ts'
import { openLedger, openLedgerReader } from '../../src/ledger/open.ts'
import { temporaryFolder } from './temporary-folder.ts'

const WRITER = join(import.meta.dir, 'writer-child.ts')
const ROUNDS = 10

function startWriter(folder: string) {
  const child = Bun.spawn([process.execPath, '--no-env-file', WRITER, folder], { stdout: 'pipe', stderr: 'inherit' })
  const lines: string[] = []
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  const readMore = async (): Promise<boolean> => {
    const { done, value } = await reader.read()
    const parts = (rest + (value ?? '')).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    return !done
  }
  return {
    pid: child.pid,
    async linesReach(count: number): Promise<void> {
      while (lines.length < count && (await readMore()));
    },
    /** Kills it, and gives everything it had said. */
    async kill(): Promise<readonly string[]> {
      child.kill('SIGKILL')
      while (await readMore());
      await child.exited
      return lines
    },
  }
}

function ids(lines: readonly string[], word: string): readonly string[] {
  return lines.filter(line => line.startsWith(`${word} `)).map(line => line.slice(word.length + 1))
}

test('after kill -9 every durable receipt is there, and what was in flight reads interrupted', async () => {
  using folder = temporaryFolder()
  for (let round = 0; round < ROUNDS; round += 1) {
    const writer = startWriter(folder.path)
    await writer.linesReach(5 + round * 37)
    const lines = await writer.kill()
    const ended = ids(lines, 'ended')
    const open = ids(lines, 'open')
    expect(ended.length).toBeGreaterThan(0)
    expect(open.length).toBeGreaterThan(0)

    const opened = openLedger({ folder: folder.path, clock: systemClock })
    if (!opened.ok) throw new Error(opened.refusal.what)
    expect(opened.interrupted).toBeGreaterThanOrEqual(open.length)
    for (const id of ended) expect((await opened.store.find(id))?.ending).toBe('complete')
    for (const id of open) {
      expect(await opened.store.find(id)).toMatchObject({
        ending: 'interrupted',
        totalUnknown: true,
        cost: { type: 'unknown' },
      })
    }
    expect(await opened.store.list({ ending: 'in-flight', limit: 1 })).toEqual([])
    await opened.store.close()
  }
  const db = new Database(ledgerPath(folder.path), { readonly: true })
  expect(db.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  db.close()
}, 30_000)

test('a second opening in the same process is refused, and does not loosen the lock for others', async () => {
  using folder = temporaryFolder()
  const first = openLedger({ folder: folder.path, clock: systemClock })
  expect(openLedger({ folder: folder.path, clock: systemClock }).ok).toBe(false)
  const other = Bun.spawn([process.execPath, '--no-env-file', WRITER, folder.path], { stderr: 'pipe' })
  expect(await new Response(other.stderr).text()).toContain('Another Candor is using the data folder')
  expect(await other.exited).toBe(1)
  if (first.ok) await first.store.close()
})

test('a second gateway is refused by the name of the first; a reader is not, and changes nothing', async () => {
  using folder = temporaryFolder()
  const writer = startWriter(folder.path)
  await writer.linesReach(5)

  const second = openLedger({ folder: folder.path, clock: systemClock })
  expect(second).toMatchObject({ ok: false, refusal: { code: 'in-use', pid: writer.pid } })
  if (!second.ok) expect(second.refusal.why).toContain(`Process ${writer.pid} has held it since 20`)

  const opened = openLedgerReader(folder.path)
  if (!opened.ok) throw new Error(opened.refusal.what)
  const before = await opened.reader.list({ ending: 'in-flight', limit: 1 })
  expect(before.length).toBe(1)
  expect(await opened.reader.list({ ending: 'interrupted', limit: 1 })).toEqual([])
  expect(opened.reader.faults()).toEqual({ damaged: 0 })
  opened.reader.close()

  await writer.kill()
  const third = openLedger({ folder: folder.path, clock: systemClock })
  expect(third.ok).toBe(true)
  if (third.ok) await third.store.close()
})
