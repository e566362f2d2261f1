// Finds the Bun this project is pinned to. Plain Node (18 or newer), no dependencies: it runs before anything else can.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** The exact version in package.json: Bun's HTTP behaviour has moved within one minor version, so a neighbour will not do. */
export const wantedVersion = require('../package.json').dependencies.bun

/** Below this size `bun.exe` is the notice npm leaves when install scripts are off, not the program. */
const smallestBinaryBytes = 1_000_000

const isBinary = path => existsSync(path) && statSync(path).size > smallestBinaryBytes

function packageFolder(name) {
  try {
    return dirname(require.resolve(`${name}/package.json`))
  } catch {
    return undefined
  }
}

function candidates() {
  const arch = process.arch === 'x64' ? 'x64' : 'aarch64'
  const executable = process.platform === 'win32' ? 'bun.exe' : 'bun'
  const musl = process.platform === 'linux' && existsSync('/etc/alpine-release') ? '-musl' : ''
  const names = [
    `@oven/bun-${process.platform}-${arch}${musl}`,
    `@oven/bun-${process.platform}-${arch}${musl}-baseline`,
  ]
  const found = []
  const installed = packageFolder('bun')
  // Where the install script ran it moved the binary here; where it did not, the platform package still holds it.
  if (installed) found.push(join(installed, 'bin', 'bun.exe'))
  for (const name of names) {
    const folder = packageFolder(name)
    if (folder) found.push(join(folder, 'bin', executable))
  }
  return found
}

function versionOf(path) {
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8' })
  return asked.status === 0 ? asked.stdout.trim() : undefined
}

function onPath() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, process.platform === 'win32' ? 'bun.exe' : 'bun')
    if (folder !== '' && isBinary(path) && versionOf(path) === wantedVersion) return path
  }
  return undefined
}

/** The path of a usable Bun, or undefined. Only one on PATH is asked for its version: the packages are pinned by the lockfile. */
export function findBun() {
  return candidates().find(isBinary) ?? onPath()
}

/**
 * The environment Bun is started with. A value the user has set wins. See docs/performance.md for what each one prevents:
 * the process-wide cap of 256 requests in flight, and the client's own five-minute idle limit (Candor has its own timers).
 */
export function guardRails(environment) {
  return {
    BUN_CONFIG_MAX_HTTP_REQUESTS: '16384',
    BUN_CONFIG_HTTP_IDLE_TIMEOUT: '0',
    ...environment,
    CANDOR_LAUNCHED: '1',
  }
}

/** Flags that keep the working directory out: no `.env`, no `bunfig.toml` (whose `preload` would run code from a cloned repository). */
export const isolationFlags = ['--no-env-file', '--config=/dev/null', '--no-install']
