import { afterAll, describe, expect, test } from 'bun:test'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { homeFolder } from './home-folder.ts'

const launcher = fileURLToPath(new URL('../../bin/candor', import.meta.url))
const home = homeFolder()
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  home.remove()
})

/** The started program: what it wrote so far, and its end. */
interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly exit: number | null; readonly out: string; readonly err: string }>
  /** Resolves when the standard error matches; rejects if the program ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>
}

function start(args: readonly string[], env: Record<string, string> = {}, program = launcher): Program {
  const child = spawn('node', [program, ...args], {
    cwd: home.path,
    env: { PATH: process.env['PATH'] ?? '', HOME: home.path, ...home.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let out = ''
  let err = ''
  const ended = new Promise<{ exit: number | null; out: string; err: string }>(resolve => {
    child.on('close', exit => {
      running.delete(child)
      resolve({ exit, out, err })
    })
  })
  child.stdout?.on('data', (bytes: Buffer) => {
    out += bytes.toString()
  })
  child.stderr?.on('data', (bytes: Buffer) => {
    err += bytes.toString()
  })
  return {
    child,
    ended,
    said: pattern =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(err)
          if (match !== null) resolve(match)
        }
        child.stderr?.on('data', look)
        child.on('close', () => reject(new Error(`the program ended: ${err}`)))
        look()
      }),
  }
}

/** What another program writes. */
async function output(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString()
  })
  await new Promise(resolve => child.on('close', resolve))
  return text
}

const run = (args: readonly string[], env?: Record<string, string>) => start(args, env).ended

describe('the program', () => {
  test('Ctrl-C leaves nothing of a folder that was made for the time of the command', async () => {
    const silent = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Promise<Response>(() => {}) })
    const temporary = join(home.path, 'temporary')
    mkdirSync(temporary)
    const config = join(home.path, 'silent.json5')
    const entry = `{ baseUrl: "${silent.url.origin}/v1", api: "openai-completions", apiKey: "x", models: [{ id: "m" }] }`
    writeFileSync(config, `{ models: { providers: { silent: ${entry} } } }`)
    const doctor = start(['doctor', 'silent', '--config', config], { TMPDIR: temporary })
    await doctor.said(/Asking silent\/m/)
    expect(readdirSync(temporary)).toHaveLength(1)
    doctor.child.kill('SIGINT')
    expect((await doctor.ended).exit).toBe(130)
    expect(readdirSync(temporary)).toEqual([])
    await silent.stop(true)
  })

  test.each([
    [[], 0],
    [['version'], 0],
    [['chat', '--help'], 0],
    [['servee'], 2],
    [['models', '--nonsense'], 2],
    [['chat', 'openai/gpt-4.1'], 2],
    [['models'], 1],
    [['trace'], 69],
    [['models', '--url', 'http://127.0.0.1:1'], 69],
  ] as const)('%j ends with %p', async (args, exit) => {
    const got = await run(args)
    expect(got.exit).toBe(exit)
    // Data and messages never mix: what went well says nothing on the standard error, what did not prints no data.
    expect(exit === 0 ? got.err : got.out).toBe('')
  })

  test('writes no colours to a pipe, and does where they are forced', async () => {
    const plain = await run(['serve', '--port', 'x'])
    const forced = await run(['serve', '--port', 'x'], { FORCE_COLOR: '1' })
    expect(plain.err).toStartWith('error: --port')
    expect(forced.err).toStartWith('\x1b[31merror:\x1b[39m --port')
    expect((await run(['serve', '--port', 'x'], { FORCE_COLOR: '1', NO_COLOR: '1' })).err).toBe(plain.err)
  })

  test('refuses to run without its guard rails, and says how to start it', async () => {
    const { exit, err } = await run(['version'], { BUN_CONFIG_HTTP_IDLE_TIMEOUT: '300' })
    expect(exit).toBe(2)
    expect(err).toContain('BUN_CONFIG_HTTP_IDLE_TIMEOUT is "300"')
    expect(err).toContain('start it with "candor"')
  })

  test('config check prints each fault with its line and a caret', async () => {
    const file = join(home.path, 'bad.json5')
    writeFileSync(file, '{\n  gateway: { port: "x" },\n}\n', { mode: 0o600 })
    const { exit, out, err } = await run(['config', 'check', '--config', file])
    expect(exit).toBe(2)
    expect(out).toContain(`at ${file}:2:20`)
    expect(out).toContain('^^^')
    expect(err).toContain('1 fault in')
    const json = JSON.parse((await run(['config', 'check', '--config', file, '--json'])).out)
    expect(json).toMatchObject({ schemaVersion: 1, ok: false, faults: [{ file, line: 2, column: 20 }] })
  })

  test('config set keeps comments, and refuses what would not be valid', async () => {
    const file = join(home.path, 'set.json5')
    writeFileSync(file, '{\n  // mine\n  gateway: { port: 9000 },\n}\n', { mode: 0o600 })
    expect((await run(['config', 'set', 'gateway.port', '9001', '--config', file])).exit).toBe(0)
    expect((await run(['config', 'set', 'gateway.prot', '1', '--config', file])).exit).toBe(2)
    expect(readFileSync(file, 'utf8')).toBe('{\n  // mine\n  gateway: { port: 9001 },\n}\n')
    expect((await run(['config', 'set', 'bodies.keepDays', '7', '--config', file])).exit).toBe(0)
    const wrong = await run(['config', 'set', 'bodies.keepDays', 'week', '--config', file])
    expect(wrong.err).toContain('bodies.keepDays must be a whole number from 0 to 365')
    expect(wrong.err).toContain('why: Nothing was written')
    expect(readFileSync(file, 'utf8')).toBe('{\n  // mine\n  gateway: { port: 9001 },\n  bodies: { keepDays: 7 },\n}\n')
    const { out } = await run(['config', 'show', '--origin', '--config', file])
    expect(out).toMatch(/gateway\.port = 9001 +# set\.json5:3/)
    expect(JSON.parse((await run(['config', 'schema'])).out)).toMatchObject({ type: 'object' })
  })
})

/** What is told when it listens: in a pipe every line of the log is a JSON object, and this is one of them. */
async function startOf(started: Program): Promise<Record<string, string>> {
  const [line] = await started.said(/^.*"message":"Candor [^"]+ is listening.*$/m)
  return JSON.parse(line)
}

describe('candor demo', () => {
  test('serves, answers its own curl line, and ends in order', async () => {
    const demo = start(['demo', '--port', '0'])
    const { url, try: line = '', dashboard } = await startOf(demo)
    expect(dashboard).toBe(url)
    const answer = await output('sh', ['-c', line])
    expect(JSON.parse(answer).choices[0].message.content).toContain('You said: "Hello".')
    await demo.said(/"served":"kimi-coding\/kimi-for-coding".*"ending":"complete"/)
    const chat = await run(['chat', 'kimi-coding/k2p5', 'Hi'])
    expect(chat.out).toContain('You said: "Hi".')
    demo.child.kill('SIGTERM')
    const { exit, out, err } = await demo.ended
    expect({ exit, out }).toEqual({ exit: 0, out: '' })
    expect(
      err
        .trim()
        .split('\n')
        .map(text => JSON.parse(text).message)
        .slice(-2),
    ).toEqual(['Stopping. No call is running.', 'Stopped.'])
  })

  test('is what an empty serve becomes, if asked to', async () => {
    const serve = start(['serve', '--port', '0', '--demo-when-empty', '--json'])
    await serve.said(/The providers are simulated/)
    serve.child.kill('SIGINT')
    const { exit, out } = await serve.ended
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, simulated: true })
  })

  test.each([
    { what: 'a key is missing', providers: { moonshot: { apiKey: `\${NOT_THERE}` } }, why: /moonshot: .*NOT_THERE/ },
    { what: 'none is named', providers: {}, why: /names no provider/ },
  ])('leaves the configuration in force where no provider of it can be used: $what', async ({ providers, why }) => {
    const file = join(home.path, 'keyless.json5')
    const config = { gateway: { port: 0, keys: [`\${DOOR_KEY}`] }, models: { providers } }
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
    const serve = start(['serve', '--demo-when-empty', '--config', file, '--json'], {
      DOOR_KEY: 'cnd_the-key-of-this-door',
    })
    const { url = '', try: line = '' } = await startOf(serve)
    const answer = await fetch(`${url}/v1/models`)
    expect([answer.status, new URL(url).port === '8787']).toEqual([401, false])
    const curl = await output('sh', ['-c', line], { CANDOR_KEY: 'cnd_the-key-of-this-door' })
    expect(JSON.parse(curl).choices[0].message.content).toContain('You said: "Hello".')
    serve.child.kill('SIGINT')
    const { exit, out, err } = await serve.ended
    expect(exit).toBe(0)
    const lines = err
      .trim()
      .split('\n')
      .map(text => JSON.parse(text))
    expect(lines[0]).toMatchObject({ level: 'info', config: { file }, simulated: true, signIn: 'candor dashboard' })
    expect(lines.find(each => each.level === 'warn' && why.test(each.message))).toBeDefined()
    expect(JSON.parse(out)).toMatchObject({ simulated: true, config: { file } })
  })

  test('leaves the keys of real providers alone', async () => {
    const demo = start(['demo', '--port', '0', '--json'], { DEEPSEEK_API_KEY: 'sk-real', KIMI_API_KEY: 'sk-kimi-real' })
    await startOf(demo)
    demo.child.kill('SIGINT')
    const { out } = await demo.ended
    const providers = JSON.parse(out).providers.map((each: { id: string }) => each.id)
    expect(providers.sort()).toEqual(['anthropic', 'google', 'kimi-coding', 'moonshot', 'openai'])
  })
})

describe('candor serve', () => {
  test('a second signal stops it at once', async () => {
    const serve = start(['demo', '--port', '0'])
    const { url = '' } = await startOf(serve)
    const body = { model: 'openai/gpt-4.1', stream: true, messages: [{ role: 'user', content: 'Hi [[pace 60000]]' }] }
    const leave = new AbortController()
    const call = fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: leave.signal,
    }).catch(() => undefined)
    await untilInFlight(url)
    serve.child.kill('SIGINT')
    await serve.said(/1 call is still running; waiting for them/)
    serve.child.kill('SIGINT')
    expect((await serve.ended).exit).toBe(130)
    leave.abort()
    await call
  })

  test('a port that is taken ends with 69', async () => {
    const first = start(['demo', '--port', '0'])
    const { port } = new URL((await startOf(first)).url ?? '')
    const second = start(['serve', '--port', port], { CANDOR_HOME: join(home.path, 'other') })
    const listens = await second.said(/is listening/).then(
      () => true,
      () => false,
    )
    second.child.kill('SIGTERM')
    first.child.kill('SIGTERM')
    await first.ended
    const { exit, err } = await second.ended
    expect(listens).toBe(false)
    expect(exit).toBe(69)
    expect(err).toContain(`127.0.0.1:${port} is taken by another program.`)
  })

  test('an open address without keys is refused', async () => {
    const { exit, err } = await run(['serve', '--host', '0.0.0.0', '--port', '0'])
    expect(exit).toBe(2)
    expect(err).toContain('gateway.keys')
  })
})

describe('candor sim', () => {
  test('prints addresses and a configuration, and misbehaves as told', async () => {
    const sim = start(['sim', 'openai', '--fault', 'status=503', '--json'])
    await sim.said(/^/)
    const origin = await firstDocument(sim)
    const response = await fetch(`${origin}/v1/chat/completions`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(503)
    await sim.said(/openai: POST \/v1\/chat\/completions/)
    sim.child.kill('SIGINT')
    expect((await sim.ended).exit).toBe(0)
  })

  test.each([
    [['nothing'], 'No simulated provider'],
    [['openai', '--fault', 'explode'], 'no fault is called "explode"'],
    [['openai', '--key', 'x=wonderful'], '--key wants KEY=STATE'],
  ])('%j is wrong usage', async (args, words) => {
    const { exit, err } = await run(['sim', ...args])
    expect(exit).toBe(2)
    expect(err).toContain(words)
  })
})

async function untilInFlight(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/candor/status`)
    const { inFlight } = (await response.json()) as { inFlight: number }
    if (inFlight > 0) return
  }
}

function firstDocument({ child }: Program): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      if (text.endsWith('\n')) resolve(JSON.parse(text).simulated[0].origin)
    })
  })
}
