// Finds the Bun this project is pinned to. Plain Node (20 or newer), no dependencies: it runs before anything else can.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

export { guardRails, isolationFlags } from './guard-rails.mjs'

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

/** The package that holds Bun for a machine: this one, if nothing is said. */
export function platformPackage(platform = process.platform, arch = process.arch, libc = libcOf(platform)) {
  const system = platform === 'win32' ? 'windows' : platform
  return `@oven/bun-${system}-${arch === 'arm64' ? 'aarch64' : arch}${libc === 'musl' ? '-musl' : ''}`
}

function libcOf(platform) {
  return platform === 'linux' && existsSync('/etc/alpine-release') ? 'musl' : 'other'
}

function candidates() {
  const executable = process.platform === 'win32' ? 'bun.exe' : 'bun'
  const found = []
  const installed = packageFolder('bun')
  // Where the install script ran it moved the binary here; where it did not, the platform package still holds it.
  if (installed) found.push(join(installed, 'bin', 'bun.exe'))
  const ofPlatform = packageFolder(platformPackage())
  if (ofPlatform) found.push(join(ofPlatform, 'bin', executable))
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
