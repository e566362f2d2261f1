import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { CLIENTS, chatClient, noteOf, parse, post } from './clients.ts'
import { removeHome, startGateway, temporaryHome } from './harness.ts'
import { administered, clientOf, keyedGateway, keyWorld, MODEL, OUTPUT_MAX, PRICE, underWay } from './keys-gateway.ts'

const NANO = 1e9
const LIMITS = { timeouts: { firstByteMs: 400, idleMs: 400 } }

let world: Awaited<ReturnType<typeof keyWorld>>
let at: Awaited<ReturnType<typeof keyedGateway>>

beforeAll(async () => {
  world = await keyWorld(LIMITS)
  at = await keyedGateway({ config: world.config })
})
afterAll(async () => {
  await at.gateway.stop()
  await world.stop()
})

const budget = (unit: 'usd' | 'tokens', most: number, kind: 'hard' | 'soft' = 'hard') => ({
  period: 'total',
  unit,
  most,
  kind,
})
const withKey = (secret: string) => ({ headers: { 'x-api-key': secret } })

/** What a key's first two budgets say is used: nano-dollars and tokens. */
async function usedBy(id: string) {
  const { budgets } = await at.show(id)
  return { nanoUsd: Math.round((budgets[0]?.used ?? 0) * NANO), tokens: budgets[1]?.used ?? 0 }
}

describe.each([...CLIENTS])('budgets, told in $protocol', client => {
  const body = client.body(MODEL, 'hello', client.limit(100))

  test('a hard one stops the call that does not fit any more, before any provider', async () => {
    const { secret } = await at.make(`${client.protocol} hard`, { budgets: [budget('tokens', 250)] })
    let passed = 0
    let asked = 0
    const next = () => {
      asked = world.openai.requests().length
      return post(at.gateway, client, body, withKey(secret))
    }
    let response = await next()
    for (; response.status === 200; passed += 1) {
      await response.text()
      response = await next()
    }
    const told = parse(await response.text())
    expect([response.status, client.isEnvelope(told)]).toEqual([402, true])
    expect(noteOf(told)).toMatchObject({
      code: 'budget_exceeded',
      what: expect.stringContaining('250 tokens in total'),
    })
    expect(passed).toBeGreaterThan(1)
    expect(world.openai.requests().length).toBe(asked)
  })

  test('a soft one tells, and lets through', async () => {
    const { secret } = await at.make(`${client.protocol} soft`, { budgets: [budget('usd', 0.000_01, 'soft')] })
    const first = await post(at.gateway, client, body, withKey(secret))
    await first.text()
    const second = await post(at.gateway, client, body, withKey(secret))
    await second.text()
    expect([first.status, first.headers.get('candor-budget')]).toEqual([200, null])
    expect([second.status, second.headers.get('candor-budget')]).toEqual([
      200,
      expect.stringMatching(/^usd\/total; soft; used=\d{3,}%$/),
    ])
  })
})

/** How a call can end, with what stays on the key's counters: what was used, what was reserved, or nothing. */
const ENDINGS = [
  { name: 'complete', fault: undefined, ending: 'complete', stays: 'used' },
  { name: 'truncated', fault: 'cut=700', ending: 'truncated', stays: 'reserved', stream: true },
  { name: 'silent', fault: 'delay=never', ending: 'failed', stays: 'reserved' },
  { name: 'refused', fault: 'status=429', ending: 'failed', stays: 'nothing' },
  { name: 'failed', fault: 'status=500', ending: 'failed', stays: 'nothing' },
  { name: 'unreachable', fault: 'away', ending: 'failed', stays: 'nothing' },
  { name: 'abandoned', fault: 'stall=never;after=1', ending: 'abandoned', stays: 'reserved', stream: true },
] as const

describe('settled exactly once', () => {
  test.each([...ENDINGS])('$name: $stays', async row => {
    const away = row.name === 'unreachable' ? await keyWorld(LIMITS) : undefined
    await away?.stop()
    const here = away === undefined ? at : await keyedGateway({ config: away.config })
    const { id, secret } = await here.make(`ends ${row.name}`, {
      budgets: [budget('usd', 1), budget('tokens', 1_000_000)],
    })
    if (away === undefined) world.openai.setFault(row.fault)
    const receipt = await endedCall(here, secret, row)
    world.openai.setFault(undefined)
    const view = await here.show(id)
    const used = { nanoUsd: Math.round((view.budgets[0]?.used ?? 0) * NANO), tokens: view.budgets[1]?.used ?? 0 }
    if (away !== undefined) await here.gateway.stop()
    expect(receipt).toMatchObject({ ending: row.ending, key: { id, name: `ends ${row.name}` } })
    expect(receipt.charged).toMatchObject({ ...used, estimated: row.stays === 'reserved' })
    const { input = 0, output = 0 } = receipt.usage ?? {}
    if (row.stays === 'nothing') expect(used).toEqual({ nanoUsd: 0, tokens: 0 })
    if (row.stays === 'used')
      expect(used).toEqual({ nanoUsd: input * PRICE.input + output * PRICE.output, tokens: input + output })
    if (row.stays === 'reserved') {
      expect(used.tokens).toBeGreaterThan(OUTPUT_MAX)
      expect(used.nanoUsd).toBeGreaterThan(OUTPUT_MAX * PRICE.output)
    }
  })

  test('twenty calls at the same time, and the sum is that of their receipts', async () => {
    const { id, secret } = await at.make('twenty', { budgets: [budget('usd', 0.1), budget('tokens', 1e9)] })
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const response = await post(
          at.gateway,
          chatClient,
          chatClient.body(MODEL, 'hello', { max_tokens: 900 }),
          withKey(secret),
        )
        await response.text()
        return response.status
      }),
    )
    const own = (await receiptsOf(at)).filter(({ key }) => key?.id === id)
    const charged = own.reduce((sum, receipt) => sum + (receipt.charged?.nanoUsd ?? 0), 0)
    expect(own).toHaveLength(20)
    expect((await usedBy(id)).nanoUsd).toBe(charged)
    // Each reserves 9 thousandths of a dollar, so that not more than 11 fit in at a time.
    expect(statuses.filter(status => status === 200).length).toBeGreaterThanOrEqual(11)
    expect(charged).toBeLessThan(0.1 * NANO)
  })
})

type Keyed = Awaited<ReturnType<typeof keyedGateway>>

/** Makes a call that ends so, and gives its receipt. */
async function endedCall(here: Keyed, secret: string, row: (typeof ENDINGS)[number]): Promise<Receipt> {
  const client = clientOf('anthropic-messages')
  const leaving = new AbortController()
  const stream = 'stream' in row
  const asked = { ...client.body(MODEL, `call that is ${row.name}`, { max_tokens: OUTPUT_MAX }), stream }
  const response = await post(here.gateway, client, asked, { ...withKey(secret), signal: leaving.signal })
  const id = response.headers.get('candor-request-id') ?? ''
  if (row.name === 'abandoned') {
    const reader = response.body?.getReader()
    await reader?.read()
    leaving.abort()
    await world.openai.when(requests => requests.at(-1)?.aborted === true)
  } else await response.text()
  return await here.ask<Receipt>('GET', `/candor/receipts/${id}`)
}

async function receiptsOf(here: Keyed): Promise<readonly Receipt[]> {
  return (await here.ask<{ readonly data: readonly Receipt[] }>('GET', '/candor/receipts?limit=500')).data
}

describe('kill -9', () => {
  test('after it the counters are the sums of the ledger, and what ran keeps what was reserved for it', async () => {
    const home = temporaryHome()
    const first = await keyedGateway({ home, config: world.config })
    const { id, secret } = await first.make('survivor', { budgets: [budget('usd', 1), budget('tokens', 1_000_000)] })
    for (let count = 0; count < 5; count += 1)
      await (
        await post(first.gateway, chatClient, chatClient.body(MODEL, 'hello', { max_tokens: 50 }), withKey(secret))
      ).text()
    world.openai.clear()
    const running = post(
      first.gateway,
      chatClient,
      chatClient.body(MODEL, '[[long 900]] [[pace 20]]', { stream: true, max_tokens: 900 }),
      withKey(secret),
    )
    await underWay(world.openai)
    const reader = (await running).body?.getReader()
    await reader?.read()
    const before = await first.show(id)
    await ledgerHas(first, id, 6)
    await first.gateway.kill9()
    const second = administered(await startGateway({ home, config: world.config }), first.secret)
    const own = (await receiptsOf(second)).filter(({ key }) => key?.id === id)
    const view = await second.show(id)
    const again = await post(
      second.gateway,
      chatClient,
      chatClient.body(MODEL, 'hello', { max_tokens: 50 }),
      withKey(secret),
    )
    await second.gateway.stop()
    removeHome(home)
    expect(own.map(({ ending }) => ending)).toEqual(['interrupted', ...Array<'complete'>(5).fill('complete')])
    const sum = (amount: (receipt: Receipt) => number | undefined) =>
      own.reduce((all, receipt) => all + (amount(receipt) ?? 0), 0)
    expect(view.budgets.map(({ used }) => used)).toEqual([
      sum(({ charged }) => charged?.nanoUsd) / NANO,
      sum(({ charged }) => charged?.tokens),
    ])
    expect(view.budgets.map(({ used }) => used)).toEqual(before.budgets.map(({ used }) => used))
    expect(again.status).toBe(200)
  })
})

/** Waits until the ledger's file has so many calls of a key: another process would find them there. */
async function ledgerHas(here: Keyed, id: string, calls: number): Promise<void> {
  for (;;) {
    const status = await here.ask<{ readonly ledger: { readonly queued: number } }>('GET', '/candor/status')
    const own = (await receiptsOf(here)).filter(({ key }) => key?.id === id)
    if (status.ledger.queued === 0 && own.length === calls) return
  }
}
