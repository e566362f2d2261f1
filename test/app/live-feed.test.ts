import { expect, test } from 'bun:test'
import type { LiveReader } from '../../src/admin/live.ts'
import { KEPT_MAX, NOTICES_MAX, openLiveFeed, READERS_MAX, SILENCE_MS } from '../../src/app/live-feed.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { admission, receipt } from '../ledger/receipts.ts'
import { someCall } from './some-call.ts'

function opened() {
  const clock = manualClock()
  const feed = openLiveFeed(clock)
  const end = (overrides: Parameters<typeof receipt>[0] = {}) => feed.ended(receipt(overrides), someCall())
  const reader = (after?: string): LiveReader => {
    const made = feed.read(after)
    if (made === undefined) throw new Error('too many readers')
    return made
  }
  return { clock, feed, end, reader }
}

const typesOf = (batch: Awaited<ReturnType<LiveReader['take']>>) => batch?.events.map(({ type }) => type)

test('a reader is greeted, and told what happens from then on', async () => {
  const { feed, end, reader } = opened()
  end()
  const one = reader()
  expect(typesOf(await one.take())).toEqual(['hello'])
  const next = one.take()
  feed.begun?.(admission())
  end()
  feed.notice({ level: 'warn', message: 'something' })
  expect(typesOf(await next)).toEqual(['begun', 'ended', 'notice'])
  end()
  expect(typesOf(await one.take())).toEqual(['ended'])
})

test('a reader that comes back goes on where it was', async () => {
  const { end, reader } = opened()
  const first = reader()
  const cursor = (await first.take())?.cursor
  first.close()
  end({ requestedModel: 'a/one' })
  end({ requestedModel: 'a/two' })
  const batch = await reader(cursor).take()
  expect(batch?.events).toMatchObject([
    { type: 'hello' },
    { type: 'ended', call: { asked: 'a/one' } },
    { type: 'ended', call: { asked: 'a/two' } },
  ])
})

test.each(['', 'x', 'x.5', '.', `${(1_800_000_000_000).toString(36)}.99`])(
  'with the cursor %j, which is none of this feed, a reader begins now',
  async cursor => {
    const { end, reader } = opened()
    end()
    expect(typesOf(await reader(cursor).take())).toEqual(['hello'])
  },
)

test('another start has another name', async () => {
  const [before, later] = [opened(), opened()]
  later.clock.advance(1)
  const [old] = (await before.reader().take())?.events ?? []
  const fresh = await openLiveFeed(later.clock).read(undefined)?.take()
  expect(old).not.toEqual(fresh?.events[0])
})

test('who reads too slowly misses the oldest, and is told how many', async () => {
  const { end, reader } = opened()
  const slow = reader()
  await slow.take()
  for (let i = 0; i < KEPT_MAX + 7; i += 1) end({ requestedModel: `a/${i}` })
  const batch = await slow.take()
  expect(batch?.events.slice(0, 2)).toMatchObject([
    { type: 'dropped', count: 7 },
    { type: 'ended', call: { asked: 'a/7' } },
  ])
  const rest = [batch]
  while ((rest.at(-1)?.events.length ?? 0) > 0 && rest.length < 10) rest.push(await Promise.race([slow.take(), none()]))
  const told = rest.flatMap(each => each?.events ?? []).filter(({ type }) => type === 'ended')
  expect(told).toHaveLength(KEPT_MAX)
})

/** Loses a race against anything that is there already. */
async function none() {
  for (let i = 0; i < 10; i += 1) await Promise.resolve()
  return { events: [], cursor: '' }
}

test('silence wakes a reader, so that it can give a sign of life', async () => {
  const { clock, reader } = opened()
  const one = reader()
  await one.take()
  const next = one.take()
  await Promise.resolve()
  clock.advance(SILENCE_MS)
  expect((await next)?.events).toEqual([])
})

test('closing ends all readers, and lets no other in', async () => {
  const { feed, reader } = opened()
  const one = reader()
  await one.take()
  const next = one.take()
  await Promise.resolve()
  feed.close()
  expect(await next).toBeUndefined()
  expect(feed.read(undefined)).toBeUndefined()
})

test('there are so many readers at most; one that leaves makes room', () => {
  const { feed, reader } = opened()
  const all = Array.from({ length: READERS_MAX }, () => reader())
  expect(feed.read(undefined)).toBeUndefined()
  all[0]?.close()
  all[0]?.close()
  expect(feed.read(undefined)).toBeDefined()
  expect(feed.read(undefined)).toBeUndefined()
})

test('the newest warnings and errors are kept for whoever comes later', () => {
  const { clock, feed } = opened()
  const begin = clock.now()
  for (let i = 0; i <= NOTICES_MAX; i += 1) {
    feed.notice({ level: 'warn', message: `line ${i}` })
    feed.notice({ level: 'info', message: 'that all is well' })
    clock.advance(1)
  }
  expect(feed.notices()).toHaveLength(NOTICES_MAX)
  expect(feed.notices()[0]).toEqual({ at: begin + NOTICES_MAX, level: 'warn', text: `line ${NOTICES_MAX}` })
  expect(feed.notices().at(-1)?.text).toBe('line 1')
})
