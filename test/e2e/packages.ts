import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { platformPackage } from '../../bin/find-bun.mjs'
import manifest from '../../package.json' with { type: 'json' }
import { BUNDLED, LOCKED } from '../../tools/bill-of-materials.ts'
import { projectRoot } from '../project/source.ts'

/** What artefacts are made from, beside the packages. */
const SOURCES = ['package.json', 'package-lock.json', 'tsconfig.json', 'tools', 'web/src', 'web/tsconfig.json']

/** What the package holds of this project as it lies here: the dashboard is built for it. */
export const SHIPPED: readonly string[] = manifest.files.filter(name => name !== 'web/dist')

/** Places in `node_modules` of the packages that are installed with Candor; those of other platforms are not there. */
export const INSTALLED: readonly string[] = [...LOCKED]
  .filter(([path, { dev }]) => path !== '' && dev !== true && existsSync(join(projectRoot, path)))
  .map(([path]) => path)

/** The runtime is 100 MB, and is put where it belongs by itself. */
const isRuntime = (path: string) => /^node_modules\/(?:bun|@oven\/.*)$/.test(path)

/** A folder for one test file. */
export interface Scratch {
  readonly path: string
  remove(): void
}

/** Makes a folder outside the project. */
export function scratchFolder(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'candor-packages-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A copy of the project to build in. `strange`: as somebody else would have it, with a strict umask and files of another day. */
export function copyProject(folder: string, strange = false): string {
  for (const name of [...SOURCES, ...SHIPPED]) copy(name, folder)
  for (const path of [...INSTALLED.filter(each => !isRuntime(each)), ...BUNDLED.map(name => `node_modules/${name}`)])
    copy(path, folder)
  if (strange) estrange(folder)
  return folder
}

function copy(path: string, to: string): void {
  cpSync(join(projectRoot, path), join(to, path), { recursive: true })
}

function estrange(folder: string): void {
  const day = new Date('2001-02-03T04:05:06Z')
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    chmodSync(path, entry.isDirectory() || path.endsWith('/bin/candor') ? 0o700 : 0o600)
    utimesSync(path, day, day)
  }
}

/** Runs one of the project's tools in a copy, with this Bun. Throws with what it said if it fails. */
export function runTool(copyOf: string, tool: string, args: readonly string[], strange = false): string {
  const line = [process.execPath, '--no-env-file', '--config=/dev/null', '--no-install', `tools/${tool}`, ...args]
  const env = { ...process.env, TZ: strange ? 'Asia/Kathmandu' : 'UTC', LC_ALL: strange ? 'C' : 'C.UTF-8' }
  const umask = strange ? '077' : '022'
  const done = spawnSync('sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', ...line], {
    cwd: copyOf,
    env,
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(`${tool} ended with ${done.status}:\n${done.stdout}${done.stderr}`)
  return done.stdout
}

/**
 * Installs a package as npm does with scripts off, without asking a registry: the tarball unpacked, the packages it wants from this project's own
 * `node_modules`, and of the runtime only what its platform package holds: the file the script would have replaced is a notice.
 */
export function installWithoutScripts(tarball: string, folder: string, runtime = true): string {
  const own = join(folder, 'node_modules', 'candor')
  mkdirSync(own, { recursive: true })
  const unpacked = spawnSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', own], { encoding: 'utf8' })
  if (unpacked.status !== 0) throw new Error(unpacked.stderr)
  for (const path of INSTALLED.filter(each => !isRuntime(each))) copy(path, folder)
  copy('node_modules/bun/package.json', folder)
  const notice = join(folder, 'node_modules/bun/bin/bun.exe')
  mkdirSync(dirname(notice))
  writeFileSync(notice, 'The install script of this package did not run.\n', { mode: 0o755 })
  if (runtime) putRuntime(folder)
  const bin = join(folder, 'node_modules', '.bin')
  mkdirSync(bin)
  symlinkSync('../candor/bin/candor', join(bin, 'candor'))
  return join(bin, 'candor')
}

function putRuntime(folder: string): void {
  const name = platformPackage()
  const program = join(folder, 'node_modules', name, 'bin', 'bun')
  mkdirSync(dirname(program), { recursive: true })
  writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name }))
  try {
    linkSync(process.execPath, program)
  } catch {
    // Another file system.
    cpSync(process.execPath, program)
  }
}

/** A folder as a cloned repository may be: its files would redirect keys and run code if anything looked at them. */
export function hostileFolder(parent: string): string {
  const folder = join(parent, 'cloned')
  mkdirSync(folder)
  const lines = ['CANDOR_HOME=relative', 'OPENAI_API_KEY=sk-of-the-repository', 'BUN_CONFIG_MAX_HTTP_REQUESTS=3']
  writeFileSync(join(folder, '.env'), lines.join('\n'))
  writeFileSync(join(folder, 'bunfig.toml'), 'preload = ["./evil.ts"]\n')
  writeFileSync(join(folder, 'evil.ts'), 'console.log("evil ran")\nprocess.exit(3)\n')
  writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "jsx": "nonsense" } }')
  return folder
}

/** Which of the folders a text names. */
export function foldersNamedIn(text: string, folders: readonly string[]): string[] {
  return folders.filter(folder => text.includes(folder))
}
