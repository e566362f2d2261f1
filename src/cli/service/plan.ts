/** How Candor itself is started, and by whom. */
export interface OwnProgram {
  /** The runtime that starts the launcher; absent for the single binary, which needs none. */
  readonly runtime?: string
  /** The launcher, or the single binary. */
  readonly launcher: string
  /** The user's number, where the system has one: launchd wants it. */
  readonly userId: number
}

/** What the user asked for when the service was installed. It is written into the service file, so that later commands know it. */
export interface ServiceChoices {
  /** Options for `candor serve`. */
  readonly serve: readonly string[]
  /** The file the environment comes from; null: none. */
  readonly envFile: string | null
}

/** Everything a service file is made of. */
export interface ServicePlan {
  readonly program: OwnProgram
  readonly choices: ServiceChoices
  /** Variables that say where files are. They hold no secret, and are written into the service file. */
  readonly places: Readonly<Record<string, string>>
  /** Time a stop may take before the manager ends it, in seconds: longer than the gateway waits for its calls. */
  readonly stopWithinS: number
  /** Where a manager that has no log of its own writes what Candor says. */
  readonly logFile: string
}

/** The first line of every service file, by which Candor knows its own again. */
export const SERVICE_MARK = 'Written by "candor service install".'

const CHOICES = 'Choices: '

/** What a later command must know, as one line for a comment. */
export function choicesLine({ program, choices }: ServicePlan): string {
  const { serve, envFile } = choices
  return CHOICES + JSON.stringify({ serve, envFile, programs: [program.runtime, program.launcher].filter(isText) })
}

/** The choices a service file was made with; undefined if it does not tell them. */
export function readChoices(text: string): ServiceChoices | undefined {
  const read = readLine(text)
  return isChoices(read) ? { serve: read.serve, envFile: read.envFile } : undefined
}

/** The programs a service file starts; none if it does not tell them. */
export function readPrograms(text: string): readonly string[] {
  const read = readLine(text)
  if (typeof read !== 'object' || read === null || !('programs' in read)) return []
  return Array.isArray(read.programs) ? read.programs.filter(isText) : []
}

function readLine(text: string): unknown {
  const line = text.split('\n').find(each => each.includes(CHOICES)) ?? ''
  try {
    return JSON.parse(/\{.*\}/.exec(line)?.[0] ?? '')
  } catch {
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isChoices(value: unknown): value is ServiceChoices {
  if (typeof value !== 'object' || value === null || !('serve' in value) || !('envFile' in value)) return false
  const { serve, envFile } = value
  const isList = Array.isArray(serve) && serve.every(isText)
  return isList && (envFile === null || isText(envFile))
}
