import type { Problem } from '../canon/problem.ts'
import type { Target } from './call.ts'
import type { Course, CourseLeg, RouteSetup, Unusable } from './route.ts'

/** What one target of a route came to: a model, a model that cannot be used now, or none at all. */
export type RouteStop =
  | { readonly target: Target; readonly problem?: Problem }
  | { readonly target?: undefined; readonly problem: Problem }

/** The course of a call that names a model: that model, with each of its credentials. */
export function courseOf(target: Target): Course {
  const legs = legsOf(target, 1, 1)
  const billing = legs[0]?.credential.billing ?? target.provider.billing
  return { first: { ref: target.ref, billing }, legs, unusable: [] }
}

/** The course of a route. A model that stands there twice counts where it stands first. */
export function courseOfRoute(route: RouteSetup, stopAt: (name: string) => RouteStop): Course {
  const legs: CourseLeg[] = []
  const unusable: (Unusable & { readonly priority: number })[] = []
  const seen = new Set<string>()
  let first: (Course['first'] & { readonly priority: number }) | undefined
  for (const { name, priority, weight } of route.targets) {
    const { target, problem } = stopAt(name)
    const ref = target?.ref ?? name
    if (seen.has(ref)) continue
    seen.add(ref)
    const billing = target?.provider.credentials[0]?.billing ?? target?.provider.billing ?? 'metered'
    if (first === undefined || priority < first.priority)
      first = { ref, billing, priority, ...(problem === undefined ? {} : { problem }) }
    if (problem !== undefined) unusable.push({ ref, problem, priority })
    else if (target !== undefined) legs.push(...legsOf(target, priority, weight))
  }
  if (first === undefined) throw new Error(`the route ${route.name} has no target`)
  legs.sort((a, b) => a.priority - b.priority)
  return { route, first, legs, unusable }
}

function legsOf(target: Target, priority: number, weight: number): CourseLeg[] {
  return target.provider.credentials.map(credential => ({ target, credential, priority, weight }))
}
