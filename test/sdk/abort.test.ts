import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { SdkClient, TalkOptions } from './client.ts'
import { CLIENTS, openScene, PROTOCOLS, type Scene, type Target, targetOf } from './lanes.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterEach(() => {
  for (const { sim } of scene.targets) sim.setFault(undefined)
})
afterAll(() => scene.stop())

/** Ways to leave: while the provider has not answered yet, and in the middle of its answer. */
const LEAVINGS = [
  { when: 'before the answer, whole', form: 'whole', fault: 'delay=never' },
  { when: 'before the answer, stream', form: 'stream', fault: 'delay=never' },
  { when: 'in the middle, stream', form: 'stream', fault: undefined },
] as const

async function thrownBy(turn: Promise<unknown>): Promise<unknown> {
  return turn.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** Holds one call until its user has left; resolves with what the client threw. */
async function leave(client: SdkClient, target: Target, { form, fault }: (typeof LEAVINGS)[number]): Promise<unknown> {
  const leaving = new AbortController()
  const options: TalkOptions = { origin: scene.gateway.url, model: target.ref, form, signal: leaving.signal }
  target.sim.clear()
  target.sim.setFault(fault)
  if (fault === undefined) {
    const talk = client.open({ ...options, onEvent: () => leaving.abort() })
    return thrownBy(talk.turn({ text: '[[long 5000]] [[pace 5]]' }))
  }
  const thrown = thrownBy(client.open(options).turn({ text: 'hello' }))
  await target.sim.when(requests => requests.length > 0)
  leaving.abort()
  return thrown
}

describe.each([...CLIENTS])('$name leaves', client => {
  describe.each([...PROTOCOLS])('%s', protocol => {
    test.each([...LEAVINGS])(
      '$when: the connection to the provider is closed, and the receipt says so',
      async leaving => {
        const target = targetOf(scene, protocol)
        const before = new Set((await scene.gateway.receipts()).map(({ id }) => id))
        const error = await leave(client, target, leaving)
        expect(error instanceof Error ? [error.name, error.constructor.name] : error).toContain(client.abortError)
        await target.sim.when(requests => requests.some(request => request.aborted))
        const receipt = await scene.gateway.receiptThat(({ id, ending }) => !before.has(id) && ending !== 'in-flight')
        expect(receipt).toMatchObject({
          ending: 'abandoned',
          clientProtocol: client.protocol,
          upstreamProtocol: protocol,
          stream: leaving.form === 'stream',
        })
      },
    )
  })
})
