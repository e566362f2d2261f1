import { headerOf, type ReceivedRequest } from './http-reader.ts'

/** What a key is worth at a simulated provider. Each provider knows some of these; see its own file for the wording. */
export const KEY_STATES = [
  'valid',
  'nearly-used-up',
  'invalid',
  'expired',
  'wrong-service',
  'lapsed',
  'banned',
  'weekly-used-up',
  'daily-used-up',
  'five-hour-used-up',
  'monthly-used-up',
  'low-tier',
  'mid-tier',
  'concurrency',
  'rate-limited',
  'overloaded',
  'no-balance',
] as const

/** One of {@link KEY_STATES}. */
export type KeyState = (typeof KEY_STATES)[number]

/** Headers a surface reads the key from: `either` takes `x-api-key` before `Authorization`. */
export type KeyHeader = 'bearer' | 'either'

/** The key on a request, or undefined if there is none where this surface looks. */
export function keyOn(request: ReceivedRequest, where: KeyHeader): string | undefined {
  const plain = where === 'bearer' ? undefined : headerOf(request.headers, 'x-api-key')
  if (plain !== undefined) return plain
  const bearer = headerOf(request.headers, 'authorization')
  return bearer?.toLowerCase().startsWith('bearer ') === true ? bearer.slice(7).trim() : undefined
}

/** The state a key names itself: `sk-kimi-sim-expired` is expired. So every state can be tried without any setting. */
export function stateInName(key: string): KeyState | undefined {
  return KEY_STATES.find(state => key.endsWith(`-sim-${state}`))
}
