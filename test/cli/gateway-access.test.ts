import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openGateway } from '../../src/app/gateway.ts'
import { systemClock } from '../../src/base/clock.ts'
import { appOptions, openAccess, opened, requestTo } from '../../src/cli/gateway-access.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { admission } from '../ledger/receipts.ts'
import { deskOf, fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

const openAi = await startSim({ kind: 'openai' })
const homes: HomeFolder[] = []
afterAll(async () => {
  await openAi.stop()
  for (const home of homes) home.remove()
})

const KEY = 'cnd_0123456789abcdefgh'

function newHome(gateway = ''): HomeFolder {
  const home = homeFolder()
  homes.push(home)
  home.configure(`{ models: { providers: {
    openai: { baseUrl: "${openAi.origin}/v1", apiKey: "${openAi.key}", api: "openai-completions" },
  } }, gateway: { port: 0${gateway} } }`)
  return home
}

function shellIn(home: HomeFolder, more: { env?: Record<string, string>; isAlive?: () => boolean } = {}) {
  const { env = {}, ...rest } = more
  return fakeShell({ home: home.path, env: { ...home.env, NO_COLOR: '1', ...env }, ...rest })
}

async function run(home: HomeFolder, argv: readonly string[], env: Record<string, string> = {}) {
  const shell = shellIn(home, { env })
  const exit = await runCli(argv, VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

async function serveIn(home: HomeFolder) {
  return await opened(openGateway(appOptions(deskOf(shellIn(home)))))
}

describe('the gateway that is asked', () => {
  test('is the running one, found by its note', async () => {
    const home = newHome()
    const gateway = await serveIn(home)
    const access = await openAccess({ ledger: 'kept' }, deskOf(shellIn(home)))
    expect([access.running, access.where]).toEqual([true, `gateway at ${gateway.url}`])
    expect((await access.handle(requestTo('/livez'))).status).toBe(200)
    await gateway.close()
  })

  const stale: readonly (readonly [string, string, boolean])[] = [
    ['whose process is gone', '{"pid":1,"url":"http://127.0.0.1:1"}', false],
    ['where nothing answers', '{"pid":1,"url":"http://127.0.0.1:1"}', true],
    ['that is no JSON', '{', true],
    ['that holds no URL', '{"pid":1,"url":"file:///etc/passwd"}', true],
  ]
  test.each(stale)('is in this process beside a note %s', async (_name, note, alive) => {
    const home = newHome()
    mkdirSync(home.dataDir, { recursive: true })
    writeFileSync(join(home.dataDir, 'gateway.json'), note)
    const access = await openAccess({ ledger: 'none' }, deskOf(shellIn(home, { isAlive: () => alive })))
    expect(access.running).toBe(false)
    expect((await access.handle(requestTo('/v1/models'))).status).toBe(200)
    await access.close()
    expect(existsSync(join(home.dataDir, 'ledger.sqlite'))).toBe(false)
  })

  test('is in this process where a configuration is named', async () => {
    const home = newHome()
    const gateway = await serveIn(home)
    const config = join(home.path, 'config', 'candor', 'candor.json5')
    const access = await openAccess({ config, ledger: 'none' }, deskOf(shellIn(home)))
    expect(access.running).toBe(false)
    await access.close()
    await gateway.close()
  })

  test.each([
    ['http://127.0.0.1:1', 69, 'No gateway answers at http://127.0.0.1:1.'],
    ['127.0.0.1:8787', 2, '--url must be a URL'],
    ['file:///x', 2, '--url must be a URL'],
  ])('named by --url %s ends with %p', async (url, exit, words) => {
    const got = await run(newHome(), ['models', '--url', url])
    expect({ exit: got.exit, out: got.out }).toEqual({ exit, out: '' })
    expect(got.err).toStartWith(`error: ${words}`)
  })

  test('is shown the key of CANDOR_KEY; without it, one that is named by its address says what is missing', async () => {
    const home = newHome(`, keys: ["${KEY}"]`)
    const gateway = await serveIn(home)
    const named = ['models', '--url', gateway.url]
    const [without, withKey] = [await run(home, named), await run(home, named, { CANDOR_KEY: KEY })]
    const [found, withWrong] = [await run(home, ['models']), await run(home, ['models'], { CANDOR_KEY: 'cnd_wrong' })]
    await gateway.close()
    expect([without.exit, withKey.exit, found.exit, withWrong.exit]).toEqual([2, 0, 0, 2])
    expect(without.err).toContain('set CANDOR_KEY')
    expect(withKey.out).toContain('openai/gpt-4.1\t')
  })

  test.each([
    ['with a key in its configuration', `, keys: ["${KEY}"]`, [], true],
    ['with a key that was made', '', ['keys', 'create', 'ci'], true],
    ['without any', '', [], false],
  ])('%s tells whether clients need one, running or not', async (_name, settings, argv, asks) => {
    const home = newHome(settings)
    if (argv.length > 0) await run(home, argv)
    const asksNow = async () => {
      const access = await openAccess({ ledger: 'none' }, deskOf(shellIn(home, { env: { CANDOR_KEY: KEY } })))
      const needed = await access.asksForKey()
      await access.close()
      return [access.running, needed]
    }
    expect(await asksNow()).toEqual([false, asks])
    const gateway = await serveIn(home)
    expect(await asksNow()).toEqual([true, asks])
    await gateway.close()
  })
})

describe('models and providers', () => {
  test('say the same with and without a running gateway', async () => {
    const home = newHome()
    const argvs = [
      ['models', '--all', '--json'],
      ['providers', '--json'],
      ['providers', 'openai'],
    ]
    const alone = await Promise.all(argvs.map(argv => run(home, argv)))
    const gateway = await serveIn(home)
    const running = await Promise.all(argvs.map(argv => run(home, argv)))
    await gateway.close()
    const timeless = (text: string) => text.replaceAll(/"created(_at)?":("[^"]*"|\d+)/g, '')
    expect(running.map(({ out }) => timeless(out))).toEqual(alone.map(({ out }) => timeless(out)))
    expect(alone.map(({ exit }) => exit)).toEqual([0, 0, 0])
  })

  test.each([
    [['models', 'opnai'], 'Did you mean: candor models openai'],
    [['providers', 'opnai'], 'Did you mean: candor providers openai'],
  ])('%j is told what may have been meant', async (argv, words) => {
    const { exit, err } = await run(newHome(), argv)
    expect(exit).toBe(2)
    expect(err).toContain(words)
  })

  test('tell why a model or a provider cannot be used', async () => {
    const home = newHome()
    const { out } = await run(home, ['models', 'moonshot', '--all'])
    expect(out).toContain('\tno: the environment variable MOONSHOT_API_KEY is not set\n')
    expect((await run(home, ['providers', 'moonshot'])).out).toContain('cannot be used')
    expect((await run(home, ['models', 'moonshot'])).exit).toBe(1)
  })

  test('no output holds the key', async () => {
    const { out } = await run(newHome(), ['providers', 'openai', '--json'])
    expect(out).not.toContain(openAi.key)
  })
})

describe('trace and logs', () => {
  test('without any ledger say so', async () => {
    const { exit, err } = await run(newHome(), ['trace'])
    expect(exit).toBe(69)
    expect(err).toContain('There is no ledger')
  })

  test('read the ledger with and without a running gateway, and over --url', async () => {
    const home = newHome()
    const gateway = await serveIn(home)
    await run(home, ['chat', 'openai/gpt-4.1', 'Hello'])
    await run(home, ['chat', 'openai/nothing', 'Hello'])
    const beside = await run(home, ['trace'])
    const over = await run(home, ['trace', '--url', gateway.url])
    await gateway.close()
    const after = await run(home, ['trace'])
    expect(after).toEqual(beside)
    expect(over).toEqual(beside)
    const { out } = await run(home, ['logs', '--json'])
    const receipts = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(receipts.map(({ schemaVersion, ending }) => [schemaVersion, ending])).toEqual([
      [1, 'complete'],
      [1, 'failed'],
    ])
    const { id } = receipts[0]
    expect((await run(home, ['trace', id])).out).toContain('Served by openai/gpt-4.1 over openai-completions')
    expect(JSON.parse((await run(home, ['trace', id, '--json'])).out).receipt.id).toBe(id)
    expect((await run(home, ['logs', '-n', '1'])).out.split('\n')).toHaveLength(2)
    expect((await run(home, ['trace', 'req_01kb3w9f6m0123456789abcd'])).exit).toBe(1)
    expect((await run(home, ['trace', 'nonsense'])).exit).toBe(2)
  })

  test('logs -f tells new calls beside a running gateway, until it is interrupted', async () => {
    const home = newHome()
    const gateway = await serveIn(home)
    const shell = shellIn(home)
    const following = runCli(['logs', '-f'], VERBS, shell)
    await run(home, ['chat', 'openai/gpt-4.1', 'Hello'])
    await shell.stdout.until('200 complete  openai/gpt-4.1')
    shell.signal('SIGINT')
    expect(await following).toBe(130)
    expect(shell.stderr.text()).toContain('Interrupted')
    await gateway.close()
  })

  test('a call that a killed gateway left is not told as running', async () => {
    const home = newHome()
    const ledger = openLedger({ folder: home.dataDir, clock: systemClock })
    if (!ledger.ok) throw new Error(ledger.refusal.what)
    ledger.store.admit(admission())
    await ledger.store.flush()
    const { out, err } = await run(home, ['trace'])
    await ledger.store.close()
    expect(out).toContain('Still running')
    expect(err).toContain('No gateway runs now')
  })
})
