import { afterAll, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { fakeShell } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

const BIN = new URL('../../bin/', import.meta.url)
const { guardRails }: { guardRails(environment: Record<string, string>): Record<string, string> } = await import(
  new URL('guard-rails.mjs', BIN).href
)
const home = homeFolder()
afterAll(() => home.remove())

const node = (args: readonly string[]) => {
  const done = spawnSync('node', args, {
    encoding: 'utf8',
    cwd: home.path,
    env: { PATH: process.env['PATH'] ?? '', HOME: home.path },
  })
  if (done.status !== 0) throw new Error(`node ${args.join(' ')}: ${done.stderr}`)
  return done.stdout.trim()
}

const TRANSLATED = 'BUN_RUNTIME_TRANSPILER_CACHE_PATH'

describe('the runtime keeps its translation of the source', () => {
  test.each([
    ['below the home', { HOME: '/ann' }, '/ann/.cache/candor/translated'],
    ['in the cache folder', { HOME: '/ann', XDG_CACHE_HOME: '/var/c' }, '/var/c/candor/translated'],
    ['not in a relative one', { HOME: '/ann', XDG_CACHE_HOME: 'c' }, '/ann/.cache/candor/translated'],
    ['where the user says', { HOME: '/ann', [TRANSLATED]: '0' }, '0'],
    ['wherever it likes, without a home', {}, undefined],
  ])('%s', (_, environment, expected) => {
    expect(guardRails(environment)[TRANSLATED]).toBe(expected as string)
  })

  test('and nothing else lies in an empty home after a command that reads', () => {
    node([fileURLToPath(new URL('candor', BIN)), 'config', 'show'])
    expect(readdirSync(home.path)).toEqual(['.cache'])
    expect(readdirSync(join(home.path, '.cache'), { recursive: true }).slice(0, 2)).toEqual([
      'candor',
      join('candor', 'translated'),
    ])
    expect(existsSync(join(home.path, '.bun'))).toBe(false)
  })
})

describe('candor version', () => {
  test('tells the version of the Node.js that launched it, and which one Bun is compatible with', () => {
    const told = JSON.parse(node([fileURLToPath(new URL('candor', BIN)), 'version', '--json']))
    expect(told).toMatchObject({
      bun: process.versions.bun,
      nodeCompatibility: process.versions.node,
      node: node(['--version']).slice(1),
    })
  })

  test.each([
    [
      'with a launcher',
      '24.0.0',
      "bun 1.2.3 (compatible with Node.js 26.3.0)\nnode 24.0.0 (the launcher's)\nlinux x64\n",
    ],
    ['as one binary', undefined, 'bun 1.2.3 (compatible with Node.js 26.3.0)\nlinux x64\n'],
  ])('in words, %s', async (_, version, expected) => {
    const shell = fakeShell()
    const { node: _own, ...runtime } = shell.runtime
    const facts = version === undefined ? runtime : { ...runtime, node: version }
    expect(await runCli(['version'], VERBS, { ...shell, runtime: facts })).toBe(0)
    expect(shell.stdout.text()).toEndWith(expected)
  })
})
