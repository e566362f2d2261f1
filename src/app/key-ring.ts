import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import type { Problem } from '../canon/problem.ts'
import type { Caller } from '../http/caller.ts'
import type { GatewayKey, KeyStore } from '../ledger/gateway-key.ts'
import { keyRefusal } from '../policy/api-key.ts'

/** All keys of the gateway's own: those of the configuration, and those that were made. */
export interface KeyRing {
  /** True once there is any, a revoked one too: else revoking the last one would open the door. */
  required(): boolean
  /** The key of that secret, be it active or not. */
  find(secret: Secret): GatewayKey | undefined
  /** Those of the configuration. */
  configured(): readonly GatewayKey[]
  /** Who shows this secret, or why it is not admitted. */
  caller(shown: Secret | undefined): Caller | Problem
}

/** What a key ring is made of. */
export interface KeyRingParts {
  readonly configured: readonly Secret[]
  readonly made: KeyStore
  /** The running gateway's own, for commands on this machine. */
  readonly adminToken: Secret
  readonly clock: Clock
}

/** Whoever may read the gateway's own note may do everything: commands of the user who runs it. */
const THIS_MACHINE = unlimited('local', 'this machine')

/** Puts the keys of both kinds together. */
export function openKeyRing({ configured, made, adminToken, clock }: KeyRingParts): KeyRing {
  const own = configured.map((secret, i) => ({ secret, key: configuredKey(i) }))
  const keys = own.map(({ key }) => key)
  const required = () => own.length > 0 || made.asksForKey()
  const find = (secret: Secret): GatewayKey | undefined => {
    let found: GatewayKey | undefined
    // All are compared, always: the time tells nothing.
    for (const each of own) if (each.secret.isSame(secret)) found = each.key
    if (adminToken.isSame(secret)) found = THIS_MACHINE
    return found ?? made.find(secret.reveal())
  }
  return {
    required,
    find,
    configured: () => keys,
    caller(shown) {
      const key = shown === undefined ? undefined : find(shown)
      const refused = keyRefusal(
        { keyShown: shown !== undefined, at: clock.now(), ...(key === undefined ? {} : { key }) },
        required,
      )
      if (refused !== undefined) return refused
      const mayChange = key?.admin === true
      if (key === undefined || key === THIS_MACHINE) return { admin: mayChange || !required(), mayChange }
      return { key, admin: mayChange || !required(), mayChange }
    },
  }
}

/** Whoever may write the configuration may do everything, so its keys may too. */
function configuredKey(index: number): GatewayKey {
  return unlimited(`config-${index + 1}`, `gateway.keys[${index}]`)
}

function unlimited(id: string, name: string): GatewayKey {
  return { id, name, hint: '', tags: [], createdAt: 0, models: [], limits: {}, budgets: [], admin: true }
}
