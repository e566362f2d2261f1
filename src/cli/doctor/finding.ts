import type { App } from '../../app/app.ts'
import type { LoadResult } from '../../app/config/config.ts'
import type { Paths } from '../../app/config/paths.ts'
import type { Desk } from '../verb.ts'

/** How bad a finding is. Only `error` makes `candor doctor` exit with 1. */
export type Severity = 'ok' | 'info' | 'warning' | 'error'

/** What a check found. */
export interface Finding {
  readonly id: string
  readonly severity: Severity
  readonly message: string
  /** The file it is about. */
  readonly path?: string
  readonly line?: number
  readonly column?: number
  readonly fixHint?: string
}

/** What a check looks at. Nothing of it writes anything of the user's. */
export interface Patient {
  readonly desk: Desk
  readonly paths: Paths
  readonly loaded: LoadResult
  /** An app of that configuration with a data folder of its own; absent if the configuration cannot be used. */
  readonly app: App | undefined
  /** The provider to look at; absent: all that are configured or can be used. */
  readonly provider: string | undefined
  /** The model to probe with, as `provider/model`; absent: one of the provider's. */
  readonly model: string | undefined
  /** Real calls may be made. */
  readonly probe: boolean
}

/** One check. */
export interface Check {
  readonly id: string
  run(patient: Patient): Promise<readonly Finding[]>
}
