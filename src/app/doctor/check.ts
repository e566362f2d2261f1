import type { CheckView, Finding } from '../../admin/doctor.ts'
import type { Clock } from '../../base/clock.ts'
import type { BodyHealth } from '../../ledger/kept-bodies.ts'
import type { LedgerReads, ReadFaults } from '../../ledger/store.ts'
import type { House } from '../../pipeline/call.ts'
import type { HealthView } from '../../upstream/health.ts'
import type { QuotaView } from '../../upstream/quota.ts'
import type { Config, LoadResult } from '../config/config.ts'
import type { Environment, Paths } from '../config/paths.ts'
import type { Probed } from './probe.ts'

/** Something that can be put right without asking anybody anything. */
export interface Repair {
  /** What is done, as a sentence in the present: `Only you may read /x: mode 600.` */
  readonly what: string
  /** Does it. Rejects if it cannot be done. */
  mend(): Promise<void>
}

/** What a check found, and how it could be repaired. */
export interface Found extends Finding {
  readonly repair?: Repair
}

/** What the doctor asks of the machine beside the files. Handed in: tests have machines of their own. */
export interface Machine {
  readonly bun: string
  /** `linux`, `darwin`, `win32`. */
  readonly os: string
  readonly arch: string
  /** True if a process of that id exists. */
  isAlive(pid: number): boolean
  /** Bytes this user may still write below a folder that is there. Rejects where the system does not say. */
  freeBytes(folder: string): Promise<number>
  /** The processes that listen on a TCP port; empty where the system does not say. */
  listeners(port: number): Promise<readonly number[]>
  /** What a process is called, as ` (name)`; empty where the system does not say. */
  nameOf(pid: number): Promise<string>
  /** What a program of this machine answers to `GET`, as text; undefined if it does not. Nothing secret is sent. */
  hear(url: string): Promise<{ readonly ok: boolean; readonly text: string } | undefined>
}

/** The receipts, as far as they can be looked into beside a gateway that writes them. */
export interface Receipts extends Pick<LedgerReads, 'list'> {
  faults(): ReadFaults
}

/** What checks look at. Nothing of it writes anything of the user's. */
export interface Patient {
  readonly env: Environment
  readonly paths: Paths
  readonly machine: Machine
  readonly clock: Clock
  /** The configuration file as it is at this moment. */
  readonly loaded: LoadResult
  /** The configuration in force: that of the gateway that asks, else the file's. Undefined if that has faults. */
  readonly config: Config | undefined
  /** What became known of it when everything it refers to was looked up, in words. */
  readonly remarks: readonly string[]
  /** What the gateway says for itself, the one that asks or the one that runs beside a command. Undefined: none runs, or it could not be asked. */
  readonly gateway: GatewaySelf | undefined
  /** What a gateway that runs beside a command knows of providers. One that asks itself has it in its house. */
  readonly told?: ToldOfProviders
  /** Calls can be made with it, and are recorded where it records them; undefined if the configuration cannot be used. */
  readonly house: House | undefined
  /** Undefined: there are none, or they cannot be read; the check of the ledger says why. */
  readonly receipts: Receipts | undefined
  /** A ledger of more bytes is not looked through. */
  readonly ledgerBytesMax: number
  /** The provider to look at; undefined: all that are configured or can be used. */
  readonly provider: string | undefined
  /** Real calls may be made, beside the shortest one that {@link probed} makes. */
  readonly probe: boolean
  /** What providers answer, key by key: each is asked when the first check wants to know, and once. Empty where no call may be made. */
  readonly probed: () => AsyncIterable<Probed>
}

/** A gateway as it knows itself. */
export interface GatewaySelf {
  readonly pid: number
  /** It is another process than the doctor's: a command has asked it. */
  readonly elsewhere?: true
  /** Why the configuration file's newest text is not in force. */
  readonly refused?: string
  /** Why receipts are not kept at this moment. */
  readonly ledgerWarning?: string
  /** What it keeps of what is asked and answered. Absent: it is not known. */
  readonly bodies?: BodyHealth
}

/** What only a gateway that runs knows of providers. */
export interface ToldOfProviders {
  /** Ids of those it can use: its environment may have other keys than a command's. */
  readonly usable: readonly string[]
  readonly quotas: readonly QuotaView[]
  readonly health: readonly HealthView[]
}

/** Is told what was found, as soon as it was. */
export type Tell = (found: Found) => void

/** One check. */
export interface Check extends CheckView {
  /** It calls providers, or says something only after they were called. */
  readonly asks?: true
  run(patient: Patient, tell: Tell): Promise<void>
}
