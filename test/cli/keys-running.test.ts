import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openGateway } from '../../src/app/gateway.ts'
import { systemClock } from '../../src/base/clock.ts'
import { appOptions, opened } from '../../src/cli/gateway-access.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { deskOf, fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

const openAi = await startSim({ kind: 'openai' })
const homes: HomeFolder[] = []
afterAll(async () => {
  await openAi.stop()
  for (const home of homes) home.remove()
})

/** A home with one simulated provider, and the command line in it. */
function place() {
  const home = homeFolder()
  homes.push(home)
  home.configure(`{ models: { providers: {
    openai: { baseUrl: "${openAi.origin}/v1", apiKey: "${openAi.key}", api: "openai-completions" },
  } }, gateway: { port: 0 } }`)
  const shell = (env: Record<string, string> = {}) =>
    fakeShell({ home: home.path, env: { ...home.env, NO_COLOR: '1', ...env } })
  const run = async (line: string, env: Record<string, string> = {}) => {
    const at = shell(env)
    const exit = await runCli(line.split(' '), VERBS, at)
    return { exit, out: at.stdout.text(), err: at.stderr.text() }
  }
  const serve = async () => {
    const at = shell()
    const gateway = await opened(openGateway(appOptions(deskOf(at))))
    const call = async (key?: string) => {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'x-api-key': key }) },
        body: JSON.stringify({ model: 'openai/gpt-4.1', messages: [{ role: 'user', content: 'Hello' }] }),
      })
      await response.text()
      return response.status
    }
    return { gateway, call, log: () => at.stderr.text() + at.stdout.text() }
  }
  return { home, run, serve }
}

describe('a running gateway', () => {
  test('warns of names that mean nothing it has, and makes the key all the same', async () => {
    const { run, serve } = place()
    const { gateway } = await serve()
    const made = await run(
      'keys create ci --model openai/gpt-4.1 --model gpt-4.1 --model openai/* --model openai/gtp-4.1 --model opnai/* --model xyzzyx',
    )
    expect(made).toMatchObject({ exit: 0, out: expect.stringMatching(/^cnd_\S+\n$/) })
    expect(made.err.split('\n').filter(line => line.startsWith('warning:'))).toEqual([
      expect.stringMatching(
        /"openai\/gtp-4\.1" is none of the models .* of openai\. Did you mean openai\/gpt-4\.1 or /,
      ),
      'warning: This gateway has nothing called "opnai/*" now. Did you mean openai/*?',
      'warning: This gateway has nothing called "xyzzyx" now. See: candor models --all',
    ])
    expect((await run('keys limit ci --model coder')).err).toContain('nothing called "coder" now')
    expect((await run('keys limit ci --model none')).err).toBe('')
    await gateway.close()
  })

  test('asks for a key from the first one on, and refuses a rotated and a revoked one on its next call', async () => {
    const { run, serve } = place()
    const { gateway, call } = await serve()
    expect(await call()).toBe(200)
    const secret = (await run('keys create ci')).out.trim()
    expect([await call(), await call(secret)]).toEqual([401, 200])
    const next = (await run('keys rotate ci')).out.trim()
    expect([await call(secret), await call(next)]).toEqual([401, 200])
    expect((await run('keys revoke ci')).exit).toBe(0)
    expect([await call(next), await call()]).toEqual([401, 401])
    await gateway.close()
  })

  test('lets the commands of its own machine in, but for a key that is named, which has its own rights', async () => {
    const { run, serve } = place()
    const { gateway } = await serve()
    const secret = (await run('keys create ci')).out.trim()
    expect((await run('keys list')).exit).toBe(0)
    expect((await run('chat openai/gpt-4.1 Hello')).exit).toBe(0)
    const member = await run('keys list', { CANDOR_KEY: secret })
    expect(member.exit).toBe(2)
    expect(member.err).toContain('"ci"')
    expect((await run('models', { CANDOR_KEY: secret })).exit).toBe(0)
    await gateway.close()
  })

  test('counts what a key has used before it got a budget, at once and after a restart', async () => {
    const { run, serve } = place()
    const used = async () => JSON.parse((await run('keys show ci --json')).out).key.budgets[0].used
    const first = await serve()
    const secret = (await run('keys create ci')).out.trim()
    expect(await first.call(secret)).toBe(200)
    await run('keys limit ci --budget 1Mtokens/day')
    const before = await used()
    expect(before).toBeGreaterThan(0)
    await run(`keys limit ci --budget ${before}tokens/day`)
    expect(await first.call(secret)).toBe(402)
    await first.gateway.close()
    const second = await serve()
    expect(await used()).toBe(before)
    expect(await second.call(secret)).toBe(402)
    await second.gateway.close()
  })

  test('keeps the keys that were made while none ran', async () => {
    const { run, serve } = place()
    const secret = (await run('keys create ci')).out.trim()
    const { gateway, call } = await serve()
    expect([await call(), await call(secret)]).toEqual([401, 200])
    await gateway.close()
    expect(JSON.parse((await run('keys list --json')).out).keys).toMatchObject([{ name: 'ci', state: 'active' }])
  })

  test('holds no secret of a key in its files, its log or what it tells', async () => {
    const { home, run, serve } = place()
    const { gateway, call, log } = await serve()
    const secret = (await run('keys create ci')).out.trim()
    expect(await call(secret)).toBe(200)
    expect(await call(`${secret}x`)).toBe(401)
    await run('keys rotate ci')
    const told = await Promise.all(['keys list --json', 'logs --json', 'trace', 'providers'].map(line => run(line)))
    const files = readdirSync(home.dataDir).map(name => readFileSync(join(home.dataDir, name)))
    await gateway.close()
    const canary = secret.slice('cnd_'.length)
    expect(told[1]?.out).toContain('"status":200')
    expect(JSON.stringify(told)).not.toContain(canary)
    expect(log()).not.toContain(canary)
    for (const bytes of files) expect(bytes.includes(canary)).toBe(false)
  })
})

test('where another process holds the ledger, no key is made in a place nobody looks at', async () => {
  const { home, run } = place()
  const held = openLedger({ folder: home.dataDir, clock: systemClock })
  if (!held.ok) throw new Error(held.refusal.what)
  const { exit, out, err } = await run('keys create ci')
  await held.store.close()
  expect([exit, out]).toEqual([69, ''])
  expect(err).toContain('Another Candor is using the data folder')
})
