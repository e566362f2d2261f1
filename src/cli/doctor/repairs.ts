import type { Repair } from '../../app/doctor/check.ts'
import type { CheckedFound } from '../../app/doctor/examine.ts'

/** What was done about a finding. */
export interface Repaired {
  /** The check whose finding it was. */
  readonly check: string
  readonly id: string
  readonly what: string
  /** Absent: it was only said what would be done. */
  readonly done?: boolean
  /** Why it could not be done. */
  readonly fault?: string
}

/** Does what can be done about these findings; with `dryRun` only says it. Never rejects. */
export async function repairAll(findings: readonly CheckedFound[], dryRun: boolean): Promise<readonly Repaired[]> {
  const repaired: Repaired[] = []
  const seen = new Set<string>()
  for (const { check, id, repair } of findings) {
    if (repair === undefined || seen.has(repair.what)) continue
    seen.add(repair.what)
    const fact = { check, id, what: repair.what }
    repaired.push(dryRun ? fact : { ...fact, ...(await done(repair)) })
  }
  return repaired
}

async function done(repair: Repair): Promise<Pick<Repaired, 'done' | 'fault'>> {
  try {
    await repair.mend()
    return { done: true }
  } catch (error) {
    return { done: false, fault: error instanceof Error ? error.message : 'unknown' }
  }
}
