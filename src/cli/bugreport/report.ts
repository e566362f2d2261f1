import type { Notice } from '../../admin/live.ts'
import type { LoadResult } from '../../app/config/config.ts'
import type { Environment } from '../../app/config/paths.ts'
import type { JsonObject } from '../../base/json-value.ts'
import { VERSION } from '../../base/version.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import { isOwnNoProxy } from '../no-proxy.ts'
import type { RuntimeFacts } from '../shell.ts'
import { type Cleaner, openCleaner } from './cleaner.ts'
import { type ConfigPart, configPart } from './config-part.ts'
import { ownNames } from './own-names.ts'
import { receiptSkeleton } from './receipt-part.ts'

/** What the doctor found, as far as a report tells it. */
export interface ReportedFinding {
  readonly id: string
  readonly severity: string
  readonly message: string
  readonly fixHint?: string
}

/** The gateway that runs, as far as it told. */
export interface GatewayNow {
  readonly version?: string
  /** ISO 8601. */
  readonly startedAt?: string
  readonly draining?: boolean
  readonly inFlight?: number
  /** What it said beside calls, newest first: all there is of a log. */
  readonly notices: readonly Notice[]
}

/** Everything a report is made of, nothing of it cleaned. */
export interface Raw {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly runtime: RuntimeFacts
  readonly env: Environment
  readonly home: string
  /** How this copy was installed: `findInstallation`. */
  readonly installed: string
  readonly gateway: GatewayNow | undefined
  readonly loaded: LoadResult
  readonly findings: readonly ReportedFinding[]
  /** Newest first. */
  readonly receipts: readonly Receipt[]
  /** Why there are none. */
  readonly receiptsFault?: string
  /** Masks what is known to be secret here. */
  readonly maskKnown: (text: string) => string
}

/** A report that may be posted. */
export interface Report {
  readonly id: string
  /** ISO 8601. */
  readonly at: string
  readonly versions: { readonly candor: string } & RuntimeFacts
  readonly installed: string
  readonly gateway: JsonObject | null
  /** Names of variables that are set and matter to Candor. Never a value. */
  readonly environment: readonly string[]
  readonly configuration: ConfigPart
  readonly findings: readonly ReportedFinding[]
  readonly receipts: readonly JsonObject[]
  readonly receiptsFault?: string
}

/** A report, and what was taken out of it, in words. */
export interface Cleaned {
  readonly report: Report
  readonly removed: readonly string[]
}

/** Makes the report. Pure: all it tells went through the cleaner, or is a number, a time or a word of Candor's own. */
export function cleanReport(raw: Raw): Cleaned {
  const { home, maskKnown, loaded, receipts, receiptsFault } = raw
  const cleaner = openCleaner({ maskKnown, home, own: ownNames(loaded, receipts), strict: !loaded.ok })
  const report: Report = {
    id: raw.id,
    at: new Date(raw.at).toISOString(),
    versions: { candor: VERSION, ...raw.runtime },
    installed: raw.installed,
    gateway: raw.gateway === undefined ? null : gatewayWords(raw.gateway, cleaner),
    environment: environmentNames(raw.env).map(cleaner.text),
    configuration: configPart(loaded, cleaner),
    findings: raw.findings.map(finding => findingWords(finding, cleaner)),
    receipts: receipts.map(receipt => receiptSkeleton(receipt, cleaner)),
    ...(receiptsFault === undefined ? {} : { receiptsFault: cleaner.text(receiptsFault) }),
  }
  const others = loaded.ok
    ? []
    : ['all that clients and providers wrote, as the configuration has faults and not every key is known']
  return { report, removed: [...cleaner.removed(), ...others] }
}

function gatewayWords({ notices, version, ...rest }: GatewayNow, cleaner: Cleaner): JsonObject {
  return {
    ...(version === undefined ? {} : { version: cleaner.text(version) }),
    ...rest,
    notices: notices.map(({ at, level, text }) => `${new Date(at).toISOString()} ${level}: ${cleaner.text(text)}`),
  }
}

function findingWords({ id, severity, message, fixHint }: ReportedFinding, cleaner: Cleaner): ReportedFinding {
  return {
    id: cleaner.text(id),
    severity,
    message: cleaner.text(message),
    ...(fixHint === undefined ? {} : { fixHint: cleaner.text(fixHint) }),
  }
}

const TELLING =
  /^(?:CANDOR_|BUN_|NODE_|XDG_(?:CONFIG|DATA)_HOME$)|^(?:https?|all|no)_proxy$|^(?:CI|TERM|NO_COLOR|FORCE_COLOR|SSLKEYLOGFILE)$/i

/** What Candor's own launcher sets says nothing of the machine. */
const OF_THE_LAUNCHER =
  /^(?:CANDOR_LAUNCHED|BUN_CONFIG_HTTP_IDLE_TIMEOUT|BUN_CONFIG_MAX_HTTP_REQUESTS|BUN_RUNTIME_TRANSPILER_CACHE_PATH)$/

/** Of the environment, names that say how Candor was started and which keys there are. */
function environmentNames(env: Environment): readonly string[] {
  const keys = new Set(PROVIDERS.flatMap(({ env: names }) => names))
  return Object.keys(env)
    .filter(name => (env[name] ?? '') !== '' && (keys.has(name) || TELLING.test(name)))
    .filter(name => !OF_THE_LAUNCHER.test(name) && !isOwnNoProxy(name, env))
    .toSorted()
}
