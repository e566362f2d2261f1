import { problem } from '../canon/problem.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import { ADMITTED, type CallFacts, type Policy } from './policy.ts'

/** Most names shown in a refusal. */
const NAMES_SHOWN_MAX = 20

/**
 * Admits calls to the models and routes the key names (`GatewayKey.models`; none named: all). What counts is the name the client wrote; for a route
 * also the route's own, for a model also its `provider/model`. So a key for the route `coder` reaches the route's models through it and not by their
 * own names, and a key for `moonshot/*` does not reach them through routes. A name that means no model is left to the answer it gets anyway. Refuses
 * with `forbidden`.
 */
export function modelAllowlistPolicy(): Policy {
  return {
    name: 'model-allowlist',
    async admit(call) {
      const { key, requestedModel, targets } = call
      if (key === undefined || targets.length === 0 || allows(key, call)) return ADMITTED
      const asked = call.route ?? targets[0]?.ref ?? requestedModel
      return {
        admit: false,
        problem: problem('forbidden', `The gateway key "${key.name}" may not call ${asked}.`, {
          why: `It may call ${listed(key.models)}.`,
          fix: [
            'Ask for one of these.',
            'Or have the model added to the key by whoever runs the gateway (`candor keys limit`).',
          ],
        }),
      }
    },
  }
}

/** Whether the key may call what is listed under that name: a route, an alias or a `provider/model`. */
export function mayCall({ models }: Pick<GatewayKey, 'models'>, name: string): boolean {
  return models.length === 0 || models.some(pattern => fits(pattern, name))
}

function allows(key: GatewayKey, { requestedModel, route, targets }: CallFacts): boolean {
  if (mayCall(key, requestedModel)) return true
  return route === undefined ? targets.every(({ ref }) => mayCall(key, ref)) : mayCall(key, route)
}

function fits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

function listed(models: readonly string[]): string {
  const rest = models.length - NAMES_SHOWN_MAX
  return `${models.slice(0, NAMES_SHOWN_MAX).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
