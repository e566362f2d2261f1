import { problem } from '../../../src/canon/problem.ts'
import { ADMITTED, type Policy } from '../../../src/policy/policy.ts'

/** Configuration of the policy: the `provider/model` names that may be called. Empty means all. */
export interface ModelAllowlistConfig {
  readonly models: readonly string[]
}

/** Admits calls to the listed models only. A name that means no model is left to the answer it gets anyway. */
export function modelAllowlistPolicy({ models }: ModelAllowlistConfig): Policy {
  return {
    name: 'model-allowlist',
    async admit({ target }) {
      if (models.length === 0 || target === undefined || models.includes(target)) return ADMITTED
      const fix = ['Ask for a model on the list of this gateway.']
      return { admit: false, problem: problem('forbidden', `This gateway does not serve ${target}.`, { fix }) }
    },
  }
}
