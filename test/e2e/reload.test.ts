import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Sim } from '../../src/sim/start-sim.ts'
import { call, chatClient, eventsIn, noteOf, post } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, entryOf, refOf, simulate } from './providers.ts'

let openai: Sim
let anthropic: Sim
let gateway: Gateway

beforeAll(async () => {
  openai = await simulate('openai')
  anthropic = await simulate('anthropic')
  gateway = await startGateway({ config: configOf([openai]) })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([openai.stop(), anthropic.stop()])
})

interface Ready {
  readonly ready: boolean
  readonly config: { readonly loadedAt: string; readonly refused?: string }
}

const ready = async () => (await (await gateway.fetch('/readyz')).json()) as Ready

/** Asks until the answer fits: the gateway tells, not a clock. */
async function readyThat(fits: (answer: Ready) => boolean): Promise<Ready> {
  for (;;) {
    const answer = await ready()
    if (fits(answer)) return answer
  }
}

const occurrences = (text: string) => gateway.stderr().split(text).length - 1

describe('a configuration that is edited while the gateway runs', () => {
  test('is swapped without dropping a stream that runs', async () => {
    const before = await ready()
    const body = chatClient.body(refOf(openai), '[[long 100]] [[pace 5]]', { stream: true })
    const running = await post(gateway, chatClient, body)
    expect((await call(gateway, chatClient, chatClient.body(refOf(anthropic), 'x'))).status).toBe(503)
    gateway.configure({ models: { providers: { anthropic: entryOf(anthropic) } } })
    await gateway.said(/The configuration was reloaded/)
    expect((await ready()).config.loadedAt).not.toBe(before.config.loadedAt)
    expect((await call(gateway, chatClient, chatClient.body(refOf(anthropic), 'x'))).status).toBe(200)
    const gone = await call(gateway, chatClient, chatClient.body(refOf(openai), 'x'))
    expect(noteOf(gone.json()).code).toBe('provider_unavailable')
    const text = await running.text()
    expect(chatClient.streamText(eventsIn(text)).trim().split(' ')).toHaveLength(100)
    expect(text).toContain('[DONE]')
    expect((await gateway.receipt(running.headers.get('candor-request-id') ?? '')).ending).toBe('complete')
  })

  test.each([
    { fault: 'a syntax error', config: '{ models: { providers: ' },
    { fault: 'an unknown key', config: '{ modles: {} }' },
    { fault: 'a provider nobody knows', config: '{ models: { providers: { nobody: {} } } }' },
    { fault: 'a gateway key that is not there', config: `{ gateway: { keys: ["\${CANDOR_E2E_NO_SUCH_VARIABLE}"] } }` },
  ])('keeps the old one where the new one has $fault, and says so', async ({ config }) => {
    const said = occurrences('the old one stays in force')
    gateway.configure(configOf([anthropic]))
    await readyThat(answer => answer.config.refused === undefined)
    gateway.configure(config)
    const answer = await readyThat(({ config }) => config.refused !== undefined)
    expect(answer.ready).toBe(true)
    expect(answer.config.refused?.length).toBeGreaterThan(20)
    // The log hands its lines over a moment later.
    while (occurrences('the old one stays in force') === said) await ready()
    expect(occurrences('the old one stays in force')).toBe(said + 1)
    expect((await call(gateway, chatClient, chatClient.body(refOf(anthropic), 'x'))).status).toBe(200)
  })

  test('is taken again once it is mended', async () => {
    gateway.configure('{')
    await readyThat(answer => answer.config.refused !== undefined)
    gateway.configure(configOf([openai, anthropic]))
    await readyThat(answer => answer.config.refused === undefined)
    expect((await call(gateway, chatClient, chatClient.body(refOf(openai), 'x'))).status).toBe(200)
  })

  test('a key that is exchanged is used by the next call', async () => {
    openai.clear()
    gateway.configure({ models: { providers: { openai: entryOf(openai, 'sk-proj-another-key-0123456789') } } })
    for (;;) {
      const got = await call(gateway, chatClient, chatClient.body(refOf(openai), 'x'))
      expect(got.status).toBe(200)
      const sent = openai
        .requests()
        .at(-1)
        ?.headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]
      if (sent === 'Bearer sk-proj-another-key-0123456789') break
      expect(sent).toBe(`Bearer ${openai.key}`)
    }
  })
})
