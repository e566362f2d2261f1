import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { BodiesView } from '../../src/admin/bodies.ts'
import { OWN_USER_AGENT } from '../../src/base/version.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, type Client, chatClient, noteOf, parse, post, written } from './clients.ts'
import { bearer, makeKey } from './gateway-keys.ts'
import { type Gateway, removeHome, startGateway } from './harness.ts'
import { configOf, headerOf, refOf, simulate } from './providers.ts'

const ADMIN = 'cnd_bodiesAdministrator01'
const CUT_AT = 65_536

let openai: Sim
let anthropic: Sim
let gateway: Gateway

const config = (keepDays: number) => ({
  ...configOf([openai, anthropic], { keys: [ADMIN] }),
  bodies: { keepDays, bytesMax: CUT_AT },
})

beforeAll(async () => {
  openai = await simulate('openai')
  anthropic = await simulate('anthropic')
  gateway = await startGateway({ key: ADMIN, config: config(7) })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([openai.stop(), anthropic.stop()])
})
beforeEach(() => {
  openai.setFault(undefined)
  openai.clear()
})

async function ask(client: Client, text: string, { stream = false, key = ADMIN, model = refOf(openai) } = {}) {
  const body = client.body(model, text, stream ? { stream } : {})
  const response = await post(gateway, client, body, { headers: { ...bearer(key), 'anthropic-beta': 'x-1' } })
  const told = await response.text()
  return { response, told, id: response.headers.get('candor-request-id') ?? '' }
}

const show = (id: string, key = ADMIN) => gateway.fetch(`/candor/bodies/${id}`, { headers: bearer(key) })
const kept = async (id: string) => (await (await show(id)).json()) as BodiesView

async function replay(id: string, { query = '', key = ADMIN } = {}) {
  const response = await gateway.fetch(`/candor/replay/${id}${query}`, { method: 'POST', headers: bearer(key) })
  return { response, told: await response.text(), id: response.headers.get('candor-request-id') ?? '' }
}

const FORMS = CLIENTS.flatMap(client => [false, true].map(stream => ({ client, stream, protocol: client.protocol })))

describe('where bodies are kept', () => {
  test.each(FORMS)('what was asked and answered is there: $protocol, stream $stream', async ({ client, stream }) => {
    const { response, told, id } = await ask(client, 'What is kept?', { stream })
    expect([response.status, response.headers.get('candor-bodies')]).toEqual([200, 'kept'])
    const view = await kept(id)
    const asked = client.body(refOf(openai), 'What is kept?', stream ? { stream } : {})
    expect(view.request.text).toBe(written(client, asked).body)
    expect(view.reply?.text).toBe(told)
    expect(view.reply?.contentType).toBe(response.headers.get('content-type') ?? '')
    expect([view.request.cut, view.reply?.cut, view.notReplayable]).toEqual([false, false, undefined])
    expect(view.keptUntil).toBeGreaterThan(view.at + 7 * 86_400_000)
    expect((await gateway.receipt(id)).bodies).toBe('kept')
  })

  test.each(FORMS)('a call is made again: $protocol, stream $stream', async ({ client, stream }) => {
    const first = await ask(client, `Once more? ${client.protocol} ${stream}`, { stream })
    const again = await replay(first.id)
    expect([again.response.status, again.response.headers.get('candor-replay-of')]).toEqual([200, first.id])
    expect(again.response.headers.get('content-type')).toBe(first.response.headers.get('content-type'))
    const [one, two] = openai.requests()
    expect(two?.body).toBe(one?.body ?? '')
    expect(headerOf(two, 'user-agent')).toBe(OWN_USER_AGENT)
    const receipt = await gateway.receipt(again.id)
    expect(receipt).toMatchObject({ replayOf: first.id, client: OWN_USER_AGENT, ending: 'complete', stream })
  })

  test('a call is made again with another model, over whatever that one speaks', async () => {
    for (const client of CLIENTS) {
      const first = await ask(client, 'And you?', { stream: true })
      const again = await replay(first.id, { query: `?model=${refOf(anthropic)}` })
      expect([again.response.status, again.response.headers.get('candor-model')]).toEqual([200, refOf(anthropic)])
      expect((await kept(again.id)).reply?.text).toBe(again.told)
    }
  })

  test('a refusal is kept like an answer, and a call that is refused again says why again', async () => {
    const refused = await ask(chatClient, 'hello', { model: 'openai/nothing-like-it' })
    expect([refused.response.status, (await kept(refused.id)).reply?.text]).toEqual([404, refused.told])
    const again = await replay(refused.id)
    expect([again.response.status, noteOf(parse(again.told)).code]).toEqual([404, 'upstream_model_not_found'])
  })

  test('of a client that leaves there is what it was given', async () => {
    const body = chatClient.body(refOf(openai), '[[long 50]] [[pace 20]]', { stream: true })
    const leaving = new AbortController()
    const response = await post(gateway, chatClient, body, { headers: bearer(ADMIN), signal: leaving.signal })
    const reader = response.body?.getReader()
    const first = Buffer.from((await reader?.read())?.value ?? []).toString()
    leaving.abort()
    const id = response.headers.get('candor-request-id') ?? ''
    await gateway.receiptThat(receipt => receipt.id === id && receipt.ending === 'abandoned')
    const view = await kept(id)
    expect(first).not.toBe('')
    expect(view.reply?.text).toStartWith(first)
    expect(view.reply?.text).not.toMatch(chatClient.ended)
  })

  test('of a long one only the beginning is there, and it cannot be made again', async () => {
    const { id } = await ask(chatClient, 'x'.repeat(CUT_AT))
    const { request, notReplayable } = await kept(id)
    expect([request.text.length, request.cut]).toEqual([CUT_AT, true])
    expect(request.bytes).toBeGreaterThan(CUT_AT)
    expect(notReplayable).toContain('bodies.bytesMax')
    const again = await replay(id)
    expect(again.response.status).toBe(400)
    expect(noteOf(parse(again.told)).why).toBe(notReplayable ?? '')
  })

  test('what looks like a key is masked where it is shown, and sent as it was', async () => {
    const key = 'sk-thisIsNobodysKeyAtAll0123'
    const { id } = await ask(chatClient, `My key is ${key}.`)
    const view = await kept(id)
    expect([view.request.masked, view.request.text.includes(key)]).toEqual([true, false])
    openai.clear()
    await replay(id)
    expect(openai.requests()[0]?.body).toContain(key)
  })

  test('only an administrator sees them or makes a call again', async () => {
    const { id } = await ask(chatClient, 'Who sees this?')
    const member = await makeKey(gateway, ADMIN, { name: 'member' })
    openai.clear()
    expect((await show(id, member.secret)).status).toBe(403)
    expect((await replay(id, { key: member.secret })).response.status).toBe(403)
    expect((await gateway.fetch(`/candor/bodies/${id}`)).status).toBe(401)
    expect(openai.requests()).toEqual([])
  })

  test.each(['req_0000000000000000000000000', '../../candor.json5', 'nothing'])('there are none of %s', async id => {
    const missing = await show(encodeURIComponent(id))
    expect([missing.status, noteOf(parse(await missing.text())).fix[0]]).toEqual([
      404,
      expect.stringContaining('7 days'),
    ])
    expect((await replay(encodeURIComponent(id))).response.status).toBe(404)
  })
})

test('no key a call came with, or was sent with, is in the files', async () => {
  const own = await startGateway({ key: ADMIN, config: config(7) })
  const carriers = { authorization: `Bearer ${ADMIN}`, 'x-api-key': ADMIN, 'x-goog-api-key': ADMIN }
  for (const [name, value] of Object.entries(carriers)) {
    const call = await post(own, chatClient, chatClient.body(refOf(openai), name), { headers: { [name]: value } })
    expect([call.status, await call.text()]).toEqual([200, expect.stringContaining('choices')])
  }
  own.signal('SIGTERM')
  await own.exited
  const root = join(own.dataDir, 'bodies')
  const files = readdirSync(root, { recursive: true }).map(String)
  const written = files.filter(name => name.endsWith('.zst')).map(name => readFileSync(join(root, name)))
  const texts = written.map(file => Bun.zstdDecompressSync(file).toString())
  expect(texts).toHaveLength(3)
  for (const text of texts) {
    expect(text).toContain(refOf(openai))
    expect(text).not.toContain(ADMIN)
    expect(text).not.toContain(openai.key)
  }
  removeHome(own.home)
})

/** Of the folder of all bodies, a day's folder, and a file in it. */
function modesIn(dataDir: string): readonly number[] {
  const root = join(dataDir, 'bodies')
  const day = join(root, readdirSync(root)[0] ?? '')
  return [root, day, join(day, readdirSync(day)[0] ?? '')].map(path => statSync(path).mode & 0o777)
}

test('they are there after a restart, for their owner alone, and gone once they are switched off', async () => {
  const first = await startGateway({ key: ADMIN, config: config(7) })
  const call = await post(first, chatClient, chatClient.body(refOf(openai), 'still?'), { headers: bearer(ADMIN) })
  const id = call.headers.get('candor-request-id') ?? ''
  first.signal('SIGTERM')
  await first.exited
  expect(modesIn(first.dataDir)).toEqual([0o700, 0o700, 0o600])
  const second = await startGateway({ key: ADMIN, config: config(7), home: first.home })
  const found = await second.fetch(`/candor/bodies/${id}`, { headers: bearer(ADMIN) })
  expect([found.status, ((await found.json()) as BodiesView).request.text]).toEqual([
    200,
    expect.stringContaining('still?'),
  ])
  second.configure(config(0))
  await second.said(/Bodies are kept no longer: what was kept of one call was removed/)
  const gone = await second.fetch(`/candor/bodies/${id}`, { headers: bearer(ADMIN) })
  expect([gone.status, noteOf(parse(await gone.text())).fix[0]]).toEqual([
    404,
    expect.stringContaining('candor config set bodies.keepDays'),
  ])
  const off = await post(second, chatClient, chatClient.body(refOf(openai), 'now?'), { headers: bearer(ADMIN) })
  expect([off.status, off.headers.get('candor-bodies')]).toEqual([200, null])
  await second.stop()
  removeHome(first.home)
})
