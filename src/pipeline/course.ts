import { type Problem, problem } from '../canon/problem.ts'
import type { Billing } from '../catalog/provider.ts'
import type { Target } from './call.ts'
import type { Course, CourseLeg, RouteSetup, Unusable } from './route.ts'

/** What one target of a route came to: a model, a model that cannot be used now, or none at all. */
export type RouteStop =
  | { readonly target: Target; readonly problem?: Problem }
  /** `billing`: its provider's lane, where at least that is known. */
  | { readonly target?: undefined; readonly problem: Problem; readonly billing?: Billing }

/** The course of a call that names a model: that model, with each of its credentials. */
export function courseOf(target: Target): Course {
  const problem = keyMissing(target)
  const first = { ref: target.ref, billing: target.provider.billing, ...(problem === undefined ? {} : { problem }) }
  return { first, legs: legsOf(target, 1, 1), unusable: [] }
}

/** The course of a route. A model that stands there twice counts where it stands first. */
export function courseOfRoute(route: RouteSetup, stopAt: (name: string) => RouteStop): Course {
  const legs: CourseLeg[] = []
  const unusable: (Unusable & { readonly priority: number })[] = []
  const seen = new Set<string>()
  let first: (Course['first'] & { readonly priority: number }) | undefined
  for (const { name, priority, weight } of route.targets) {
    const stop = stopAt(name)
    const { target, problem } = stop
    const ref = target?.ref ?? name
    if (seen.has(ref)) continue
    seen.add(ref)
    if (first === undefined || priority < first.priority) {
      const met = problem ?? (target === undefined ? undefined : keyMissing(target))
      first = {
        priority,
        ref,
        billing: laneOf(stop),
        ...(met === undefined ? {} : { problem: met }),
      }
    }
    if (problem !== undefined) unusable.push({ ref, problem, priority })
    else if (target !== undefined) legs.push(...legsOf(target, priority, weight))
  }
  if (first === undefined) throw new Error(`the route ${route.name} has no target`)
  legs.sort((a, b) => a.priority - b.priority)
  return { route, first, legs, unusable }
}

/** A name that means nothing opens no purse: what it would let in pays nothing. */
function laneOf(stop: RouteStop): Billing {
  return stop.target === undefined ? (stop.billing ?? 'local') : stop.target.provider.billing
}

/** Why the target cannot be asked in its own lane, where only keys of other lanes could be had: they draw on other purses. */
function keyMissing({ provider, model }: Target): Problem | undefined {
  const { id, billing, credentials, missingCredentials = [] } = provider
  if (credentials.some(credential => credential.billing === billing)) return undefined
  return problem('provider_unavailable', `The provider "${id}" has no key for its lane "${billing}".`, {
    why: [...missingCredentials, 'Its other keys draw on other purses.'].join('; '),
    fix: [`See what is missing: candor doctor ${id}.`, 'Only a route with crossBilling may go on in another lane.'],
    provider: id,
    model,
  })
}

function legsOf(target: Target, priority: number, weight: number): CourseLeg[] {
  return target.provider.credentials.map(credential => ({ target, credential, priority, weight }))
}
