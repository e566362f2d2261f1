import type { CheckedFinding } from '../../admin/doctor.ts'
import type { Check, Found, Patient } from './check.ts'

/** A finding with the check that made it, and how it could be repaired. */
export type CheckedFound = Found & CheckedFinding

/**
 * Makes the checks one after the other, in their order, and tells what is found at once: `tell` is also called while a check still runs. A check that
 * fails is a finding itself. Never rejects.
 */
export async function examine(
  patient: Patient,
  checks: readonly Check[],
  tell: (found: CheckedFound) => void = () => {},
): Promise<readonly CheckedFound[]> {
  const all: CheckedFound[] = []
  for (const { id, run } of checks) {
    const take = (found: Found) => {
      const checked = { check: id, ...found }
      all.push(checked)
      tell(checked)
    }
    try {
      await run(patient, take)
    } catch (error) {
      take({
        id: `${id}.unfinished`,
        severity: 'error',
        message: `The check "${id}" could not be finished: ${error instanceof Error ? error.message : 'unknown error'}.`,
        fixHint: `Please report it. The others can be made without it: candor doctor --skip ${id}`,
      })
    }
  }
  return all
}

/** A finding without what cannot be sent. */
export function plainFinding({ repair: _, ...finding }: CheckedFound): CheckedFinding {
  return finding
}
