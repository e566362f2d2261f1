import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Agent } from './agents.ts'

/** Node.js as npm has it, new enough for every agent; where there is no such package the one on the search path must do. */
const NODE: Readonly<Record<string, string>> = { 'linux-x64': '26.9.0', 'linux-arm64': '26.6.0' }

/** Longest time one installation may take, in milliseconds. */
const INSTALL_MS_MAX = 10 * 60_000

/** Where the agents are kept between runs. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const xdg = env['XDG_CACHE_HOME'] ?? ''
  return join(isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'candor', 'test-clients')
}

/** Installs Node.js if needed and gives the program to run scripts with. Throws if npm fails. */
export async function installNode(cache: string): Promise<string> {
  const host = `${process.platform}-${process.arch}`
  const version = NODE[host]
  if (version === undefined) return 'node'
  const name = `node-${host}`
  const folder = await install(cache, name, version)
  return join(folder, 'node_modules', name, 'bin', 'node')
}

/**
 * Installs an agent, without running scripts of its packages, and makes a folder with its program under its usual name, for the search
 * path. Gives that folder. Throws if npm fails or the program is not there.
 */
export async function installAgent(cache: string, agent: Agent, node: string): Promise<string> {
  const folder = await install(cache, agent.package, agent.version)
  const modules = join(folder, 'node_modules')
  const command =
    'script' in agent.program ? [node, join(modules, agent.program.script)] : [join(modules, agent.program.binary)]
  const missing = command.find(part => isAbsolute(part) && !existsSync(part))
  if (missing !== undefined) throw new Error(`${agent.package}@${agent.version} has no ${missing}`)
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  const quoted = command.map(part => `'${part.replaceAll("'", `'\\''`)}'`).join(' ')
  writeFileSync(join(bin, agent.id), `#!/bin/sh\nexec ${quoted} "$@"\n`)
  chmodSync(join(bin, agent.id), 0o755)
  return bin
}

async function install(cache: string, name: string, version: string): Promise<string> {
  const folder = join(cache, `${name.replace(/[@/]/g, '_')}-${version}`)
  const done = join(folder, 'installed')
  if (existsSync(done)) return folder
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const npm = ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`]
  const child = Bun.spawn(npm, { cwd: folder, stdout: 'pipe', stderr: 'pipe', timeout: INSTALL_MS_MAX })
  const [said, code] = await Promise.all([child.stderr.text(), child.exited])
  if (code !== 0) throw new Error(`npm could not install ${name}@${version}:\n${said.slice(-2_000)}`)
  writeFileSync(done, '')
  return folder
}
