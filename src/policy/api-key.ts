import type { Secret } from '../base/secret.ts'
import { problem } from '../canon/problem.ts'
import { ADMITTED, type Policy } from './policy.ts'

/** Configuration of the policy: the keys the gateway accepts. At least one. */
export interface ApiKeyConfig {
  readonly keys: readonly Secret[]
}

/** Admits calls that show one of the gateway's own keys. Compared in constant time, all of them always. */
export function apiKeyPolicy(config: ApiKeyConfig): Policy {
  return {
    name: 'api-key',
    async admit(call) {
      const shown = call.key?.reveal() ?? ''
      let known = false
      for (const key of config.keys) known = key.equals(shown) || known
      if (known) return ADMITTED
      const what =
        call.key === undefined ? 'No gateway key was sent.' : 'The gateway does not know the key that was sent.'
      return {
        admit: false,
        problem: problem('unauthorized', what, {
          why: 'This gateway asks for one of its own keys (gateway.keys in its configuration).',
          fix: [
            'Send the key as "Authorization: Bearer cnd_…", "x-api-key" or "x-goog-api-key".',
            'A provider key does not work here: the gateway adds that one itself.',
          ],
        }),
      }
    },
  }
}
