import { bodiesCheck } from './bodies.ts'
import type { Check, Patient } from './check.ts'
import { clockCheck } from './clock.ts'
import { configCheck } from './configuration.ts'
import { environmentCheck } from './environment.ts'
import { filesCheck } from './files.ts'
import { ledgerCheck } from './ledger.ts'
import { modelsCheck } from './models.ts'
import { portCheck } from './port.ts'
import { pricesCheck } from './prices.ts'
import { probeCheck } from './probe.ts'
import { providersCheck } from './providers.ts'
import { quotaCheck } from './quota.ts'
import { runtimeCheck } from './runtime.ts'
import { spaceCheck } from './space.ts'
import { streamCheck } from './stream.ts'

/** Every check, in the order they are made and told. Adding one is a file in this folder and a line here. What is asked comes before what listens to the answers. */
export const CHECKS: readonly Check[] = [
  runtimeCheck,
  configCheck,
  filesCheck,
  spaceCheck,
  ledgerCheck,
  bodiesCheck,
  portCheck,
  environmentCheck,
  providersCheck,
  modelsCheck,
  pricesCheck,
  probeCheck,
  streamCheck,
  clockCheck,
  quotaCheck,
]

/** A patient of whom nobody is asked. */
export const NOT_ASKED: Pick<Patient, 'probe' | 'probed'> = { probe: false, async *probed() {} }
