import manifest from '../../../package.json' with { type: 'json' }
import { missingGuardRails } from '../guard-rails.ts'
import type { Check } from './check.ts'

/** The version of Bun this Candor was made with and is tested on. */
const BUN: string = manifest.dependencies.bun

/** The runtime, and what the launcher has set for it. */
export const runtimeCheck: Check = {
  id: 'runtime',
  about: "Bun's version, and the guard rails around it",
  async run({ env, machine }, tell) {
    const { bun, os, arch } = machine
    const missing = missingGuardRails(env)
    for (const message of missing)
      tell({
        id: 'runtime.guard-rails',
        severity: 'error',
        message: `${message}.`,
        fixHint: 'Start Candor with its launcher: candor.',
      })
    if (bun !== BUN)
      tell({
        id: 'runtime.version',
        severity: 'warning',
        message: `Candor runs on Bun ${bun}. It was made with ${BUN}, and tested on no other.`,
        fixHint: 'Install Candor anew: its package brings its own Bun.',
      })
    else if (missing.length === 0)
      tell({ id: 'runtime', severity: 'ok', message: `Bun ${bun} on ${os} ${arch}, with its guard rails set.` })
  },
}
