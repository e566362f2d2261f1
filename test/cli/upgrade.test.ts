import { describe, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from '../../src/cli/run.ts'
import { findInstallation, type InstallKind, type Layout } from '../../src/cli/upgrade/installation.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { fakeShell } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

interface Case {
  readonly name: string
  readonly root: string
  /** Files that are there. */
  readonly files?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly compiled?: true
  readonly kind: InstallKind
  readonly commands: readonly string[]
}

const CASES: readonly Case[] = [
  {
    name: 'a git checkout',
    root: '/people/ann/candor',
    files: ['/people/ann/candor/.git'],
    kind: 'checkout',
    commands: ['cd /people/ann/candor', 'git pull', 'npm ci'],
  },
  {
    name: 'a checkout in a folder with a space and a quotation mark',
    root: "/people/ann/my 'own'/candor",
    files: ["/people/ann/my 'own'/candor/.git"],
    kind: 'checkout',
    commands: ["cd '/people/ann/my '\\''own'\\''/candor'", 'git pull', 'npm ci'],
  },
  {
    name: 'a checkout that is worked on in a container',
    root: '/workspaces/candor',
    files: ['/workspaces/candor/.git', '/.dockerenv'],
    kind: 'checkout',
    commands: ['cd /workspaces/candor', 'git pull', 'npm ci'],
  },
  {
    name: 'npm -g',
    root: '/usr/local/lib/node_modules/candor',
    kind: 'npm-global',
    commands: ['npm install -g candor@latest'],
  },
  {
    name: 'npm -g on Windows',
    root: 'C:/people/Ann/AppData/Roaming/npm/node_modules/candor',
    kind: 'npm-global',
    commands: ['npm install -g candor@latest'],
  },
  {
    name: 'npm -g of nvm',
    root: '/people/ann/.nvm/versions/node/v24.1.0/lib/node_modules/candor',
    kind: 'npm-global',
    commands: ['npm install -g candor@latest'],
  },
  {
    name: 'pnpm -g',
    root: '/people/ann/.local/share/pnpm/global/5/.pnpm/candor@0.1.0/node_modules/candor',
    files: ['/people/ann/.local/share/pnpm/global/5/package.json'],
    kind: 'pnpm-global',
    commands: ['pnpm add -g candor@latest'],
  },
  {
    name: 'pnpm -g on macOS',
    root: '/people/ann/Library/pnpm/global/5/node_modules/candor',
    kind: 'pnpm-global',
    commands: ['pnpm add -g candor@latest'],
  },
  {
    name: 'yarn global',
    root: '/people/ann/.config/yarn/global/node_modules/candor',
    files: ['/people/ann/.config/yarn/global/package.json'],
    kind: 'yarn-global',
    commands: ['yarn global add candor@latest'],
  },
  {
    name: 'yarn global on Windows',
    root: 'C:/people/Ann/AppData/Local/Yarn/Data/global/node_modules/candor',
    kind: 'yarn-global',
    commands: ['yarn global add candor@latest'],
  },
  {
    name: 'bun -g',
    root: '/people/ann/.bun/install/global/node_modules/candor',
    files: ['/people/ann/.bun/install/global/package.json'],
    kind: 'bun-global',
    commands: ['bun add -g candor@latest'],
  },
  {
    name: 'Volta',
    root: '/people/ann/.volta/tools/image/packages/candor/lib/node_modules/candor',
    kind: 'volta',
    commands: ['volta install candor@latest'],
  },
  {
    name: 'npx',
    root: '/people/ann/.npm/_npx/1a2b3c4d/node_modules/candor',
    files: ['/people/ann/.npm/_npx/1a2b3c4d/package.json'],
    kind: 'npx',
    commands: ['npx candor@latest'],
  },
  {
    name: 'bunx',
    root: '/cache/bunx-1000-candor@latest/node_modules/candor',
    files: ['/cache/bunx-1000-candor@latest/package.json'],
    kind: 'npx',
    commands: ['bunx candor@latest'],
  },
  {
    name: 'pnpm dlx',
    root: '/people/ann/.cache/pnpm/dlx/abc/def/node_modules/.pnpm/candor@0.1.0/node_modules/candor',
    kind: 'npx',
    commands: ['pnpm dlx candor@latest'],
  },
  {
    name: 'a project of npm',
    root: '/people/ann/shop/node_modules/candor',
    files: ['/people/ann/shop/package.json', '/people/ann/shop/package-lock.json'],
    kind: 'project',
    commands: ['cd /people/ann/shop', 'npm install candor@latest'],
  },
  {
    name: 'a project of pnpm, with its store',
    root: '/people/ann/shop/node_modules/.pnpm/candor@0.1.0/node_modules/candor',
    files: ['/people/ann/shop/package.json', '/people/ann/shop/pnpm-lock.yaml'],
    kind: 'project',
    commands: ['cd /people/ann/shop', 'pnpm add candor@latest'],
  },
  {
    name: 'a project of yarn',
    root: '/people/ann/shop/node_modules/candor',
    files: ['/people/ann/shop/package.json', '/people/ann/shop/yarn.lock'],
    kind: 'project',
    commands: ['cd /people/ann/shop', 'yarn add candor@latest'],
  },
  {
    name: 'a project of bun, in a container for work',
    root: '/people/ann/shop/node_modules/candor',
    files: ['/people/ann/shop/package.json', '/people/ann/shop/bun.lock', '/.dockerenv'],
    kind: 'project',
    commands: ['cd /people/ann/shop', 'bun add candor@latest'],
  },
  {
    name: 'our own image',
    root: '/app',
    env: { CANDOR_CONTAINER: '1' },
    kind: 'container',
    commands: ['docker compose up --build --detach'],
  },
  {
    name: 'npm -g in an image of somebody',
    root: '/usr/local/lib/node_modules/candor',
    files: ['/.dockerenv'],
    kind: 'container',
    commands: ['docker compose up --build --detach'],
  },
  { name: 'the single binary', root: '/$bunfs/root', compiled: true, kind: 'binary', commands: [] },
  {
    name: 'the single binary in an image of somebody',
    root: '/$bunfs/root',
    compiled: true,
    files: ['/.dockerenv'],
    kind: 'container',
    commands: ['docker compose up --build --detach'],
  },
  { name: 'an archive that was unpacked', root: '/opt/candor', kind: 'unknown', commands: [] },
]

test.each(CASES.map(each => ({ ...each })))('$name', each => {
  const { root, files = [], env = {}, compiled = false } = each
  const program = '/people/ann/bin/candor'
  const layout: Layout = { root, env, compiled, program, exists: path => files.includes(path) }
  const found = findInstallation(layout)
  expect({ kind: found.kind, commands: found.commands }).toEqual({ kind: each.kind, commands: [...each.commands] })
  expect(found.path).toBe(compiled ? program : root)
  expect(found.commands.length > 0 || found.advice !== undefined).toBe(true)
})

async function upgradeIn(home: ReturnType<typeof homeFolder>, ...words: readonly string[]) {
  const shell = fakeShell({ home: home.path, env: home.env })
  const exit = await runCli(['upgrade', ...words], VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

describe('candor upgrade', () => {
  test('of this copy names commands on the standard output, and says that it did nothing', async () => {
    const home = homeFolder()
    const { exit, out, err } = await upgradeIn(home, '--json')
    const told = JSON.parse(out)
    const plain = await upgradeIn(home)
    home.remove()
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(told).toMatchObject({ schemaVersion: 1, version: expect.any(String), kind: expect.any(String) })
    expect(told.restart).toBeUndefined()
    expect(plain.out).toBe(told.commands.map((line: string) => `${line}\n`).join(''))
    expect(plain.err).toContain('Nothing was done')
  })

  test('says how a service is started again', async () => {
    const home = homeFolder()
    const folder = join(home.env['XDG_CONFIG_HOME'] ?? '', 'systemd/user')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'candor.service'), '[Service]\n')
    const { out } = await upgradeIn(home)
    home.remove()
    expect(out).toEndWith('candor service restart\n')
  })

  test('names a gateway that runs, which stays as it is', async () => {
    const home = homeFolder()
    mkdirSync(home.dataDir, { recursive: true })
    writeFileSync(join(home.dataDir, 'gateway.json'), JSON.stringify({ pid: 4_321, url: 'http://127.0.0.1:1' }))
    const { err } = await upgradeIn(home)
    home.remove()
    expect(err).toContain('process 4321: it stays as it is')
  })
})
