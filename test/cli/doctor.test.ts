import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { openGateway } from '../../src/app/gateway.ts'
import { problem } from '../../src/canon/problem.ts'
import { doctor as verb } from '../../src/cli/commands/doctor.ts'
import { appOptions, opened } from '../../src/cli/gateway-access.ts'
import { runCli } from '../../src/cli/run.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { deskOf, fakeShell } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'

const kimi = await startSim({ kind: 'kimi-coding' })
const moonshot = await startSim({ kind: 'moonshot' })
const home = homeFolder()
afterAll(async () => {
  await Promise.all([kimi.stop(), moonshot.stop()])
  home.remove()
})
beforeEach(() => {
  kimi.clear()
  moonshot.clear()
})

const RAILS = { CANDOR_LAUNCHED: '1', BUN_CONFIG_MAX_HTTP_REQUESTS: '16384', BUN_CONFIG_HTTP_IDLE_TIMEOUT: '0' }

/** The configuration most users of the plan have, pointed at the simulators. */
const CONFIG = `{
  models: { providers: {
    "kimi-coding": {
      baseUrl: "${kimi.origin}/coding/v1", apiKey: "\${KIMI_API_KEY}", api: "openai-completions",
      models: [{ id: "k2p5", name: "Kimi K2.5 (Code)", contextWindow: 256000 }],
    },
    moonshot: { baseUrl: "${moonshot.origin}/v1", apiKey: "\${MOONSHOT_API_KEY}", api: "openai-completions" },
  } },
  gateway: { port: 0 },
}`

interface Finding {
  readonly id: string
  readonly severity: string
  readonly message: string
  readonly path?: string
  readonly line?: number
  readonly column?: number
  readonly fixHint?: string
}

async function doctor(args: readonly string[], env: Record<string, string> = {}) {
  const shell = fakeShell({ home: home.path, env: { ...RAILS, ...home.env, ...env } })
  const exit = await runCli(['doctor', '--json', ...args], [verb], shell)
  const { schemaVersion, findings = [] } = JSON.parse(shell.stdout.text())
  return { exit, schemaVersion, findings: findings as readonly Finding[], err: shell.stderr.text() }
}

const probeOf = (findings: readonly Finding[]) => findings.find(each => each.id.includes('.probe'))

describe('candor doctor kimi-coding', () => {
  test.each([
    ['sk-kimi-sim-valid', undefined, 0],
    ['sk-kimi-sim-expired', 'invalid_key', 1],
    ['sk-kimi-sim-invalid', 'invalid_key', 1],
    ['sk-1234567890abcdef', 'wrong_service_key', 1],
    ['sk-kimi-sim-weekly-used-up', 'plan_exhausted', 1],
    ['sk-kimi-sim-five-hour-used-up', 'plan_exhausted', 1],
    ['sk-kimi-sim-monthly-used-up', 'plan_exhausted', 1],
    ['sk-kimi-sim-lapsed', 'plan_expired', 1],
    ['sk-kimi-sim-overloaded', 'overloaded', 0],
  ])('with the key %s finds %p', async (key, code, exit) => {
    home.configure(CONFIG)
    const got = await doctor(['kimi-coding'], { KIMI_API_KEY: key })
    const probe = probeOf(got.findings)
    expect(got).toMatchObject({ exit, schemaVersion: 1 })
    expect(probe?.id).toBe(`provider.kimi-coding.probe${code === undefined ? '' : `.${code}`}`)
    expect(probe?.severity).toBe(code === undefined ? 'ok' : exit === 1 ? 'error' : 'warning')
    if (code !== undefined) expect(probe?.fixHint).toBeTruthy()
    expect(JSON.stringify(got)).not.toContain(key)
  })

  test.each([
    ['kimi-coding/k3', 'sk-kimi-sim-low-tier', 'model_not_in_plan'],
    ['kimi-coding/kimi-for-codin', 'sk-kimi-sim-valid', 'model_not_found'],
  ])('asked for %s with %s finds %s', async (ref, key, code) => {
    home.configure(CONFIG)
    const { exit, findings } = await doctor([ref], { KIMI_API_KEY: key })
    expect(exit).toBe(1)
    expect(probeOf(findings)?.id).toBe(`provider.kimi-coding.probe.${code}`)
  })

  test("asks once, in Candor's own name, never for a list of models, and says that it costs a call", async () => {
    home.configure(CONFIG)
    const { err } = await doctor(['kimi-coding'], { KIMI_API_KEY: 'sk-kimi-sim-valid' })
    const asked = kimi.requests().map(({ method, path, headers }) => {
      const agent = headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? ''
      return `${method} ${path} ${agent.split('/')[0]}`
    })
    expect(asked).toEqual(['POST /coding/v1/messages candor'])
    expect(moonshot.requests()).toEqual([])
    expect(err).toContain('this costs one short call')
  })

  test('writes nothing', async () => {
    home.configure(CONFIG)
    await doctor(['kimi-coding'], { KIMI_API_KEY: 'sk-kimi-sim-valid' })
    expect(existsSync(home.dataDir)).toBe(false)
    expect(readdirSync(home.path)).toEqual(['config'])
  })

  test("finds a sibling's key by its beginning, before any call", async () => {
    home.configure(CONFIG)
    const { findings } = await doctor([], { MOONSHOT_API_KEY: 'sk-kimi-abcdefghijkl', KIMI_API_KEY: 'sk-kimi-x' })
    expect(findings.find(each => each.id === 'provider.moonshot.key-prefix')).toMatchObject({
      severity: 'warning',
      line: 7,
    })
    expect([...kimi.requests(), ...moonshot.requests()]).toEqual([])
  })

  test('needs no key of the gateway', async () => {
    home.configure(CONFIG.replace('port: 0', 'port: 0, keys: ["cnd_0123456789abcdefgh"]'))
    const { exit } = await doctor(['kimi-coding'], { KIMI_API_KEY: 'sk-kimi-sim-valid' })
    expect(exit).toBe(0)
  })
})

describe('candor doctor', () => {
  test('without a name asks nobody, and says so', async () => {
    home.configure(CONFIG)
    const shell = fakeShell({ home: home.path, env: { ...RAILS, ...home.env, KIMI_API_KEY: 'sk-kimi-x' } })
    const exit = await runCli(['doctor'], [verb], shell)
    expect(exit).toBe(1)
    expect(shell.stdout.text()).toContain('No provider was asked')
    expect(kimi.requests()).toEqual([])
  })

  test('a key that is missing among several, and a target that stands twice, are told', async () => {
    home.configure(`{
      models: { providers: { openai: { apiKeys: [
        { name: "plan", key: "sk-plan-0123456789", billing: "plan" },
        { name: "paid", key: "sk-paid-0123456789", billing: "metered" },
        { name: "gone", key: "\${NO_SUCH_KEY}" },
      ] } } },
      routes: { twice: { targets: ["openai/gpt-4.1", { model: "openai/gpt-4.1", priority: 1 }], fallbackOn: ["overloaded"] } },
      gateway: { port: 0 },
    }`)
    const { findings } = await doctor([])
    const told = (severity: string) => findings.filter(each => each.severity === severity).map(each => each.message)
    expect(told('ok')).toContainEqual(expect.stringMatching(/^OpenAI has 2 keys from .* \(plan, metered\)\.$/))
    expect(told('warning')).toContain(
      'One of OpenAI\'s keys cannot be used: key "gone": the environment variable NO_SUCH_KEY is not set.',
    )
    expect(told('warning')).toContain(
      'The route "twice" names "openai/gpt-4.1" twice: it counts where it stands first.',
    )
  })

  test('--probe asks every provider that can be used, and one for a stream', async () => {
    home.configure(CONFIG)
    const { findings } = await doctor(['--probe'], { KIMI_API_KEY: 'sk-kimi-sim-valid', MOONSHOT_API_KEY: 'sk-sim-x' })
    expect(findings.filter(each => each.id.endsWith('.probe')).map(each => each.severity)).toEqual(['ok', 'ok'])
    expect([kimi.requests().length, moonshot.requests().length]).toEqual([2, 1])
    expect(findings.find(each => each.id.startsWith('stream'))?.severity).toMatch(/ok|info/)
  })

  test('a configuration with faults ends with 2 and tells the place', async () => {
    const file = home.configure('{\n  gateway: { prot: 1 },\n}')
    const { exit, findings } = await doctor([])
    expect(exit).toBe(2)
    expect(findings.find(each => each.id === 'config.fault')).toMatchObject({ path: file, line: 2, column: 14 })
  })

  test('a provider without a key is an error where it is configured', async () => {
    home.configure(CONFIG)
    const { exit, findings } = await doctor(['moonshot'])
    expect(exit).toBe(1)
    expect(findings.find(each => each.id === 'provider.moonshot')).toMatchObject({ severity: 'error', line: 7 })
  })

  test('an unknown provider is wrong usage', async () => {
    home.configure('{}')
    const shell = fakeShell({ home: home.path, env: { ...RAILS, ...home.env } })
    expect(await runCli(['doctor', 'kimi-codin'], [verb], shell)).toBe(2)
    expect(shell.stderr.text()).toContain('Did you mean: candor doctor kimi-coding')
  })

  test('a port that is taken is told', async () => {
    const server = createServer(socket => socket.end('x'))
    const port: number = await new Promise(resolve => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    home.configure(`{ gateway: { port: ${port} } }`)
    const { exit, findings } = await doctor([])
    server.close()
    expect(exit).toBe(1)
    expect(findings.find(each => each.id === 'gateway.port')?.message).toStartWith(
      `Port ${port} is taken by another program`,
    )
  })

  test.each([
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0', 'environment.tls', 'error'],
    ['SSLKEYLOGFILE', '/x/keys', 'environment.runtime', 'warning'],
    ['HTTPS_PROXY', 'http://user:secret@proxy:3128', 'environment.proxy', 'info'],
    ['BUN_CONFIG_HTTP_IDLE_TIMEOUT', '30', 'runtime.guard-rails', 'error'],
  ])('%s=%s is found', async (name, value, id, severity) => {
    home.configure('{ gateway: { port: 0 } }')
    const { findings } = await doctor([], { [name]: value })
    expect(findings.find(each => each.id === id)).toMatchObject({ severity })
    expect(JSON.stringify(findings)).not.toContain('secret')
  })
})

test('beside a gateway that runs it tells what only that one knows', async () => {
  const own = homeFolder()
  const models = { providers: { moonshot: { baseUrl: `${moonshot.origin}/v1`, apiKey: moonshot.key } } }
  own.configure(JSON.stringify({ gateway: { port: 0 }, bodies: { keepDays: 7 }, models }, null, 2))
  const shell = () => fakeShell({ home: own.path, env: { ...RAILS, ...own.env } })
  const gateway = await opened(openGateway(appOptions(deskOf(shell()))))
  try {
    const dead = { provider: 'moonshot', credential: 'default', model: 'kimi-k2' }
    for (let i = 0; i < 20; i += 1)
      gateway
        .house()
        .health.enter(dead)
        .judged({ type: 'failed', problem: problem('unreachable', 'Nobody listens.') })
    const asked = await gateway.handle(
      new Request(`${gateway.url}/candor/quotas?refresh=true`, {
        headers: { host: new URL(gateway.url).host, authorization: `Bearer ${gateway.adminToken?.reveal()}` },
      }),
    )
    expect(asked.status).toBe(200)
    const beside = shell()
    await runCli(['doctor', '--json'], [verb], beside)
    const { findings } = JSON.parse(beside.stdout.text()) as { findings: readonly Finding[] }
    const found = (id: string) => findings.find(each => each.id === id)
    expect(found('quota')).toMatchObject({ severity: 'ok', message: 'Enough is left, as moonshot told it.' })
    expect(found('provider.moonshot.health')?.message).toContain('Nobody listens (unreachable)')
    expect(found('gateway')?.message).toContain(`The gateway runs at ${gateway.url}`)
    expect(found('bodies.kept')?.message).toContain('7 days')
  } finally {
    await gateway.close()
    own.remove()
  }
})
