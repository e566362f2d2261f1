import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openBodyFiles } from '../../src/ledger/body-files.ts'
import { askedIn, bodiesAt, bodyFilesOf, dayOf, fileOf, HOUR_MS, MIB, NOON, put, wholeBody } from './bodies-of-calls.ts'

describe('trouble', () => {
  test('what does not fit while the disk is slow is dropped and counted, and said once', async () => {
    using at = bodyFilesOf()
    const all = Array.from({ length: 12 }, (_, i) =>
      bodiesAt(NOON + i, { request: wholeBody(new Uint8Array(3 * MIB)) }),
    )
    for (const bodies of all) at.store.keep(bodies)
    expect(at.store.health()).toMatchObject({
      dropped: 2,
      warning: 'Bodies of calls are not kept: the disk is slower than the calls come.',
    })
    expect(at.said).toHaveLength(1)
    await at.store.close()
    expect(readdirSync(join(at.root, dayOf(NOON)))).toHaveLength(10)
    expect(at.store.health().warning).toBeUndefined()
  })

  test('that goes on being said once, though one or the other is written meanwhile', async () => {
    using at = bodyFilesOf()
    const request = wholeBody(new Uint8Array(3 * MIB))
    const day = join(at.root, dayOf(NOON))
    let number = 0
    // As soon as one is written, there are more to take its place.
    while (!existsSync(day) || readdirSync(day).length < 20) {
      for (let i = 0; i < 3; i += 1) at.store.keep(bodiesAt(NOON + number++, { request }))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(at.store.health().dropped).toBeGreaterThan(0)
    expect(at.said).toHaveLength(1)
    await at.store.close()
    expect(at.store.health().warning).toBeUndefined()
  })

  test('however large the bodies of one call are, they may wait alone', async () => {
    using at = bodyFilesOf()
    const large = bodiesAt(NOON, { request: wholeBody(new Uint8Array(40 * MIB)) })
    await put(at.store, large, bodiesAt(NOON + 1))
    expect(at.store.health().dropped).toBe(1)
    expect(readdirSync(join(at.root, dayOf(NOON)))).toEqual([`${large.id}.zst`])
  })

  test('small parts of large memory are counted with all of it', () => {
    using at = bodyFilesOf()
    const part = () => new Uint8Array(20 * MIB).subarray(0, 10)
    at.store.keep(bodiesAt(NOON, { request: wholeBody(part()) }))
    at.store.keep(bodiesAt(NOON + 1, { request: wholeBody(part()) }))
    expect(at.store.health().dropped).toBe(1)
  })

  test('a folder that cannot be written is said once, every call is counted, and it goes on once it can', async () => {
    using at = bodyFilesOf()
    // A file where the folder ought to be: an administrator's rights do not help.
    writeFileSync(at.root, '')
    for (let i = 0; i < 3; i += 1) await put(at.store, bodiesAt(NOON + i))
    expect(at.store.health()).toMatchObject({ dropped: 3, warning: expect.stringMatching(/not kept: E[A-Z]+\.$/) })
    expect(at.said).toEqual([expect.stringMatching(/^warn: Bodies of calls are not kept: E[A-Z]+\.$/)])
    rmSync(at.root)
    const bodies = bodiesAt(NOON)
    await put(at.store, bodies)
    expect(askedIn(await at.store.find(bodies.id))).toBe(askedIn(bodies))
    expect([at.store.health().dropped, at.store.health().warning]).toEqual([3, undefined])
    rmSync(at.root, { recursive: true })
    writeFileSync(at.root, '')
    await put(at.store, bodiesAt(NOON))
    expect(at.said).toHaveLength(2)
  })

  test('a file that cannot be put in its place leaves no beginning of one', async () => {
    using at = bodyFilesOf()
    const bodies = bodiesAt(NOON)
    mkdirSync(join(fileOf(at.root, bodies), 'in the way'), { recursive: true })
    await put(at.store, bodies)
    expect(at.store.health().dropped).toBe(1)
    expect(readdirSync(dirname(fileOf(at.root, bodies)))).toEqual([`${bodies.id}.zst`])
  })

  test('where nothing can be removed it is said once, while calls are kept', async () => {
    using at = bodyFilesOf()
    // No folder, and no name of one either.
    const store = openBodyFiles({ ...at.options, folder: join(at.options.folder, 'f'.repeat(300)) })
    at.clock.advance(2 * HOUR_MS)
    await store.close()
    expect(at.said).toEqual(['warn: Bodies that are too old or too many are not removed: ENAMETOOLONG.'])
    expect(store.health()).toMatchObject({ dropped: 0, warning: expect.stringContaining('not removed') })
  })
})
