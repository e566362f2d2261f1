import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { chatClient, messagesClient, parse, post } from './clients.ts'
import { type Gateway, removeHome, startGateway, temporaryHome } from './harness.ts'
import { entryOf, refOf, simulate } from './providers.ts'
import { openTerminal } from './terminal.ts'

const GATEWAY_KEY = 'cnd_canary5Rw2Jgateway'
const HEADER_SECRET = 'canary5Rw2Jheader'
/** Both of them hold it, and so do the keys of the providers. */
const CANARY = 'canary5Rw2J'

/** A line of the log, as a program reads it. */
interface Line {
  readonly time: string
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly id?: string
  readonly [field: string]: unknown
}

let openai: Sim
let anthropic: Sim
beforeAll(async () => {
  openai = await simulate('openai', { keys: { [`sk-${CANARY}`]: 'valid' } })
  anthropic = await simulate('anthropic', { keys: { [`sk-ant-${CANARY}`]: 'valid' } })
})
afterAll(async () => {
  await Promise.all([openai.stop(), anthropic.stop()])
})

type Format = 'auto' | 'json' | 'pretty' | 'off'

const configOf = (format: Format) => ({
  models: {
    providers: {
      openai: { ...entryOf(openai, `sk-${CANARY}`), headers: { 'X-Team-Token': HEADER_SECRET } },
      anthropic: entryOf(anthropic, `sk-ant-${CANARY}`),
    },
  },
  routes: {
    pair: { targets: [refOf(openai), refOf(anthropic)], fallbackOn: ['overloaded' as const] },
    kept: { targets: [refOf(anthropic)], cache: { ttlSeconds: 600 } },
  },
  gateway: { keys: [GATEWAY_KEY] },
  logs: { format },
})

const AUTHORIZED = { authorization: `Bearer ${GATEWAY_KEY}` }

/** One call of every kind, in this order; gives their receipts. */
async function callsOfEveryKind(gateway: Gateway): Promise<readonly Receipt[]> {
  const say = async (model: string, client = chatClient) =>
    (await callWithKey(gateway, client.body(model, `Hello from ${model}`), client)).receipt
  const complete = await say(refOf(anthropic), messagesClient)
  const refused = await say('nobody/nothing')
  openai.setFault('status=503')
  const fallback = await say('pair')
  openai.setFault(undefined)
  const miss = await say('kept')
  const hit = await say('kept')
  return [complete, refused, fallback, miss, hit, await abandoned(gateway)]
}

async function callWithKey(gateway: Gateway, body: object, client = chatClient) {
  const response = await post(gateway, client, body, { headers: AUTHORIZED })
  const text = await response.text()
  const id = response.headers.get('candor-request-id') ?? 'none'
  return { status: response.status, text, receipt: await gateway.receipt(id) }
}

async function abandoned(gateway: Gateway): Promise<Receipt> {
  const leaving = new AbortController()
  const body = anthropicStream()
  const response = await post(gateway, chatClient, body, { headers: AUTHORIZED, signal: leaving.signal })
  await response.body?.getReader().read()
  leaving.abort()
  const id = response.headers.get('candor-request-id')
  return await gateway.receiptThat(receipt => receipt.id === id && receipt.ending === 'abandoned')
}

const anthropicStream = () => chatClient.body(refOf(anthropic), '[[long 5000]] [[pace 5]]', { stream: true })

const linesOf = (text: string): readonly Line[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => parse<Line>(line))

const EVERY_KIND: readonly (readonly [ending: string, level: Line['level'], told: object])[] = [
  ['complete', 'info', { status: 200, protocol: 'anthropic-messages', attempts: 1 }],
  ['failed', 'warn', { status: 404, problem: 'model_not_found', attempts: 0, cost: 'none' }],
  ['complete', 'warn', { status: 200, route: 'pair', attempts: 2, billing: 'metered' }],
  ['complete', 'info', { status: 200, route: 'kept', cache: 'miss', attempts: 1 }],
  ['complete', 'info', { status: 200, route: 'kept', cache: 'hit', attempts: 0, cost: 'none' }],
  ['abandoned', 'info', { stream: true, attempts: 1 }],
]

describe('the log on a pipe', () => {
  test.each(['auto', 'json'] as const)(
    'is one JSON object a line, one line a call, without a secret: %s',
    async format => {
      const gateway = await startGateway({ config: configOf(format), key: GATEWAY_KEY })
      const receipts = await callsOfEveryKind(gateway)
      expect(await gateway.stop()).toEqual({ code: 0, signal: null })
      const lines = linesOf(gateway.stderr())
      for (const { time, level, message } of lines) {
        expect(new Date(time).toISOString()).toBe(time)
        expect(['info', 'warn', 'error']).toContain(level)
        expect(message).not.toBe('')
      }
      const calls = lines.filter(({ message }) => message === 'call')
      expect(calls.map(({ id }) => id)).toEqual(receipts.map(({ id }) => id))
      for (const [n, [ending, level, told]] of EVERY_KIND.entries()) {
        expect(calls[n]).toMatchObject({ ending, level, ...told })
      }
      const fallback = receipts[2]?.fallback
      expect(fallback).toEqual({ from: refOf(openai), reason: 'overloaded' })
      expect(calls[2]?.['fallback']).toEqual(fallback)
      expect(calls.map(({ totalMs }) => totalMs)).toEqual(receipts.map(({ totalMs }) => totalMs))
      expect(gateway.stdout() + gateway.stderr()).not.toContain(CANARY)
      expect(gateway.stderr()).not.toContain('Hello from')
      // The program's own lines stand between them, from the first to the last.
      expect(lines[0]?.message).not.toBe('call')
      expect(lines.at(-1)?.message).toBe('Stopped.')
    },
  )

  test('has a line for a call whose key is wrong, and the key is not in it', async () => {
    const gateway = await startGateway({ config: configOf('auto'), key: GATEWAY_KEY })
    const wrong = `cnd_${CANARY}nobodysKey`
    const got = await post(gateway, chatClient, chatClient.body(refOf(openai), 'x'), {
      headers: { 'x-api-key': wrong },
    })
    const id = got.headers.get('candor-request-id')
    await got.text()
    await gateway.stop()
    const [line, ...others] = linesOf(gateway.stderr()).filter(({ message }) => message === 'call')
    expect(others).toEqual([])
    expect(line).toMatchObject({ id, status: 401, ending: 'failed', problem: 'unauthorized', level: 'warn' })
    expect(gateway.stderr()).not.toContain(CANARY)
  })

  test('says nothing of calls where it is off', async () => {
    const gateway = await startGateway({ config: configOf('off'), key: GATEWAY_KEY })
    const receipts = await callsOfEveryKind(gateway)
    await gateway.stop()
    const lines = linesOf(gateway.stderr())
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.filter(({ message }) => message === 'call')).toEqual([])
    for (const { id } of receipts) expect(gateway.stderr()).not.toContain(id)
  })

  test('is for people where that is wanted', async () => {
    const gateway = await startGateway({ config: configOf('pretty'), key: GATEWAY_KEY })
    const receipts = await callsOfEveryKind(gateway)
    await gateway.stop()
    const lines = gateway.stderr().split('\n')
    const told = receipts.map(({ id }) => lines.filter(line => line.includes(id)))
    expect(told.map(own => own.length)).toEqual(receipts.map(() => 1))
    expect(told[1]?.[0]).toMatch(/^\d\d:\d\d:\d\d 404 failed {2}nobody\/nothing {2}model_not_found/)
    expect(told[2]?.[0]).toContain(`pair → ${refOf(anthropic)}  fallback from ${refOf(openai)}: overloaded`)
    expect(told[4]?.[0]).toContain('from the cache')
    expect(gateway.stderr()).not.toMatch(/^\{/m)
    expect(gateway.stderr()).not.toContain(CANARY)
  })
})

describe('the log on a terminal', () => {
  test.each([
    { format: 'auto' as const, shown: /200 complete {2}anthropic\/\S+ {2}metered/ },
    { format: 'json' as const, shown: /"message":"call"/ },
  ])('is $format', async ({ format, shown }) => {
    const home = temporaryHome()
    const file = join(home, 'candor.json5')
    const { gateway: _, ...open } = configOf(format)
    writeFileSync(file, JSON.stringify(open), { mode: 0o600 })
    const terminal = openTerminal(['serve', '--port', '0', '--config', file], home)
    await terminal.shows(/http:\/\/127\.0\.0\.1:\d+/)
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(terminal.text()) ?? []
    const body = JSON.stringify(chatClient.body(refOf(anthropic), 'Hello'))
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })
    expect(response.status).toBe(200)
    await response.text()
    await terminal.shows(shown)
    terminal.type('\u0003')
    expect(await terminal.exited).toBe(0)
    removeHome(home)
  })
})
