import { CHECKS } from '../../app/doctor/checks.ts'
import { examine } from '../../app/doctor/examine.ts'
import type { ProviderSetup } from '../../upstream/provider-setup.ts'
import { type Admitted, admit } from '../doctor/patient.ts'
import { CliFault, type Desk } from '../verb.ts'
import type { ReportedFinding } from './report.ts'

/** What the doctor says, and the providers with their keys as it found them: undefined if the configuration cannot be used. */
export interface Examined {
  readonly findings: readonly ReportedFinding[]
  readonly providers: readonly ProviderSetup[] | undefined
}

/** Makes every check that asks no provider. */
export async function examined(config: string | undefined, desk: Desk): Promise<Examined> {
  const admitted = await admitOr(config, desk)
  if ('unusable' in admitted) return { findings: [admitted.unusable], providers: undefined }
  const { patient, close } = admitted
  try {
    const findings = await examine(
      patient,
      CHECKS.filter(({ asks }) => asks !== true),
    )
    return { findings, providers: patient.house?.directory.providers }
  } finally {
    await close()
  }
}

/** A configuration that stops even the doctor is what the report is about. */
async function admitOr(config: string | undefined, desk: Desk): Promise<Admitted | { unusable: ReportedFinding }> {
  try {
    return await admit({ named: undefined, probe: false, config }, desk)
  } catch (error) {
    if (!(error instanceof CliFault)) throw error
    return { unusable: { id: 'doctor', severity: 'error', message: error.message } }
  }
}
