import type { LoadResult } from '../config/config.ts'
import { type ConfigFault, type ConfigWarning, showWarning } from '../config/fault.ts'
import type { Check, Found, Patient } from './check.ts'
import { modeRepair } from './files.ts'

/** Faults and warnings of the configuration file, and whether it is what is in force. */
export const configCheck: Check = {
  id: 'config',
  about: 'the configuration file: its faults, and what is doubtful in it',
  async run(patient, tell) {
    const { loaded, gateway, remarks } = patient
    if (!loaded.ok) {
      for (const fault of loaded.faults) tell(faultFinding(fault))
      if (gateway !== undefined)
        tell({
          id: 'config.refused',
          severity: 'warning',
          message: 'The gateway goes on with the configuration it had before those faults.',
          path: loaded.file,
          fixHint: 'Mend them: the gateway reads the file again by itself.',
        })
      return
    }
    tell(stateFinding(patient, loaded))
    for (const warning of loaded.warnings) tell(warningFinding(warning, loaded.config.source.file))
    for (const message of remarks) tell({ id: 'config.warning', severity: 'warning', message })
  },
}

/** Of all warnings those that reading the file alone does not give. */
export function remarksOf(warnings: readonly string[], loaded: LoadResult): readonly string[] {
  const ofFile = loaded.ok ? loaded.warnings.map(warning => showWarning(warning, loaded.config.source.file)) : []
  return warnings.filter(warning => !ofFile.includes(warning))
}

function stateFinding({ gateway, config }: Patient, loaded: Extract<LoadResult, { ok: true }>): Found {
  const { file: path, exists } = loaded.config.source
  if (gateway?.refused !== undefined) {
    const why = gateway.refused.replace(/\s*\n\s*/g, ' ')
    const message = `The gateway goes on with an older configuration, for it could not take the newest: ${why}`
    const fixHint = 'Mend what it says: the gateway reads the file again by itself.'
    return { id: 'config.refused', severity: 'error', message, path, fixHint }
  }
  if (exists) return { id: 'config', severity: 'ok', message: `${path} is good.`, path }
  if (gateway !== undefined && config?.source.exists === true)
    return {
      id: 'config.gone',
      severity: 'warning',
      message: `${path} is gone. What it held stays in force until there is one again, or the gateway is started anew.`,
      path,
      fixHint: 'Put the file back, or start the gateway anew to go on without it.',
    }
  return { id: 'config', severity: 'ok', message: `There is no ${path}: the environment alone decides.`, path }
}

function faultFinding({ message, file, line, column, expected, fix }: ConfigFault): Found {
  return {
    id: 'config.fault',
    severity: 'error',
    message: expected === undefined ? message : `${message} Expected: ${expected}.`,
    path: file,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    fixHint: fix ?? 'See the place, and mend it: candor config check',
  }
}

function warningFinding({ message, fix, line, mode }: ConfigWarning, file: string): Found {
  return {
    id: mode === undefined ? 'config.warning' : 'config.mode',
    severity: 'warning',
    message,
    path: file,
    ...(line === undefined ? {} : { line }),
    ...(fix === undefined ? {} : { fixHint: fix }),
    ...(mode === undefined ? {} : { repair: modeRepair(file, mode) }),
  }
}
