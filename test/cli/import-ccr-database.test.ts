import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Remark } from '../../src/cli/import/harvest.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

let home: HomeFolder
beforeEach(() => {
  home = homeFolder()
})
afterEach(() => home.remove())

/** Runs `candor import ccr` and gives what it said. */
async function run(...args: readonly string[]) {
  const shell = fakeShell({ home: home.path, env: { ...home.env, NO_COLOR: '1' } })
  const exit = await runCli(['import', 'ccr', ...args], VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

interface ImportDocument {
  readonly edits: readonly { readonly path: readonly string[]; readonly value: unknown }[]
  readonly remarks: readonly Remark[]
}

describe('claude-code-router 3, which keeps its settings in a database', () => {
  const folder = () => join(home.path, '.claude-code-router')
  const file = () => join(folder(), 'config.sqlite')

  /** As its own program makes it. It stays open, as while the program runs. */
  function made(value: string | undefined): Database {
    mkdirSync(folder(), { recursive: true })
    const db = new Database(file())
    db.run('PRAGMA journal_mode = WAL')
    db.run('CREATE TABLE app_config (key TEXT PRIMARY KEY, value_json TEXT NOT NULL, updated_at TEXT NOT NULL)')
    if (value !== undefined) db.run("INSERT INTO app_config VALUES ('default', ?, '2026-11-01')", [value])
    return db
  }

  const SETTINGS = JSON.stringify({
    Providers: [
      {
        name: 'Moonshot',
        type: 'openai_chat_completions',
        api_base_url: 'https://api.moonshot.ai/v1',
        apikey: '$MOONSHOT_API_KEY',
        models: ['kimi-k2.7-code'],
      },
      {
        name: 'Ours',
        type: 'anthropic_messages',
        baseurl: 'https://llm.corp.example/v1/messages',
        api_key: 'sk-canary0123456789unused',
        credentials: [
          { api_key: '$OURS_A' },
          { apiKey: 'sk-canary0123456789off', enabled: false },
          { apiKey: `\${OURS_B}` },
        ],
        extraHeaders: { 'User-Agent': 'claude-cli/1.0', 'X-Team': 'blue' },
        models: ['m'],
      },
      { name: 'Off', enabled: false, api_base_url: 'https://off.example', models: [] },
    ],
    Router: {
      default: 'Moonshot/kimi-k2.7-code',
      rules: [{ id: 'r', type: 'image', target: 'Ours/m' }],
      fallback: { mode: 'model-chain', models: ['Ours/m'], retryCount: 1 },
    },
  })

  test.each([{ runs: true }, { runs: false }])('is read where it is, and stays as it was: $runs', async ({ runs }) => {
    const db = made(SETTINGS)
    if (!runs) db.close()
    writeFileSync(join(folder(), 'config.json'), '{ "Providers": [] }')
    const before = readdirSync(folder()).sort()
    const { exit, out } = await run('--json')
    expect(exit).toBe(0)
    const plan: ImportDocument = JSON.parse(out)
    expect(Object.fromEntries(plan.edits.map(({ path, value }) => [path.join('.'), value]))).toEqual({
      'models.providers.moonshot': { apiKey: `\${MOONSHOT_API_KEY}`, models: [{ id: 'kimi-k2.7-code' }] },
      'models.providers.Ours': {
        baseUrl: 'https://llm.corp.example',
        apiKeys: [
          { name: 'key-1', key: `\${OURS_A}` },
          { name: 'key-2', key: `\${OURS_B}` },
        ],
        api: 'anthropic-messages',
        headers: { 'X-Team': 'blue' },
        models: [{ id: 'm' }],
      },
      'models.aliases.claude-*': 'moonshot/kimi-k2.7-code',
      'models.default': 'moonshot/kimi-k2.7-code',
    })
    const left = plan.remarks.filter(({ kind }) => kind === 'left out').map(({ what }) => what)
    expect(left.join('\n')).toMatch(/User-Agent[\s\S]*"Off"[\s\S]*rules\nfallback/)
    expect(plan.remarks.every(({ line }) => line === undefined)).toBe(true)
    expect(out).not.toContain('canary')
    expect(readdirSync(folder()).sort()).toEqual(before)
    db.close()
  })

  test.each([
    { what: 'an empty table', value: undefined, says: 'Nothing is saved in it yet.' },
    { what: 'something that is no JSON', value: '{', says: 'cannot be read' },
  ])('with $what it says so', async ({ value, says }) => {
    made(value).close()
    const { exit, err } = await run()
    expect([exit, err]).toEqual([2, expect.stringContaining(says)])
  })

  test('a database of something else is told, with the other way', async () => {
    mkdirSync(folder())
    const other = new Database(file())
    other.run('CREATE TABLE x (y)')
    other.close()
    const { exit, err } = await run()
    expect(exit).toBe(2)
    expect(err).toContain('Export them there')
  })
})
