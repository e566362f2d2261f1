import { describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { fakeShell } from './fake-shell.ts'

/** Runs a command where nobody has used Candor before, and gives what it said and what lies there afterwards. */
async function leftBy(line: string): Promise<{ readonly said: string; readonly files: readonly string[] }> {
  const home = mkdtempSync(join(tmpdir(), 'candor-reads-'))
  mkdirSync(join(home, 'work'))
  try {
    const shell = { ...fakeShell({ home, env: { CI: '1' } }), cwd: join(home, 'work') }
    await runCli(line.split(' '), VERBS, shell)
    return {
      said: shell.stdout.text() + shell.stderr.text(),
      files: readdirSync(home, { recursive: true }).map(String),
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

describe('in an empty home, nothing lies on the disk after', () => {
  test.each([
    'keys list',
    'keys list --all --json',
    'keys show ci',
    'keys limit ci --rpm 3',
    'keys rotate ci',
    'keys revoke ci --yes',
    'usage',
    'usage --by model --json',
    'usage quota',
    'trace last',
    'logs',
    'status',
    'providers',
    'providers openai',
    'models',
    'models --all',
    'doctor',
    'doctor openai',
    'config show --origin',
    'config check',
    'config path',
    'config schema',
    'route list',
    'route explain openai/gpt-4.1',
    'bugreport',
    'completion bash',
    'version',
  ])('candor %s', async line => {
    const { said, files } = await leftBy(line)
    expect(files).toEqual(['work'])
    expect(said).not.toBe('')
    expect(said).not.toContain('Help: candor')
  })
})

test('a key that is made does lie there', async () => {
  const { files } = await leftBy('keys create ci')
  expect(files).toContain(join('.local', 'share', 'candor', 'ledger.sqlite'))
})
