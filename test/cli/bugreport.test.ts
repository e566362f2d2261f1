import { describe, expect, test } from 'bun:test'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { checkText } from '../../src/app/config/load.ts'
import { problem as problemOf } from '../../src/canon/problem.ts'
import { gather } from '../../src/cli/bugreport/gather.ts'
import { reportMarkdown } from '../../src/cli/bugreport/markdown.ts'
import { cleanReport, type Raw } from '../../src/cli/bugreport/report.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import {
  configText,
  environmentOf,
  FAULTS,
  type Fault,
  IN_BODIES,
  MARKERS,
  type Markers,
  NOW,
  PRIVATE,
  talkativeReceipts,
  writeBodies,
  writeLedger,
} from './bugreport-raw.ts'
import { deskOf, fakeShell } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

/** So many characters of a secret in a row give it away. */
const PIECE_CHARS = 8

/** Pieces of the secret, in any of its forms, that the text holds. */
function piecesIn(text: string, secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const forms = [
    secret,
    encodeURIComponent(secret),
    bytes.toString('hex'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ]
  const lower = text.toLowerCase()
  return forms.flatMap(form =>
    Array.from({ length: Math.max(0, form.length - PIECE_CHARS + 1) }, (_, at) =>
      form.slice(at, at + PIECE_CHARS),
    ).filter(piece => lower.includes(piece.toLowerCase())),
  )
}

/** Both forms of the report of a machine full of secrets. */
async function reportOf(markers: Markers, fault: Fault): Promise<{ readonly json: string; readonly markdown: string }> {
  const home = homeFolder()
  try {
    home.configure(configText(markers, fault, join(home.path, 'keys')))
    const receipts = talkativeReceipts(markers)
    await writeLedger(home, receipts)
    await writeBodies(home, receipts, markers)
    const env = { ...home.env, ...environmentOf(markers) }
    const shell = fakeShell({ home: home.path, env, clock: manualClock(NOW) })
    const { report } = cleanReport(await gather(undefined, receipts.length, deskOf(shell)))
    expect(report.receipts).toHaveLength(receipts.length)
    expect(report.configuration.values === undefined).toBe(fault !== 'none')
    return { json: JSON.stringify(report), markdown: reportMarkdown(report) }
  } finally {
    home.remove()
  }
}

test('no secret of a random machine is in its report, in no form', async () => {
  await fc.assert(
    fc.asyncProperty(MARKERS, fc.constantFrom(...FAULTS), async (markers, fault) => {
      const { json, markdown } = await reportOf(markers, fault)
      for (const [place, secret] of Object.entries(markers)) {
        const found = { json: piecesIn(json, secret), markdown: piecesIn(markdown, secret) }
        expect({ place, ...found }).toEqual({ place, json: [], markdown: [] })
      }
    }),
    { numRuns: 40 },
  )
}, 120_000)

const SOME: Markers = fc.sample(MARKERS, { numRuns: 1, seed: 7 })[0] ?? fail()

function fail(): never {
  throw new Error('no markers were made')
}

test('of kept bodies there is nothing in it, and no name of their files', async () => {
  const { json, markdown } = await reportOf(SOME, 'none')
  for (const text of [json, markdown]) {
    expect(text).not.toContain(IN_BODIES)
    expect(text).not.toMatch(/\.zst|bodies\/\d{4}/)
  }
  expect(JSON.parse(json).configuration.values.bodies).toEqual({ keepDays: 7 })
  expect(JSON.parse(json).findings.map(({ id }: { id: string }) => id)).toContain('bodies.kept')
})

test('names that the user gave, and hosts and addresses of his own, have stand-ins, the same everywhere', async () => {
  const { json, markdown } = await reportOf(SOME, 'none')
  for (const name of Object.values(PRIVATE))
    expect({ name, found: `${json}${markdown}`.includes(name) }).toEqual({ name, found: false })
  expect(json).not.toContain('candor-cli-')
  const { configuration, receipts } = JSON.parse(json)
  expect(configuration.values.routes).toEqual({ 'route-1': { targets: [expect.anything(), expect.anything()] } })
  expect(receipts[0]).toMatchObject({
    route: 'route-1',
    key: 'gateway-key-1',
    client: 'client-1',
    servedModel: 'provider-1/own-model',
    problem: { code: 'invalid_key', upstream: { status: 401 } },
    attempts: [{ provider: 'provider-1', identity: 'configured', protocol: 'openai-completions' }],
  })
  expect(receipts[0].attempts[0].url).toMatch(/^https:\/\/••••@private-host-\d\/v1\/…\?••••$/)
})

test('what helps to find a bug stays', async () => {
  const { json } = await reportOf(SOME, 'none')
  const { configuration, environment, findings, versions } = JSON.parse(json)
  const acme = configuration.values.models.providers['provider-1']
  expect(acme).toMatchObject({
    api: 'openai-completions',
    models: [{ id: 'own-model', headers: { 'X-Model': '••••' } }],
    headers: { 'X-Team': '••••', 'X-Other': '••••', 'X-Note': '••••' },
  })
  expect(acme.apiKeys.map(({ key }: { key: string }) => key)).toEqual([
    '(written in the file)',
    `\${SOME_KEY}`,
    `\${NOT_SET} (written in the file)`,
    '(from a file)',
    '(from a program)',
  ])
  expect(configuration.values.gateway).toEqual({ keys: ['(written in the file)'] })
  expect(configuration.values.models.providers.openai).toEqual({ apiKey: '(written in the file)' })
  expect(environment).toContain('HTTPS_PROXY')
  expect(findings.map(({ id }: { id: string }) => id)).toContain('ledger')
  expect(versions).toMatchObject({ candor: expect.any(String), os: 'linux' })
})

test('a gateway that runs tells what it said, cleaned', () => {
  const notices = [
    { at: NOW, level: 'warn', text: 'The key sk-0123456789abcdef is `bad` at http://10.1.2.3:99/x' },
  ] as const
  const raw = { ...NO_CONFIG, gateway: { version: '0.1.0', inFlight: 2, notices } }
  expect(cleanReport(raw).report.gateway).toEqual({
    version: '0.1.0',
    inFlight: 2,
    notices: ["2026-11-20T12:30:00.000Z warn: The key •••• is 'bad' at http://private-host-1:99/…"],
  })
})

const NO_CONFIG: Raw = {
  id: 'bug_1',
  at: NOW,
  runtime: { bun: '1', nodeCompatibility: '2', os: 'linux', arch: 'x64' },
  env: {},
  home: '/people/ann',
  installed: 'checkout',
  gateway: undefined,
  loaded: checkText('{}', 'candor.json5'),
  findings: [],
  receipts: [],
  maskKnown: text => text,
}

test.each([
  ['Ask jane.doe@acme.example', 'Ask mail-address-1'],
  ['no route to fd12:34::1, nor to 10.1.2.3', 'no route to private-host-1, nor to private-host-2'],
  ['at 2001:db8:1:2:3:4:5:6', 'at private-host-1'],
  ['getaddrinfo ENOTFOUND vault.corp', 'getaddrinfo ENOTFOUND private-host-1'],
  ['db.internal.acme.example:5432 refuses', 'private-host-1:5432 refuses'],
  ['llm.acme.example did not answer', 'private-host-1 did not answer'],
])('what a provider wrote: "%s" becomes "%s"', (said, told) => {
  const base = receipt({ at: NOW })
  const attempts = base.attempts.map(each => ({ ...each, url: 'https://llm.acme.example/v1/chat/completions' }))
  const problem = { ...problemOf('upstream_error', said), upstream: { message: said } }
  const { report } = cleanReport({ ...NO_CONFIG, receipts: [{ ...base, attempts, problem }] })
  expect(report.receipts[0]?.['problem']).toMatchObject({ what: told, upstream: { message: told } })
})

test('times, places in a file, this machine and hosts of the catalogue are no secret', () => {
  const said =
    'At 07:59:49, candor.json5:12:3 and x.json:12, ::1, 127.0.0.1:80, [::]:8787, api.openai.com:443, std::move'
  const findings = [{ id: 'x', severity: 'info', message: said }]
  expect(cleanReport({ ...NO_CONFIG, findings }).report.findings[0]?.message).toBe(said)
})

test('an ordinary call is told as it was', async () => {
  const home = homeFolder()
  const call = receipt({ at: NOW, client: 'claude-cli/2.1.0 (external, cli)' })
  await writeLedger(home, [call])
  const shell = fakeShell({ home: home.path, env: home.env, clock: manualClock(NOW) })
  const { report } = cleanReport(await gather(undefined, 5, deskOf(shell)))
  home.remove()
  expect(report.receipts).toMatchObject([
    {
      id: call.id,
      client: 'claude-cli/2.1.0 (external, cli)',
      requestedModel: 'kimi-coding/k2p5',
      servedModel: 'kimi-coding/kimi-for-coding',
      usage: { input: 12, cacheRead: 100, output: 34 },
      passed: [{ reason: 'admits listed clients only' }],
      attempts: [
        {
          url: 'https://api.kimi.com/coding/v1/messages',
          headers: { 'x-api-key': '••••', 'content-type': 'application/json', 'user-agent': 'OpenClaw-Gateway/1.0' },
        },
      ],
    },
  ])
  expect(report.installed).toBe('checkout')
})

describe('candor bugreport', () => {
  async function run(home: ReturnType<typeof homeFolder>, ...words: readonly string[]) {
    const shell = fakeShell({ home: home.path, env: home.env, clock: manualClock(NOW) })
    const exit = await runCli(['bugreport', ...words], VERBS, shell)
    return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
  }

  test('prints one document, and says on the side what was taken out', async () => {
    const home = homeFolder()
    home.configure(
      '{ models: { providers: { acme: { baseUrl: "https://a.example/v1", api: "openai-completions", apiKey: "sk-0123456789abcdef" } } } }',
    )
    await writeLedger(home, [receipt({ at: NOW })])
    const markdown = await run(home)
    const json = await run(home, '--json', '--calls', '0')
    home.remove()
    expect(markdown.exit).toBe(0)
    expect(markdown.out).toMatch(/^# Candor bug report bug_[0-9a-z]{24}\n/)
    expect(markdown.err).toContain('1 × the name of a provider of your own')
    expect(markdown.err).toContain('Read it before you post it')
    expect(JSON.parse(json.out)).toMatchObject({ schemaVersion: 1, id: expect.stringMatching(/^bug_/), receipts: [] })
  })

  test('--out makes a file for you alone, and never overwrites one', async () => {
    const home = homeFolder()
    const first = await run(home, '--out', 'report.md')
    const file = join(home.path, 'report.md')
    const made = { text: readFileSync(file, 'utf8'), mode: statSync(file).mode & 0o777 }
    writeFileSync(file, 'mine')
    const second = await run(home, '--out', 'report.md')
    const kept = readFileSync(file, 'utf8')
    const nowhere = await run(home, '--out', 'no/such/folder/report.md')
    home.remove()
    expect(first).toMatchObject({ exit: 0, out: `${file}\n` })
    expect(made).toEqual({ text: expect.stringContaining('# Candor bug report'), mode: 0o600 })
    expect(second).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('it stays as it is') })
    expect(kept).toBe('mine')
    expect(nowhere).toMatchObject({ exit: 1, err: expect.stringContaining('ENOENT') })
  })

  test('of a configuration that cannot be used it tells the faults, and nothing that others wrote', async () => {
    const home = homeFolder()
    home.configure('{ gateway: { prot: 8787 } }')
    await writeLedger(home, [receipt({ at: NOW, client: 'somebody/1.0', requestedModel: 'something' })])
    const { out, err } = await run(home, '--json')
    home.remove()
    const { configuration, receipts } = JSON.parse(out)
    expect(configuration.faults).toEqual([{ message: expect.stringContaining('prot'), line: 1 }])
    expect(receipts[0]).toMatchObject({ requestedModel: '(left out)', servedModel: 'kimi-coding/kimi-for-coding' })
    expect(err).toContain('all that clients and providers wrote')
  })
})
