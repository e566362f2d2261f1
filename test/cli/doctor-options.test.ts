import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckedFinding } from '../../src/admin/doctor.ts'
import { systemClock } from '../../src/base/clock.ts'
import { doctor as verb } from '../../src/cli/commands/doctor.ts'
import { repairAll } from '../../src/cli/doctor/repairs.ts'
import { runCli } from '../../src/cli/run.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { RAILS } from '../app/doctor-patient.ts'
import { receipt } from '../ledger/receipts.ts'
import { fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

let home: HomeFolder
beforeEach(() => {
  home = homeFolder()
})
afterEach(() => home.remove())

interface Report {
  readonly schemaVersion: number
  readonly ok: boolean
  readonly checks: readonly string[]
  readonly findings: readonly CheckedFinding[]
  readonly repairs?: readonly { readonly id: string; readonly what: string; readonly done?: boolean }[]
  readonly error?: { readonly what: string; readonly fix: readonly string[] }
}

/** A configuration with which nothing is wrong. */
const WELL = `{
  models: { providers: { own: { baseUrl: "http://127.0.0.1:9/v1", api: "openai-completions", billing: "local", models: [{ id: "m" }] } } },
  gateway: { port: 0 },
}`

/** Process ids of which none is there. */
const NOBODY = { isAlive: () => false }

async function doctor(args: readonly string[], env: Record<string, string> = {}) {
  const shell = fakeShell({ home: home.path, env: { ...RAILS, ...home.env, ...env }, ...NOBODY })
  const exit = await runCli(['doctor', '--json', ...args], [verb], shell)
  const report = JSON.parse(shell.stdout.text()) as Report
  return { exit, report, ids: report.findings?.map(({ id }) => id) }
}

/** What people see. */
async function shown(args: readonly string[], columns = 80): Promise<string> {
  const shell = fakeShell({ home: home.path, env: { ...RAILS, ...home.env }, tty: true, columns, ...NOBODY })
  await runCli(['doctor', ...args], [verb], shell)
  return Bun.stripANSI(shell.stdout.text())
}

/** A home in which a gateway was killed, and its files opened to everybody. */
async function leftBehind(): Promise<string> {
  home.configure(WELL)
  const opened = openLedger({ folder: home.dataDir, clock: systemClock })
  if (!opened.ok) throw new Error(opened.refusal.what)
  await opened.store.settle(receipt())
  await opened.store.close()
  const note = join(home.dataDir, 'gateway.json')
  writeFileSync(note, JSON.stringify({ pid: 4_000_000, url: 'http://127.0.0.1:1', version: '0.1.0' }))
  chmodSync(join(home.dataDir, 'ledger.sqlite'), 0o644)
  chmodSync(note, 0o600)
  return note
}

/** Every file and folder with its bytes, its mode and when it was changed. */
function tree(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(entry => {
      const path = join(entry.parentPath, entry.name)
      const { mode, mtimeMs, ctimeMs } = statSync(path)
      const bytes = entry.isFile() ? Bun.hash(readFileSync(path)) : ''
      return `${path} ${mode} ${mtimeMs} ${ctimeMs} ${bytes}`
    })
    .toSorted()
}

describe('plain doctor', () => {
  test.each([[[]], [['--fix', '--dry-run']], [['--only', 'ledger,files']]])('%p changes nothing at all', async args => {
    await leftBehind()
    const before = tree(home.path)
    const { report } = await doctor(args)
    expect(report.findings.length).toBeGreaterThan(1)
    expect(tree(home.path)).toEqual(before)
  })

  test('gives one document with a version, the checks that were made, and the check of each finding', async () => {
    home.configure(WELL)
    const { exit, report } = await doctor([])
    expect(exit).toBe(0)
    expect(report).toMatchObject({ schemaVersion: 1, ok: true })
    expect(report.checks).toContain('clients')
    expect(report.findings.every(({ check }) => report.checks.includes(check))).toBe(true)
    expect(report.repairs).toBeUndefined()
  })
})

describe('--fix', () => {
  test('repairs what it can, says so, and looks at that again', async () => {
    const note = await leftBehind()
    const { exit, report, ids } = await doctor(['--fix'])
    expect(exit).toBe(0)
    expect(report.repairs?.map(({ id, done }) => [id, done])).toEqual([
      ['files.mode', true],
      ['gateway.gone', true],
    ])
    expect(existsSync(note)).toBe(false)
    expect(statSync(join(home.dataDir, 'ledger.sqlite')).mode & 0o777).toBe(0o600)
    expect(ids).not.toContain('files.mode')
    expect(ids).not.toContain('gateway.gone')
    expect(ids.filter(id => id === 'files')).toEqual(['files'])
  })

  test('--dry-run says what would be done', async () => {
    const note = await leftBehind()
    const { report, ids } = await doctor(['--fix', '--dry-run'])
    expect(report.repairs?.map(({ id, done }) => [id, done])).toEqual([
      ['files.mode', undefined],
      ['gateway.gone', undefined],
    ])
    expect(ids).toContain('files.mode')
    expect(existsSync(note)).toBe(true)
    const text = await shown(['--fix', '--dry-run'])
    expect(text).toMatch(/would +Gives .*ledger\.sqlite the mode\s+600/)
    expect(text).toContain('Nothing was changed.')
  })

  test('in words, and where nothing can be repaired', async () => {
    await leftBehind()
    const text = await shown(['--fix'])
    expect(text).toMatch(/fixed +Removes/)
    expect(text).toMatch(/Looked at again:\nok +Only you can read what Candor keeps\./)
    expect(await shown(['--fix'])).toContain('Nothing that was found can be repaired by itself.')
  })

  test('a repair that fails is told, and stays a finding', async () => {
    const repair = { what: 'Removes it.', mend: () => Promise.reject(new Error('EPERM')) }
    const found = { check: 'gateway', id: 'gateway.gone', severity: 'info', message: 'It is there.', repair } as const
    expect(await repairAll([found], false)).toEqual([
      { check: 'gateway', id: 'gateway.gone', what: 'Removes it.', done: false, fault: 'EPERM' },
    ])
  })
})

describe('which checks', () => {
  test('--only and --skip choose by id', async () => {
    home.configure(WELL)
    expect((await doctor(['--only', 'files, space'])).report.checks).toEqual(['files', 'space'])
    const { report } = await doctor(['--skip', 'files,space'])
    expect(report.checks).not.toContain('files')
    expect(report.checks).toContain('ledger')
  })

  test.each([
    [['--only', 'ledgr'], /^No check is called "ledgr"/, '--only ledger'],
    [['--skip', 'files.mode'], /"files\.mode"/, '--skip files'],
    [['--severity-min', 'warn'], /^There is no severity "warn"/, 'warning'],
    [['--dry-run'], /^--dry-run belongs to --fix/, ''],
    [['--only', 'probe'], /makes real calls/, '--probe'],
    [['--only', 'files', '--skip', 'files'], /^No check is left/, ''],
  ])('%p is wrong usage', async (args, what, fix) => {
    home.configure('{}')
    const { exit, report } = await doctor(args)
    expect(exit).toBe(2)
    expect(report.error?.what).toMatch(what)
    expect(report.error?.fix.join(' ')).toContain(fix)
  })

  test('--severity-min leaves out what is less, and not the verdict', async () => {
    home.configure('{ models: { providers: { openai: {} } }, gateway: { port: 0 } }')
    const { exit, report } = await doctor(['--severity-min', 'error'])
    expect(exit).toBe(1)
    expect(report.findings.map(({ severity }) => severity)).toEqual(['error'])
    expect((await doctor(['--only', 'space', '--severity-min', 'error'])).report.findings).toEqual([])
  })
})

describe('clients', () => {
  const PORT = 'gateway: { port: 48787 }'
  const HERE = 'http://127.0.0.1:48787'

  function settings(path: string, value: object | string): void {
    const file = join(home.path, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
  }
  const claude = (env: object, more: object = {}) => settings('.claude/settings.json', { env, ...more })
  const opencode = (baseURL: string) =>
    settings('config/opencode/opencode.json', { provider: { candor: { options: { baseURL } } } })

  async function looked(env: Record<string, string> = {}): Promise<readonly string[]> {
    home.configure(`{ ${PORT} }`)
    const { report } = await doctor(['--only', 'clients'], env)
    return report.findings.map(({ severity, id }) => `${severity} ${id}`)
  }

  test.each<[string, () => void, readonly string[]]>([
    ['none', () => {}, ['info clients']],
    ['as connect writes it', () => claude({ ANTHROPIC_BASE_URL: HERE }), ['ok clients.claude']],
    ['under another name', () => claude({ ANTHROPIC_BASE_URL: 'http://localhost:48787/' }), ['ok clients.claude']],
    ['with /v1', () => claude({ ANTHROPIC_BASE_URL: `${HERE}/v1` }), ['error clients.claude.url']],
    ['another port', () => claude({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:3456' }), ['info clients.claude.elsewhere']],
    ['somewhere else', () => claude({ ANTHROPIC_BASE_URL: 'https://api.example.com' }), ['info clients']],
    ['opencode', () => opencode(`${HERE}/v1`), ['ok clients.opencode']],
    ['opencode without /v1', () => opencode(HERE), ['error clients.opencode.url']],
    ['opencode with it twice', () => opencode(`${HERE}/v1/v1`), ['error clients.opencode.url']],
    ['opencode at a strange path', () => opencode(`${HERE}/api`), ['error clients.opencode.url']],
    ['opencode at another port', () => opencode('http://127.0.0.1:1/v1'), ['warning clients.opencode.elsewhere']],
    ['opencode with no URL', () => opencode('127.0.0.1'), ['error clients.opencode.url']],
    [
      'codex',
      () => settings('.codex/config.toml', `[model_providers.candor]\nbase_url = "${HERE}/v1/v1"\n`),
      ['error clients.codex.url'],
    ],
    ['gemini', () => settings('.gemini/.env', `GOOGLE_GEMINI_BASE_URL=${HERE}\n`), ['ok clients.gemini']],
    [
      'a file that cannot be read',
      () => settings('.claude/settings.json', '{ "env": '),
      ['info clients.claude.unreadable'],
    ],
  ])('%s', async (_, arrange, expected) => {
    arrange()
    expect(await looked()).toEqual([...expected])
  })

  test.each<[object, Record<string, string>, readonly string[]]>([
    [{ ANTHROPIC_AUTH_TOKEN: 'candor' }, {}, []],
    [{ ANTHROPIC_AUTH_TOKEN: 'candor' }, { ANTHROPIC_API_KEY: 'sk-ant-x' }, ['warning clients.claude.keys']],
    [{ ANTHROPIC_AUTH_TOKEN: 'candor', ANTHROPIC_API_KEY: 'sk-ant-x' }, {}, ['warning clients.claude.keys']],
    [{}, { ANTHROPIC_API_KEY: 'sk-ant-x' }, []],
  ])('Claude Code with %o and %o', async (own, env, expected) => {
    claude({ ANTHROPIC_BASE_URL: HERE, ...own })
    expect(await looked(env)).toEqual(['ok clients.claude', ...expected])
  })

  test.each([
    [{ OPENAI_BASE_URL: `${HERE}/v1` }, 'ok clients.environment'],
    [{ OPENAI_BASE_URL: HERE }, 'error clients.environment.url'],
    [{ ANTHROPIC_BASE_URL: `${HERE}/v1` }, 'error clients.environment.url'],
  ])('the environment with %o', async (env, expected) => {
    expect(await looked(env)).toEqual([expected])
  })

  test('what is wrong is told with the file and the command that mends it', async () => {
    claude({ ANTHROPIC_BASE_URL: `${HERE}/v1` })
    home.configure(`{ ${PORT} }`)
    const [found] = (await doctor(['--only', 'clients'])).report.findings
    expect(found?.path).toBe(join(home.path, '.claude', 'settings.json'))
    expect(found?.message).toContain('has a "/v1" too many')
    expect(found?.fixHint).toBe(`Write ${HERE} there, or run: candor connect claude`)
  })
})

test('on a narrow terminal no line is longer than it, but for single words', async () => {
  await leftBehind()
  const long = (await shown([])).split('\n').filter(line => line.length > 80)
  expect(long.filter(line => !line.includes(home.path))).toEqual([])
})

test('a named configuration that is not there is told with its name', async () => {
  const file = join(home.path, 'gone.json5')
  const said = await shown(['--only', 'config', '--config', file], 200)
  expect(said).toContain('error    There is no such file.')
  expect(said).toContain(`at ${file}\n`)
})
