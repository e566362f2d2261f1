import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { budgetOf, limitsBody } from '../../src/cli/keys/key-options.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { listen } from '../../src/http/serve.ts'
import { ADMIN_TOKEN, keyGateway } from '../http/key-gateway.ts'
import { fakeShell, given } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

const closing: (() => Promise<void> | void)[] = []
afterAll(async () => {
  for (const close of closing) await close()
})

/** A listening gateway with a key store, and a command line that asks it. */
function started(options: Parameters<typeof keyGateway>[0] = {}) {
  const at = keyGateway(options)
  const server = listen({ host: '127.0.0.1', port: 0 }, systemClock, () => request => {
    const headers = new Headers(request.headers)
    headers.set('host', 'localhost')
    return at.surface(new Request(request, { headers }))
  })
  if ('what' in server) throw new Error(server.what)
  closing.push(async () => {
    await server.close()
    at[Symbol.dispose]()
  })
  return {
    at,
    url: server.url,
    async run(line: string, more: { key?: string; input?: string; tty?: boolean; columns?: number } = {}) {
      const { key = ADMIN_TOKEN, ...rest } = more
      const shell = fakeShell({ env: { CANDOR_KEY: key, NO_COLOR: '1' }, clock: at.clock, ...rest })
      const argv = [...line.split(' '), '--url', server.url]
      const exit = await runCli(argv, VERBS, shell)
      return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
    },
  }
}

describe('candor keys create', () => {
  test('prints the secret alone on the standard output, and everything else beside it', async () => {
    const { at, run } = started()
    const { exit, out, err } = await run('keys create ci')
    expect(exit).toBe(0)
    expect(out).toMatch(/^cnd_[\w-]{43}\n$/)
    expect(err).toContain('The key "ci" (key_')
    expect(err).toContain('shown only now')
    expect(err).not.toContain(out.trim())
    expect(at.keys.find(out.trim())).toMatchObject({ name: 'ci', limits: {}, budgets: [], admin: false })
  })

  test('takes everything a key can have', async () => {
    const { at, run } = started()
    const { out } = await run(
      'keys create team --owner Ada --tag a --tag b --expires 30d --model coder --model moonshot/* --rpm 60 --input-tpm 200k ' +
        '--output-tpm 50000 --concurrency 3 --budget 5usd/day --budget 2Mtokens/month:soft --admin',
    )
    expect(at.keys.find(out.trim())).toMatchObject({
      name: 'team',
      owner: 'Ada',
      tags: ['a', 'b'],
      expiresAt: at.clock.now() + 30 * 86_400_000,
      models: ['coder', 'moonshot/*'],
      limits: { requestsPerMinute: 60, inputTokensPerMinute: 200_000, outputTokensPerMinute: 50_000, concurrency: 3 },
      budgets: [
        { period: 'day', unit: 'usd', most: 5_000_000_000, kind: 'hard' },
        { period: 'month', unit: 'tokens', most: 2_000_000, kind: 'soft' },
      ],
      admin: true,
    })
  })

  test('with --json is one document', async () => {
    const { at, run } = started()
    const { out } = await run('keys create ci --json')
    const document = JSON.parse(out)
    expect(document).toMatchObject({ schemaVersion: 1, key: { name: 'ci', state: 'active' } })
    expect(at.keys.find(document.secret)?.id).toBe(document.key.id)
  })

  test('says once that from now on a key is asked for', async () => {
    const { run } = started({ open: true, configKeys: false })
    const first = await run('keys create a --admin')
    expect(first.err).toContain('from now on this gateway asks for a key')
    const second = await run('keys create b', { key: first.out.trim() })
    expect(second.exit).toBe(0)
    expect(second.err).not.toContain('from now on')
    expect((await run('keys list', { key: '' })).err).toContain('set CANDOR_KEY')
  })

  test.each([
    ['keys create', 2, 'missing required argument'],
    ['keys create x --rpm 0', 2, '--rpm must be a whole number such as 60 or 200k, not "0".'],
    ['keys create x --rpm none --expires soon', 2, '--expires must be a stretch such as 30d'],
    ['keys create x --budget 5', 2, '--budget must be a sum such as 5usd/day'],
    ['keys create key_x', 2, '"name" must not look like the id of a key.'],
    ['keys create configured', 2, 'called "configured" already'],
    ['keys show nobody', 2, 'There is no key "nobody".'],
    ['keys revoke configured', 2, 'stands in the configuration'],
    ['keys limit configured', 2, 'Nothing to change was named.'],
    ['keys crate x', 2, 'Did you mean "candor keys create"?'],
  ])('%s ends with %d', async (line, exit, words) => {
    const { at, run } = started()
    const got = await run(line)
    expect([got.exit, got.out]).toEqual([exit, ''])
    expect(got.err).toContain(words)
    expect(at.keys.list()).toEqual([])
  })

  test('by a key that is no administrator is refused with the way out', async () => {
    const { at, run } = started()
    const { secret } = await at.made()
    const { exit, err } = await run('keys create x', { key: secret })
    expect(exit).toBe(2)
    expect(err).toContain('candor keys create <name> --admin')
  })
})

describe('candor keys list', () => {
  test('is a table on a terminal', async () => {
    const { at, run } = started()
    const { key } = await at.made({
      name: 'ci',
      expiresIn: 'P30D',
      limits: { requestsPerMinute: 60 },
      budgets: [
        { period: 'day', unit: 'usd', most: 5 },
        { period: 'total', unit: 'tokens', most: 2_000_000, kind: 'soft' },
      ],
    })
    at.spent.set(`${key.id} usd day`, 1_250_000_000)
    const { out } = await run('keys list', { tty: true, columns: 200 })
    const [head, configured, row] = out.trimEnd().split('\n')
    expect(head).toMatch(/^NAME +KEY +STATE +LIMITS +USED \/ BUDGET +MODELS +OWNER$/)
    expect(configured).toMatch(/^configured \(admin\) +configured +active +- +- +all +-$/)
    expect(row?.split(/ {2,}/)).toEqual([
      'ci',
      key.hint,
      'active, expires in 30 days',
      '60 requests/min',
      '$1.25 / $5.00 today, 0 / 2M tokens in total (soft)',
      'all',
      '-',
    ])
  })

  test('leaves revoked keys out and says so; --all has them', async () => {
    const { at, run } = started({ configKeys: false })
    await at.made({ name: 'old' })
    await at.ask('POST /candor/keys/old/revoke')
    const short = await run('keys list')
    expect([short.exit, short.out]).toEqual([0, ''])
    expect(short.err).toContain('1 revoked key is not shown')
    const { keys } = JSON.parse((await run('keys list --all --json')).out)
    expect(keys.map(({ name, state }: Record<string, string>) => [name, state])).toEqual([['old', 'revoked']])
  })

  test('without any key says what that means', async () => {
    const { run } = started({ configKeys: false })
    expect((await run('keys list')).err).toContain('There are no keys: the gateway asks for none.')
  })
})

test('candor keys show tells everything but the secret', async () => {
  const { at, run } = started()
  const { key, secret } = await at.made({
    name: 'ci',
    owner: 'Ada',
    tags: ['x'],
    models: ['coder'],
    limits: { concurrency: 2 },
  })
  const { exit, out } = await run('keys show ci')
  expect(exit).toBe(0)
  expect(out).toStartWith(`ci (${key.id}): active\n`)
  for (const words of [key.hint, 'Ada', 'x', 'coder', '2 at once', 'calls models']) expect(out).toContain(words)
  expect(out).not.toContain(secret)
})

describe('candor keys limit', () => {
  test('changes what is named and keeps the rest', async () => {
    const { at, run } = started()
    await at.made({
      name: 'ci',
      owner: 'Ada',
      limits: { requestsPerMinute: 60, concurrency: 2 },
      budgets: [
        { period: 'day', unit: 'usd', most: 5 },
        { period: 'month', unit: 'usd', most: 50 },
      ],
    })
    const { exit, out } = await run(
      'keys limit ci --rpm none --concurrency 4 --budget $7.5/day --model coder --expires 2030-01-01 --json',
    )
    expect(exit).toBe(0)
    expect(JSON.parse(out).key).toMatchObject({
      owner: 'Ada',
      models: ['coder'],
      expiresAt: '2030-01-01T00:00:00.000Z',
      limits: { concurrency: 4 },
      budgets: [
        { period: 'day', most: 7.5 },
        { period: 'month', most: 50 },
      ],
    })
    await run('keys limit ci --budget none --model none --expires none --concurrency none')
    const key = at.keys.get('ci')
    expect(key).toMatchObject({ models: [], limits: {}, budgets: [], owner: 'Ada' })
    expect(key?.expiresAt).toBeUndefined()
  })
})

describe('candor keys rotate and revoke', () => {
  test('rotate prints the new secret as create does', async () => {
    const { at, run } = started()
    const { key, secret } = await at.made({ name: 'ci' })
    const { out } = await run('keys rotate ci')
    expect(at.keys.find(out.trim())?.id).toBe(key.id)
    expect(at.keys.find(secret)).toBeUndefined()
  })

  test.each([
    ['keys revoke ci', { tty: true, input: 'y\n' }, true],
    ['keys revoke ci', { tty: true, input: 'n\n' }, false],
    ['keys revoke ci', { tty: true, input: '\n' }, false],
    ['keys revoke ci --yes', { tty: true, input: '' }, true],
    ['keys revoke ci', {}, true],
  ])('%s, told %j: %p', async (line, told, revoked) => {
    const { at, run } = started()
    await at.made({ name: 'ci' })
    const { exit, err } = await run(line, told)
    expect(exit).toBe(revoked ? 0 : 1)
    expect(err).toContain(revoked ? 'is revoked' : 'Nothing was changed.')
    expect(at.keys.get('ci')?.revokedAt !== undefined).toBe(revoked)
    expect(err.includes('for good? [y/N]')).toBe('tty' in told && !line.includes('--yes'))
  })
})

describe('the token in the note of a running gateway', () => {
  const listed = async (env: Record<string, string>, note: object) => {
    const { url } = started()
    const home = homeFolder()
    closing.push(home.remove)
    mkdirSync(home.dataDir, { recursive: true })
    writeFileSync(join(home.dataDir, 'gateway.json'), JSON.stringify({ pid: process.pid, url, ...note }))
    const shell = fakeShell({ home: home.path, env: { ...home.env, NO_COLOR: '1', ...env } })
    return { exit: await runCli(['keys', 'list'], VERBS, shell), err: shell.stderr.text() }
  }

  test('lets commands on the same machine in without a key', async () => {
    expect((await listed({}, { adminToken: ADMIN_TOKEN })).exit).toBe(0)
    expect((await listed({}, {})).err).toContain('set CANDOR_KEY')
  })

  test('gives way to a key that is named', async () => {
    expect((await listed({ CANDOR_KEY: 'cnd_wrong' }, { adminToken: ADMIN_TOKEN })).exit).toBe(2)
  })
})

test('no output of any command but create and rotate holds a secret', async () => {
  const { at, run } = started()
  const { secret } = await at.made({ name: 'ci' })
  const lines = [
    'keys list',
    'keys list --json',
    'keys show ci',
    'keys limit ci --rpm 5',
    `keys show ${secret}`,
    'keys revoke ci',
  ]
  for (const line of lines) {
    const { out, err } = await run(line)
    expect(out + err).not.toContain(secret.slice(4))
  }
})

describe('a budget', () => {
  test.each([
    ['5usd/day', { period: 'day', unit: 'usd', most: 5, kind: 'hard' }],
    ['$0.25/hour', { period: 'hour', unit: 'usd', most: 0.25, kind: 'hard' }],
    ['$1.1usd/week:hard', { period: 'week', unit: 'usd', most: 1.1, kind: 'hard' }],
    ['2Mtokens/month:soft', { period: 'month', unit: 'tokens', most: 2_000_000, kind: 'soft' }],
    ['1.1m tokens / total', { period: 'total', unit: 'tokens', most: 1_100_000, kind: 'hard' }],
    ['500 token/Day:Soft', { period: 'day', unit: 'tokens', most: 500, kind: 'soft' }],
  ] as const)('%s', (text, budget) => {
    expect(budgetOf(text)).toEqual(budget)
  })

  test.each([
    '',
    '5',
    '5usd',
    '5/day',
    'usd/day',
    '5usd/year',
    '5eur/day',
    '$5tokens/day',
    '-5usd/day',
    '0usd/day',
    '5usd/day:hrad',
  ])('%j is none', text => {
    expect(() => budgetOf(text)).toThrow('--budget must be a sum such as 5usd/day')
  })
})

test.each([
  ['12h', { expiresIn: 43_200_000 }],
  ['2w', { expiresIn: 1_209_600_000 }],
  ['2027-01-01', { expiresAt: 1_798_761_600_000 }],
  ['2027-01-01T12:00Z', { expiresAt: 1_798_804_800_000 }],
  ['none', { expiresAt: null }],
])('--expires %s', (text, body) => {
  expect(limitsBody(given([], { expires: text }))).toEqual(body)
})
