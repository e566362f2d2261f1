import { baseTargets } from './base-targets.ts'
import type { Target } from './target.ts'
import { wireTargets } from './wire-targets.ts'

/** All targets, with their examples read. */
export function allTargets(): Target[] {
  return [...baseTargets(), ...wireTargets()]
}
