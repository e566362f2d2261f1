import { type Problem, problem } from '../canon/problem.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import { ADMITTED, type CallFacts, type Policy } from './policy.ts'

/** Most names shown in a refusal. */
const NAMES_SHOWN_MAX = 20

/**
 * Admits calls to the models and routes the key names (`GatewayKey.models`; none named: all). What counts is the name the client wrote; for a route
 * also the route's own, for a model also its `provider/model`. So a key for the route `coder` reaches the route's models through it and not by their
 * own names, and a key for `moonshot/*` does not reach them through routes. A name that means no model is left to the answer it gets anyway ({@link asSeenBy}). Refuses
 * with `forbidden`.
 */
export function modelAllowlistPolicy(): Policy {
  return {
    name: 'model-allowlist',
    async admit(call) {
      const { key, requestedModel, route } = call
      const meant = refsOf(call)
      if (key === undefined || meant.length === 0 || allows(key, call)) return ADMITTED
      const asked = route ?? meant[0] ?? requestedModel
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

/** The problem of a name as somebody with this key may see it: without the names of what the key may not call. */
export function asSeenBy(key: GatewayKey, found: Problem): Problem {
  const { candidates = [], ...rest } = found
  const seen = candidates.filter(name => mayCall(key, name))
  if (seen.length === candidates.length) return found
  const names = seen.map(name => `"${name}"`).join(' or ')
  return {
    ...rest,
    ...(seen.length === 0 ? {} : { candidates: seen }),
    fix: [...(seen.length === 0 ? [] : [`Did you mean ${names}?`]), 'Ask GET /v1/models for what this key may call.'],
  }
}

function refsOf({ targets, unusable }: CallFacts): readonly string[] {
  return unusable === undefined ? targets.map(({ ref }) => ref) : [unusable]
}

function allows(key: GatewayKey, call: CallFacts): boolean {
  const { requestedModel, route } = call
  if (mayCall(key, requestedModel)) return true
  return route === undefined ? refsOf(call).every(ref => mayCall(key, ref)) : mayCall(key, route)
}

function fits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

function listed(models: readonly string[]): string {
  const rest = models.length - NAMES_SHOWN_MAX
  return `${models.slice(0, NAMES_SHOWN_MAX).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
