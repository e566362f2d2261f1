import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { complete } from '../../src/cli/commands/complete.ts'
import { findVerbs } from '../../src/cli/find-verbs.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { receipt } from '../ledger/receipts.ts'
import { fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

let home: HomeFolder
beforeEach(() => {
  home = homeFolder()
})
afterEach(() => home.remove())

/** What `candor complete` prints; on the standard error it says nothing, and it ends well. */
async function names(kind: string, env: Record<string, string> = {}): Promise<string> {
  const shell = fakeShell({ home: home.path, env: { ...home.env, ...env } })
  expect(await runCli(['complete', kind], [complete], shell)).toBe(0)
  expect(shell.stderr.text()).toBe('')
  return shell.stdout.text()
}

const CONFIG = `{
  models: {
    providers: {
      local: { baseUrl: 'http://127.0.0.1:9/v1', api: 'openai-completions',
        apiKey: { exec: ['/bin/sh', '-c', 'touch ran; echo sk-never'] },
        models: [{ id: 'llama:8b' }, { id: '$(touch pwned)' }] },
      off: { baseUrl: 'http://127.0.0.1:9/v1', api: 'openai-completions', enabled: false, models: [{ id: 'x' }] },
    },
    aliases: { fast: 'local/llama:8b' },
  },
  routes: { main: { targets: ['local/llama:8b'] } },
}`

/** A gateway that runs, as far as its note goes. */
function gateway(answer: (request: Request) => Response): { readonly stop: () => void } {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: request => (new URL(request.url).pathname === '/livez' ? new Response('ok') : answer(request)),
  })
  mkdirSync(home.dataDir, { recursive: true })
  const note = { pid: 1, url: `http://127.0.0.1:${server.port}`, startedAt: '', version: '', adminToken: 'cnd_token' }
  writeFileSync(join(home.dataDir, 'gateway.json'), JSON.stringify(note))
  return { stop: () => void server.stop(true) }
}

describe('without a gateway', () => {
  test('models are those of the file and the catalogue; no name that a shell would run', async () => {
    home.configure(CONFIG)
    expect(await names('models')).toBe('main\troute\nfast\talias\nlocal/llama:8b\n')
    expect(await Bun.file(join(process.cwd(), 'ran')).exists()).toBe(false)
  })

  test('a key in the environment brings the models of its provider', async () => {
    const out = await names('models', { ANTHROPIC_API_KEY: 'sk-secret' })
    expect(out).toContain('anthropic/claude-')
    expect(out).not.toContain('sk-secret')
  })

  test('providers are all, and say which are set up', async () => {
    home.configure(CONFIG)
    const out = await names('providers')
    expect(out).toStartWith('local\tset up\noff\n')
    expect(out).toContain('\nkimi-coding\n')
  })

  test.each(['models', 'keys', 'receipts'])('with a broken file there are no %s, and no complaint', async kind => {
    home.configure('{ nothing')
    expect(await names(kind)).toBe('')
  })

  test.each(['models', 'keys'])(
    'with a relative path in the environment there are no %s, and no complaint',
    async kind => {
      expect(await names(kind, { CANDOR_HOME: 'here', CANDOR_CONFIG: 'here' })).toBe('')
    },
  )

  test.each(['', 'everything', 'constructor'])('there is no kind "%s"', async kind => {
    expect(await names(kind)).toBe('')
  })
})

describe('with a gateway', () => {
  test('models are its own, asked with its token', async () => {
    let authorization: string | null = null
    const running = gateway(request => {
      authorization = request.headers.get('authorization')
      const model = (id: string, candor: object) => ({ id, candor })
      return Response.json({
        data: [
          model('a/b:1', { billing: 'plan' }),
          model('main', { billing: 'plan', route: true }),
          model('a/$(id)', { billing: 'plan' }),
          model('-rf', {}),
          model('a b', {}),
          model('a\tb', {}),
          model('c/d', { billing: 'x\u001b[31m\n' }),
        ],
      })
    })
    try {
      expect(await names('models')).toBe('a/b:1\tplan\nmain\troute\nc/d\tx?[31m?\n')
      expect(String(authorization)).toBe('Bearer cnd_token')
    } finally {
      running.stop()
    }
  })

  test.each([
    ['refuses', () => new Response('no', { status: 401 })],
    ['answers nonsense', () => new Response('<html>')],
  ])('that %s, models are those of the file', async (_how, answer) => {
    home.configure(CONFIG)
    const running = gateway(answer)
    try {
      expect(await names('models')).toContain('local/llama:8b\n')
    } finally {
      running.stop()
    }
  })
})

test('keys and receipts come from the ledger', async () => {
  const opened = openLedger({ folder: home.dataDir, clock: systemClock })
  if (!opened.ok) throw new Error('the ledger does not open')
  const settings = { name: 'laptop', tags: [], models: [], limits: {}, budgets: [], admin: false }
  const made = await opened.keys.create(settings)
  if ('fault' in made) throw new Error(made.what)
  const gone = await opened.keys.create({ ...settings, name: 'old' })
  if ('fault' in gone) throw new Error(gone.what)
  await opened.keys.revoke(gone.key.id)
  const call = receipt({ requestedModel: 'a/b' })
  await opened.store.settle(call)
  await opened.store.close()
  const keys = await names('keys')
  expect(keys).toBe(`laptop\t${made.key.id}\n`)
  expect(keys).not.toContain(made.secret)
  expect(await names('receipts')).toBe(`${call.id}\ta/b, complete\n`)
})

test('the verb is loaded alone, and is in no help', async () => {
  expect(await findVerbs(['complete', 'models'])).toEqual([complete])
  expect(VERBS).not.toContain(complete)
})
