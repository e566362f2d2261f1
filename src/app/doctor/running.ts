import type { ConfigView } from '../../admin/contract.ts'
import type { CheckedFinding, DoctorView, ProbeQuestion, ProbeView } from '../../admin/doctor.ts'
import { nearest } from '../../base/nearest.ts'
import { quoteText } from '../../base/redact.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import type { BodyStore } from '../../ledger/kept-bodies.ts'
import type { LedgerStore } from '../../ledger/store.ts'
import type { House } from '../../pipeline/call.ts'
import type { Config, LoadResult } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import type { Environment, Paths } from '../config/paths.ts'
import type { Machine, Patient } from './check.ts'
import { CHECKS, NOT_ASKED } from './checks.ts'
import { clockCheck } from './clock.ts'
import { remarksOf } from './configuration.ts'
import { examine, plainFinding } from './examine.ts'
import { openProbes, probeCheck } from './probe.ts'
import { lookedAt } from './providers.ts'
import { streamCheck } from './stream.ts'
import { thisMachine } from './this-machine.ts'

/** The doctor of a running gateway. */
export interface GatewayDoctor {
  /** What can be told without asking anybody, and what the last probe found. */
  look(): Promise<DoctorView>
  /** Asks providers, which costs calls; they have receipts like any other. `busy`: that is being done already. */
  ask(question: ProbeQuestion): Promise<ProbeView | Problem | 'busy'>
}

/** What it looks at. */
export interface DoctorParts {
  readonly env: Environment
  readonly paths: Paths
  readonly ledger: LedgerStore
  readonly bodies: Pick<BodyStore, 'health'>
  /** The file that is read and watched; undefined: none is. */
  readonly configFile: string | undefined
  /** What is in force at this moment. */
  state(): { readonly house: House; readonly config: Config; readonly view: ConfigView }
}

/** A ledger of more is not looked through here: calls would wait for it. */
const LEDGER_BYTES_MAX = 8 * 1024 * 1024

const QUIET_CHECKS = CHECKS.filter(({ asks }) => asks !== true)
const ASKING_CHECKS = [probeCheck, streamCheck, clockCheck]

/** Opens it. The last probe is kept until the next one, in memory. */
export function openDoctor(parts: DoctorParts): GatewayDoctor {
  let last: ProbeView | undefined
  return {
    async look() {
      const patient = await patientOf(parts)
      const findings = await examine(patient, QUIET_CHECKS)
      return {
        at: patient.clock.now(),
        checks: QUIET_CHECKS.map(({ id, about }) => ({ id, about })),
        findings: findings.map(plainFinding),
        providers: lookedAt({ ...patient, provider: undefined })
          .filter(({ unavailable }) => unavailable === undefined)
          .map(({ id, name }) => ({ id, name })),
        ...(last === undefined ? {} : { probe: last }),
      }
    },
    async ask({ provider }) {
      if (last?.state === 'running') return 'busy'
      const refused = provider === undefined ? undefined : refusal(provider, parts.state().house)
      if (refused !== undefined) return refused
      const { clock } = parts.state().house
      const begun = { startedAt: clock.now(), ...(provider === undefined ? {} : { provider }) }
      const findings: CheckedFinding[] = [...answersOfOthers(last, provider)]
      const note = (more: Pick<ProbeView, 'asking'> = {}) => {
        last = { state: 'running', ...begun, ...more, findings: [...findings] }
      }
      note()
      try {
        const patient = await askedPatient(parts, provider, asking => note({ asking }))
        await examine(patient, ASKING_CHECKS, found => {
          findings.push({ ...plainFinding(found), askedAt: clock.now() })
          note()
        })
      } finally {
        last = { state: 'done', ...begun, endedAt: clock.now(), findings }
      }
      return last
    },
  }
}

/** What other providers than the one to be asked answered before. */
function answersOfOthers(last: ProbeView | undefined, provider: string | undefined): readonly CheckedFinding[] {
  if (last === undefined || provider === undefined) return []
  const own = `provider.${provider}.`
  return last.findings.filter(({ check, id }) => check === probeCheck.id && !id.startsWith(own))
}

async function patientOf({ env, paths, ledger, bodies, configFile, state }: DoctorParts): Promise<Patient> {
  const { house, config, view } = state()
  const loaded: LoadResult =
    configFile === undefined
      ? { ok: true, config, warnings: [] }
      : await loadConfig({ file: configFile, mustExist: false })
  const { warning } = ledger.health()
  return {
    env,
    paths,
    machine: MACHINE,
    clock: house.clock,
    loaded,
    config,
    remarks: remarksOf(view.warnings, loaded),
    gateway: {
      pid: process.pid,
      ...(view.refused === undefined ? {} : { refused: view.refused }),
      ...(warning === undefined ? {} : { ledgerWarning: warning }),
      bodies: bodies.health(),
    },
    house,
    receipts: { list: query => ledger.list(query), faults: () => ledger.health() },
    ledgerBytesMax: LEDGER_BYTES_MAX,
    provider: undefined,
    ...NOT_ASKED,
  }
}

async function askedPatient(
  parts: DoctorParts,
  provider: string | undefined,
  asking: (ref: string) => void,
): Promise<Patient> {
  const patient = { ...(await patientOf(parts)), provider, probe: true }
  const { house } = parts.state()
  return { ...patient, probed: openProbes({ house, providers: lookedAt(patient), asking }) }
}

/** A gateway knows itself: of other processes it asks nothing. */
const MACHINE: Machine = {
  ...thisMachine,
  bun: process.versions.bun ?? 'none',
  os: process.platform,
  arch: process.arch,
  isAlive: pid => pid === process.pid,
  hear: async () => undefined,
}

function refusal(provider: string, { directory }: House): Problem | undefined {
  const found = directory.providers.find(({ id }) => id === provider)
  if (found?.unavailable !== undefined)
    return problem('provider_unavailable', `${found.name} cannot be asked: ${found.unavailable}.`, { provider })
  if (found !== undefined) return undefined
  const near = nearest(
    provider,
    directory.providers.map(({ id }) => id),
  )
  return problem('bad_request', `No provider is called "${quoteText(provider, 60)}".`, {
    why: 'Neither the catalogue nor the configuration has one of that name.',
    fix: [...near.map(id => `Did you mean "${id}"?`), 'GET /candor/providers lists them.'],
    paths: ['provider'],
  })
}
