import { describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBodyFiles, readKeptBodies } from '../../src/ledger/body-files.ts'
import {
  askedIn,
  below,
  bodiesAt,
  bodyFilesOf,
  DAY_MS,
  dayOf,
  fileOf,
  HOUR_MS,
  LIMITS,
  MINUTE_MS,
  NOON,
  noise,
  put,
  TODAY,
  wholeBody,
} from './bodies-of-calls.ts'

describe('what is kept', () => {
  test('is there at once, and once it is written', async () => {
    using at = bodyFilesOf()
    const bodies = bodiesAt(NOON, { names: { model: 'm', stream: true }, headers: { 'anthropic-beta': 'x' } })
    at.store.keep(bodies)
    expect(await at.store.find(bodies.id)).toBe(bodies)
    await at.store.close()
    const { request, reply, ...facts } = bodies
    const read = await at.store.find(bodies.id)
    expect(read).toMatchObject(facts)
    expect('missing' in read ? [] : [read.request, read.reply].map(body => Buffer.from(body?.data ?? []))).toEqual(
      [request, reply].map(body => Buffer.from(body?.data ?? [])),
    )
    expect(await readKeptBodies(at.options.folder, bodies.id)).toEqual(read)
  })

  test('is for its owner alone, in a folder for each day', async () => {
    using at = bodyFilesOf()
    const late = bodiesAt(TODAY - 1)
    const early = bodiesAt(TODAY)
    await put(at.store, late, early)
    expect(below(at.root)).toEqual([
      '2026-11-22',
      `2026-11-22/${late.id}.zst`,
      '2026-11-23',
      `2026-11-23/${early.id}.zst`,
    ])
    const modes = [at.root, join(at.root, '2026-11-23'), fileOf(at.root, early)].map(
      path => statSync(path).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o700, 0o600])
  })

  test('is written by close, also what comes while it writes', async () => {
    using at = bodyFilesOf()
    const all = Array.from({ length: 20 }, (_, i) => bodiesAt(NOON + i))
    const [first, ...more] = all
    if (first !== undefined) at.store.keep(first)
    const closed = at.store.close()
    for (const bodies of more) at.store.keep(bodies)
    await closed
    expect(below(join(at.root, dayOf(NOON)))).toEqual(all.map(({ id }) => `${id}.zst`))
  })

  test('of a call that is kept twice, the later holds', async () => {
    using at = bodyFilesOf()
    const first = bodiesAt(NOON)
    await put(at.store, first, { ...first, request: wholeBody('later') })
    expect(askedIn(await at.store.find(first.id))).toBe('later')
    expect(at.store.health().dropped).toBe(0)
  })
})

describe('there is nothing', () => {
  test.each([
    'req_0000000000000000000000000',
    'req_1',
    '',
    'key_01kb3w9f6m000000000000000',
    '../../candor.json5',
    'req_../../../../../../etc/pass',
    `req_${'0'.repeat(100_000)}`,
    'req_0000000000000000000000000.part',
  ])('under the id %p', async id => {
    using at = bodyFilesOf()
    writeFileSync(join(at.options.folder, 'candor.json5'), 'secret')
    expect(askedIn(await at.store.find(id))).toBe('absent')
    expect(askedIn(await readKeptBodies(at.options.folder, id))).toBe('absent')
  })

  test('of a file that was not finished', async () => {
    using at = bodyFilesOf()
    const bodies = bodiesAt(NOON)
    await put(at.store, bodies)
    const path = fileOf(at.root, bodies)
    renameSync(path, `${path}.part`)
    expect(askedIn(await at.store.find(bodies.id))).toBe('absent')
  })

  test('of a call whose id is none: it is dropped, and said', async () => {
    using at = bodyFilesOf()
    await put(at.store, bodiesAt(NOON, { id: '../../x' }))
    expect([at.store.health().dropped, below(at.options.folder)]).toEqual([1, []])
    expect(at.said).toEqual(['warn: Bodies of calls are not kept: Error: ../../x is not the id of a call.'])
  })
})

describe('a damaged file', () => {
  const bodies = bodiesAt(NOON, {
    request: wholeBody('{"model":"a/m","messages":[{"role":"user","content":"What?"}]}'),
  })

  test('is told from a whole one, whichever bit is wrong and wherever it ends', async () => {
    using at = bodyFilesOf()
    await put(at.store, bodies)
    const path = fileOf(at.root, bodies)
    const whole = readFileSync(path)
    const asked = askedIn(bodies)
    const found: string[] = []
    for (let i = 0; i < whole.length; i += 1) {
      const flipped = Buffer.from(whole)
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8))
      writeFileSync(path, flipped)
      found.push(askedIn(await at.store.find(bodies.id)))
      writeFileSync(path, whole.subarray(0, i))
      found.push(askedIn(await at.store.find(bodies.id)))
    }
    // One bit of a zstd frame's head is reserved for nothing and read by nobody.
    expect(found.filter(each => each !== 'damaged' && each !== asked)).toEqual([])
    expect(found.filter(each => each === asked).length).toBeLessThanOrEqual(1)
  })

  test.each([
    ['of another call', (path: string, other: string) => renameSync(other, path), /is not whole/],
    ['that is a folder', (path: string) => mkdirSync(path), /cannot be read: EISDIR/],
    ['that is empty', (path: string) => writeFileSync(path, ''), /is not whole/],
  ])('%s is named', async (_about, damage, why) => {
    using at = bodyFilesOf()
    const other = bodiesAt(NOON)
    await put(at.store, bodies, other)
    const path = fileOf(at.root, bodies)
    rmSync(path)
    damage(path, fileOf(at.root, other))
    const found = await at.store.find(bodies.id)
    expect(askedIn(found)).toBe('damaged')
    expect('missing' in found ? found.why : '').toMatch(why)
    expect('missing' in found ? found.why : '').toContain(path)
  })
})

describe('days that are over', () => {
  /** One call at the beginning and one at the end of each of the last days. */
  const days = [0, 1, 2, 3].map(ago => TODAY - ago * DAY_MS)
  const all = days.flatMap(day => [bodiesAt(day), bodiesAt(day + DAY_MS - 1)])

  test.each([
    [1, TODAY + DAY_MS - 1, 2],
    [1, TODAY + DAY_MS, 1],
    [2, TODAY, 3],
    [2, TODAY - 1, 4],
    [3, TODAY, 4],
    [3, TODAY + DAY_MS, 3],
    [365, TODAY, 4],
  ])('kept for %p days, seen at %p: %p are left', async (keepDays, nowMs, left) => {
    using at = bodyFilesOf({ keepDays }, nowMs - MINUTE_MS)
    await put(at.store, ...all)
    const again = openBodyFiles(at.options)
    at.clock.advance(MINUTE_MS)
    await again.close()
    expect(readdirSync(at.root).toSorted()).toEqual(days.slice(0, left).map(dayOf).toSorted())
  })

  test('are removed each hour, with what was not finished of them', async () => {
    using at = bodyFilesOf({ keepDays: 1 })
    const old = bodiesAt(TODAY - 1)
    at.store.keep(old)
    at.store.keep(bodiesAt(TODAY))
    at.clock.advance(MINUTE_MS)
    await at.store.close()
    expect(readdirSync(at.root)).toEqual(['2026-11-22', '2026-11-23'])
    const again = openBodyFiles(at.options)
    writeFileSync(`${fileOf(at.root, old)}.part`, 'half')
    at.clock.advance(13 * HOUR_MS)
    await again.close()
    expect(readdirSync(at.root)).toEqual(['2026-11-23'])
    expect(at.said).toEqual([])
  })

  test('a command that is over at once removes nothing', async () => {
    using at = bodyFilesOf({ keepDays: 1 })
    const old = bodiesAt(TODAY - 9 * DAY_MS)
    await put(at.store, old)
    at.clock.advance(MINUTE_MS)
    await at.store.close()
    expect(askedIn(await at.store.find(old.id))).toBe(askedIn(old))
  })
})

describe('of more than may be there', () => {
  /** Each file takes three blocks of the disk. */
  const FILE_BYTES = 12 * 1024
  const all = Array.from({ length: 100 }, (_, i) =>
    bodiesAt(TODAY - 2 * DAY_MS + i * HOUR_MS, { request: wholeBody(noise(FILE_BYTES - 2_000)), reply: wholeBody('') }),
  )

  test('the oldest are removed, so that nine tenths are left', async () => {
    using at = bodyFilesOf()
    at.clock.advance(MINUTE_MS)
    await put(at.store, ...all)
    expect(at.store.health().bytes).toBe(100 * FILE_BYTES)
    at.store.limit({ ...LIMITS, totalBytesMax: 50 * FILE_BYTES })
    await at.store.close()
    const left = all.slice(-45)
    expect(at.store.health().bytes).toBe(45 * FILE_BYTES)
    const found = await Promise.all(all.map(({ id }) => at.store.find(id)))
    expect(found.flatMap(each => ('missing' in each ? [] : [each.id]))).toEqual(left.map(({ id }) => id))
  })

  test('nothing is removed at the limit itself, and with one call more they are, also if calls never cease', async () => {
    using at = bodyFilesOf({ totalBytesMax: 100 * FILE_BYTES })
    at.clock.advance(MINUTE_MS)
    await put(at.store, ...all)
    expect(at.store.health().bytes).toBe(100 * FILE_BYTES)
    let number = 0
    const next = () => bodiesAt(NOON + number++, { request: wholeBody(noise(FILE_BYTES - 2_000)) })
    // They come faster than they are written, so something waits for the disk all the time.
    while ((at.store.health().bytes ?? 0) >= 100 * FILE_BYTES && number < 1_500) {
      for (const bodies of [next(), next(), next()]) at.store.keep(bodies)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(number).toBeLessThan(1_500)
    await at.store.close()
    expect(at.store.health().bytes).toBeLessThanOrEqual(100 * FILE_BYTES)
  })
})

test('what another process keeps is counted within a day', async () => {
  using at = bodyFilesOf()
  at.clock.advance(MINUTE_MS)
  await put(openBodyFiles(at.options), bodiesAt(NOON))
  await at.store.close()
  const again = openBodyFiles(at.options)
  at.clock.advance(MINUTE_MS)
  await put(openBodyFiles(at.options), bodiesAt(NOON))
  at.clock.advance(DAY_MS)
  await again.close()
  expect(again.health().bytes).toBe(2 * 4_096)
})

describe('switched off', () => {
  test('all files of calls go, and nothing else does', async () => {
    using at = bodyFilesOf()
    const [one, two] = [bodiesAt(NOON), bodiesAt(TODAY - 5 * DAY_MS)]
    await put(at.store, one, two)
    const day = dayOf(NOON)
    const foreign = ['2026-11-01', 'mine', 'notes.txt', day, `${day}/notes.txt`, `${day}/req_folder.zst`].toSorted()
    // What looks like a day, and is none.
    writeFileSync(join(at.root, '2026-11-01'), '')
    for (const folder of ['mine', `${day}/req_folder.zst`]) mkdirSync(join(at.root, folder))
    for (const file of ['notes.txt', `${day}/notes.txt`]) writeFileSync(join(at.root, file), '')
    writeFileSync(`${fileOf(at.root, one)}.part`, 'half')
    at.store.limit({ ...LIMITS, keepDays: 0 })
    await at.store.close()
    expect(below(at.root)).toEqual(foreign)
    expect(at.said).toEqual(['info: Bodies are kept no longer: what was kept of 2 calls was removed.'])
  })

  test('while bodies wait, none is written any more, and calls that end later keep none', async () => {
    using at = bodyFilesOf()
    const [before, after] = [bodiesAt(NOON), bodiesAt(NOON + 1)]
    at.store.keep(before)
    at.store.limit({ ...LIMITS, keepDays: 0 })
    await put(at.store, after)
    expect(await Promise.all([before, after].map(async ({ id }) => askedIn(await at.store.find(id))))).toEqual([
      'absent',
      'absent',
    ])
    expect(at.store.health()).toMatchObject({ keepDays: 0, dropped: 0 })
  })

  test('and on again, calls are kept from then on', async () => {
    using at = bodyFilesOf({ keepDays: 0 })
    await put(at.store, bodiesAt(NOON))
    expect(below(at.options.folder)).toEqual([])
    at.store.limit(LIMITS)
    const bodies = bodiesAt(NOON)
    await put(at.store, bodies)
    expect(askedIn(await at.store.find(bodies.id))).toBe(askedIn(bodies))
  })

  test('what was kept before the start goes after a minute', async () => {
    using at = bodyFilesOf()
    const bodies = bodiesAt(NOON)
    await put(at.store, bodies)
    const off = openBodyFiles({ ...at.options, limits: { ...LIMITS, keepDays: 0 } })
    at.clock.advance(MINUTE_MS)
    await off.close()
    expect(readdirSync(at.root)).toEqual([])
    expect(at.said).toEqual(['info: Bodies are kept no longer: what was kept of one call was removed.'])
  })
})
