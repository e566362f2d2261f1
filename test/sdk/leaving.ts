import { expect } from 'bun:test'
import { type Feature, type Lane, openTalk, watchReceipt } from './lanes.ts'

/** A user who leaves. The connection to the provider is closed, and the receipt says why there is no answer. */
export const LEAVING_FEATURES: readonly Feature[] = [
  { name: 'abort before the answer', run: lane => left(lane, leaveBefore) },
  { name: 'abort in the middle', forms: ['stream'], run: lane => left(lane, leaveWithin) },
]

async function left(lane: Lane, leave: (lane: Lane) => Promise<unknown>): Promise<void> {
  const { client, form, scene, target } = lane
  const receipt = await watchReceipt(scene)
  const error = await leave(lane)
  expect(error instanceof Error ? [error.name, error.constructor.name] : [error]).toContain(client.abortError)
  await target.sim.when(requests => requests.some(request => request.aborted))
  expect(await receipt()).toMatchObject({
    ending: 'abandoned',
    clientProtocol: client.protocol,
    upstreamProtocol: target.protocol,
    stream: form === 'stream',
  })
}

/** While the provider is silent. */
async function leaveBefore(lane: Lane): Promise<unknown> {
  const leaving = new AbortController()
  const talk = openTalk(lane, { signal: leaving.signal })
  lane.target.sim.setFault('delay=never')
  const thrown = thrownBy(talk.turn({ text: 'hello' }))
  await lane.target.sim.when(requests => requests.length > 0)
  leaving.abort()
  return thrown
}

/** At the first event of an answer that would take long. */
async function leaveWithin(lane: Lane): Promise<unknown> {
  const leaving = new AbortController()
  const talk = openTalk(lane, { signal: leaving.signal, onEvent: () => leaving.abort() })
  return thrownBy(talk.turn({ text: '[[long 5000]] [[pace 5]]' }))
}

async function thrownBy(turn: Promise<unknown>): Promise<unknown> {
  return turn.then(
    () => undefined,
    (error: unknown) => error,
  )
}
