import { spawn } from 'node:child_process'
import { constants as access, accessSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { errorCode } from '../../base/error-code.ts'
import type { Shell } from '../shell.ts'
import { CliFault, EXIT } from '../verb.ts'
import type { Launch } from './client.ts'

/** Finds a program on the search path, as a shell would. Undefined if it is not there. */
export function findProgram(name: string, { env, runtime }: Pick<Shell, 'env' | 'runtime'>): string | undefined {
  const endings = runtime.os === 'win32' ? (env['PATHEXT'] ?? '.EXE;.CMD').split(';') : ['']
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(folder => folder !== '')
  return folders.flatMap(folder => endings.map(ending => join(folder, name + ending))).find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, access.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** Makes a folder only its owner can read, for the files of one run. */
export async function makeRunFolder(dataDir: string): Promise<string> {
  const parent = join(dataDir, 'run')
  await mkdir(parent, { recursive: true, mode: 0o700 })
  return await mkdtemp(join(parent, 'client-'))
}

/** Writes the files of a run. Rejects if the file system refuses. */
export async function writeRunFiles(folder: string, { files }: Launch): Promise<void> {
  for (const { name, text } of files) await writeFile(join(folder, name), text, { mode: 0o600, flag: 'wx' })
}

/** Removes a run's folder. */
export function removeRunFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true })
}

/** Names the launcher sets for Candor's own runtime; a client written with the same runtime would obey them. */
const OWN_VARIABLES = [
  'CANDOR_LAUNCHED',
  'BUN_CONFIG_MAX_HTTP_REQUESTS',
  'BUN_CONFIG_HTTP_IDLE_TIMEOUT',
  'BUN_RUNTIME_TRANSPILER_CACHE_PATH',
]

/** The environment of a client: ours, without what is only for Candor, and with what it needs. */
function environmentFor({ env }: Pick<Shell, 'env'>, launch: Launch): Record<string, string> {
  const all: Record<string, string | undefined> = { ...env }
  for (const name of OWN_VARIABLES) delete all[name]
  const merged = Object.entries({ ...all, ...launch.env })
  return Object.fromEntries(merged.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/**
 * Runs a program on our own streams until it ends and gives its exit code, as shells count it: 128 and the signal's number if one ended it.
 * Signals that reach Candor go on to it. Throws {@link CliFault} if it cannot be started.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  launch: Launch,
  shell: Shell,
): Promise<number> {
  const child = spawn(program, args, { cwd: shell.cwd, env: environmentFor(shell, launch), stdio: 'inherit' })
  const stop = shell.onSignal(signal => {
    // A terminal's Ctrl-C goes to all of its programs: the client has it already.
    if (signal !== 'SIGINT' || shell.stdin.isTTY !== true) child.kill(signal)
  })
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]))
    })
  } catch (error) {
    const code = errorCode(error)
    throw new CliFault(EXIT.absent, `${program} cannot be started (${code}).`)
  } finally {
    stop()
  }
}
