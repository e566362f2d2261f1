import type { StatusView } from '../admin/contract.ts'
import type { Secret } from '../base/secret.ts'
import type { Knowledge } from '../http/answers.ts'
import type { LedgerReads } from '../ledger/store.ts'
import type { House } from '../pipeline/call.ts'
import type { LogPaint } from './call-line.ts'
import type { Environment, Paths } from './config/paths.ts'
import type { LineStream } from './line-sink.ts'

/** What an app is opened with. Only the program's entry reads the process: everything comes in here. */
export interface AppOptions {
  readonly env: Environment
  readonly cwd: string
  readonly home: string
  /** The `--config` argument. */
  readonly configFlag?: string
  /**
   * A configuration to use in place of the file: its text, and what to call it. The simulated providers come in this way: the command line
   * starts them (`src/sim` is a neighbour of this floor) and hands in the text that points at them.
   */
  readonly configText?: ConfigText
  /** A configuration whose providers are put in where the user's own has none that can be used. */
  readonly standIn?: ConfigText
  /** Where the log of calls goes. Absent: calls are not told. */
  readonly callLog?: { readonly stream: LineStream; readonly isTerminal: boolean; readonly paint?: LogPaint }
  /** One line for people, when something happens that no reply tells: a reload, a refused file, a ledger that cannot write. */
  log(line: LogLine): void
}

/** A configuration that the program wrote itself, and what to call it. */
export interface ConfigText {
  readonly text: string
  readonly label: string
}

/** One line of the program's log. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  /** More of it, for a log that programs read. */
  readonly fields?: object
}

/** Why an app could not be opened, for people. `usage`: the configuration or the command is wrong. `absent`: something is not there. */
export interface AppFault {
  readonly kind: 'usage' | 'absent'
  /** Ready to show, several lines. */
  readonly text: string
}

/**
 * Candor without a socket: configuration, catalogue, ledger and pipeline put together. `handle` answers requests as the server would.
 */
export interface App {
  readonly paths: Paths
  house(): House
  readonly ledger: LedgerReads
  readonly knowledge: Knowledge
  status(): StatusView
  /** Shown as a gateway key it gives every right: for the commands of whoever may read the data folder anyway. */
  readonly adminToken?: Secret
  /** Answers a request in this process, as if it had come to `http://localhost`. */
  handle(request: Request): Promise<Response>
  close(): Promise<void>
}

/** What a running gateway writes beside its ledger, so that other commands find it: `gateway.json` in the data folder, mode 0600. */
export interface GatewayNote {
  readonly pid: number
  readonly url: string
  readonly startedAt: string
  readonly version: string
  /** See {@link App.adminToken}; another one at every start. */
  readonly adminToken?: string
}
