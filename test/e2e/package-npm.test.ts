import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { platformPackage } from '../../bin/find-bun.mjs'
import manifest from '../../package.json' with { type: 'json' }
import { LOCKED } from '../../tools/bill-of-materials.ts'
import { projectRoot } from '../project/source.ts'
import { removeHome, temporaryHome } from './harness.ts'
import {
  copyProject,
  foldersNamedIn,
  hostileFolder,
  installWithoutScripts,
  runTool,
  SHIPPED,
  scratchFolder,
} from './packages.ts'
import { expectAllToWork, tell } from './packages-use.ts'

const TARBALL = `candor-${manifest.version}.tgz`
/** Packing starts npm, which takes seconds on a slow machine. */
const PACK_MS = 60_000

const scratch = scratchFolder()
const usual = join(scratch.path, 'usual')
const other = join(scratch.path, 'further', 'down', 'other')
const installed = join(scratch.path, 'installed')
const home = temporaryHome()
let candor: string

beforeAll(() => {
  runTool(copyProject(usual), 'pack.ts', ['--out', usual])
  candor = installWithoutScripts(join(usual, TARBALL), installed)
}, PACK_MS)
afterAll(() => {
  scratch.remove()
  removeHome(home)
})

/** Node and a few programs of the system; no Bun of the machine's. */
function pathWithout(): string {
  return [dirname(realNode()), '/usr/bin', '/bin'].join(':')
}

function realNode(): string {
  return spawnSync('node', ['-p', 'process.execPath'], { encoding: 'utf8' }).stdout.trim()
}

const environment = () => ({ PATH: pathWithout(), HOME: home, NO_COLOR: '1' })

describe('the npm package', () => {
  const own = join(installed, 'node_modules', 'candor')
  const files = () =>
    readdirSync(own, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => relative(own, join(entry.parentPath, entry.name)))
      .sort()

  test(
    'has the same bytes from another folder, with another umask, time zone and language, and other times of files',
    () => {
      runTool(copyProject(other, true), 'pack.ts', ['--out', other], true)
      expect(readFileSync(join(other, TARBALL)).equals(readFileSync(join(usual, TARBALL)))).toBe(true)
    },
    PACK_MS,
  )

  test('holds the program and what it reads, and no test, tool or source of the dashboard', () => {
    const tops = new Set(files().map(path => path.replace(/\/.*/, '')))
    expect([...tops].sort()).toEqual([...new Set([...SHIPPED, 'package.json', 'web'])].sort())
    expect(files().filter(path => /\.(?:test\.ts|map|tgz|log)$|node_modules|^web\/(?!dist\/)/.test(path))).toEqual([])
    expect(files()).toEqual(expect.arrayContaining(['bin/candor', 'docs/problems.md', 'web/dist/index.html']))
  })

  test('names no folder of the machine it was made on', () => {
    const folders = [projectRoot.replace(/\/$/, ''), scratch.path]
    const naming = files().filter(path => foldersNamedIn(readFileSync(join(own, path), 'latin1'), folders).length > 0)
    expect(naming).toEqual([])
  })

  test('has no script that an installation would run', () => {
    const names = Object.keys(manifest.scripts)
    expect(names.filter(name => /^(?:pre|post)?install$|^prepare$|^prepublish$/.test(name))).toEqual([])
  })
})

describe('installed with scripts off', () => {
  test('works from a folder that would have it read its own settings', async () => {
    await expectAllToWork({ line: [candor], cwd: hostileFolder(scratch.path), env: environment() })
  }, 60_000)

  test('works through a link from elsewhere', async () => {
    const link = join(scratch.path, 'candor')
    symlinkSync(candor, link)
    const { exit, text } = await tell({ line: [link], cwd: home, env: environment() }, 'version')
    expect(text).toContain(`candor ${manifest.version}\n`)
    expect(exit.code).toBe(0)
  })

  test('says what to do where no runtime came with it', async () => {
    const bare = join(scratch.path, 'bare')
    const program = installWithoutScripts(join(usual, TARBALL), bare, false)
    const { exit, text } = await tell({ line: [program], cwd: home, env: environment() }, 'version')
    expect(text).toContain(`the Bun runtime ${manifest.dependencies.bun} is not installed`)
    expect(text).toContain(`its platform package "${platformPackage()}"`)
    expect(text).toContain('fix: install Candor again without "--omit=optional"')
    expect(exit.code).toBe(69)
  })

  test('takes a runtime of the right version from the PATH', async () => {
    const tools = join(scratch.path, 'tools')
    cpSync(join(installed, 'node_modules/@oven'), join(tools, '@oven'), { recursive: true })
    const [platform = ''] = readdirSync(join(tools, '@oven'))
    const env = { ...environment(), PATH: `${join(tools, '@oven', platform, 'bin')}:${pathWithout()}` }
    const program = join(scratch.path, 'bare/node_modules/.bin/candor')
    expect((await tell({ line: [program], cwd: home, env }, 'version')).exit.code).toBe(0)
  })
})

test.each([
  ['linux', 'x64', 'other'],
  ['linux', 'x64', 'musl'],
  ['linux', 'arm64', 'other'],
  ['linux', 'arm64', 'musl'],
  ['darwin', 'x64', 'other'],
  ['darwin', 'arm64', 'other'],
  ['win32', 'x64', 'other'],
  ['win32', 'arm64', 'other'],
] as const)('the runtime of %s %s (%s) is looked for in a package that exists', (platform, arch, libc) => {
  expect([...LOCKED.keys()]).toContain(`node_modules/${platformPackage(platform, arch, libc)}`)
})
