import { type Problem, problem } from '../canon/problem.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import { ADMITTED, type CallFacts, type Policy } from './policy.ts'
import { showTime } from './words.ts'

/** Configuration of the policy. */
export interface ApiKeyConfig {
  /** True as soon as the gateway has a key of its own, configured or made; one that was revoked counts, or revoking the last would open the door. */
  readonly keysRequired: () => boolean
}

/**
 * Admits calls with a gateway key that is in force. Without any key of the gateway's own it admits everybody, but for those who show a key that was
 * revoked or has expired. Refuses with `unauthorized`.
 */
export function apiKeyPolicy({ keysRequired }: ApiKeyConfig): Policy {
  return {
    name: 'api-key',
    async admit(call) {
      const found = keyRefusal(call, keysRequired)
      return found === undefined ? ADMITTED : { admit: false, problem: found }
    },
  }
}

/** Why a caller with this key, or with none, is not admitted; undefined if it is. */
export function keyRefusal(
  { key, keyShown, at }: Pick<CallFacts, 'key' | 'keyShown' | 'at'>,
  keysRequired: () => boolean,
): Problem | undefined {
  return key === undefined ? missing(keyShown, keysRequired) : lapsed(key, at)
}

function missing(keyShown: boolean, keysRequired: () => boolean): Problem | undefined {
  if (!keysRequired()) return undefined
  return problem(
    'unauthorized',
    keyShown ? 'The gateway does not know the key that was sent.' : 'No gateway key was sent.',
    {
      why: 'This gateway asks for one of its own keys (made with `candor keys create`, or in gateway.keys of its configuration).',
      fix: [
        'Send the key as "Authorization: Bearer cnd_…", "x-api-key" or "x-goog-api-key".',
        'A provider key does not work here: the gateway adds that one itself.',
      ],
    },
  )
}

/** Only said to somebody who showed the right secret: nobody else learns that there is such a key. */
function lapsed({ name, revokedAt, expiresAt }: GatewayKey, at: number): Problem | undefined {
  if (revokedAt !== undefined)
    return problem('unauthorized', `The gateway key "${name}" was revoked on ${showTime(revokedAt)}.`, {
      why: 'Whoever runs this gateway has withdrawn the key, or put a new one in its place.',
      fix: ['Ask whoever runs the gateway for a new key (`candor keys create`).'],
    })
  if (expiresAt !== undefined && expiresAt <= at)
    return problem('unauthorized', `The gateway key "${name}" expired on ${showTime(expiresAt)}.`, {
      why: 'The key was made to be valid until then.',
      fix: [
        'Ask whoever runs the gateway to extend it (`candor keys limit`), or for a new one (`candor keys create`).',
      ],
    })
  return undefined
}
