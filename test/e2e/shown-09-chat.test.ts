import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Sim } from '../../src/sim/start-sim.ts'
import { removeHome, runCandor, startGateway, temporaryHome } from './harness.ts'
import { entryOf, refOf, simulate } from './providers.ts'
import { openTerminal } from './terminal.ts'

const GOOD = 'sk-kimi-0123456789abcdefghijklmnop'

let kimi: Sim
let openai: Sim
const homes: string[] = []

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  openai = await simulate('openai')
})
afterEach(() => {
  kimi.setKey(GOOD, 'valid')
  kimi.clear()
  openai.clear()
})
afterAll(async () => {
  await Promise.all([kimi.stop(), openai.stop()])
  for (const home of homes) removeHome(home)
})

const config = () => ({
  models: { default: refOf(openai), providers: { 'kimi-coding': entryOf(kimi, GOOD), openai: entryOf(openai) } },
})

/** A home whose configuration stands where it is looked for. */
function homeWith(): string {
  const home = temporaryHome()
  homes.push(home)
  const file = join(home, 'config', 'candor', 'candor.json5')
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, JSON.stringify(config()), { mode: 0o600 })
  return home
}

/** The steps of the bug report: the model is chosen, a message is sent. Then the key goes bad. */
async function talk(home: string): Promise<void> {
  const screen = openTerminal(['chat'], home)
  await screen.shows(/> $/)
  screen.type('/model kimi-coding/k2p5\r')
  await screen.shows(/kimi-coding\/k2p5[\s\S]*> $/)
  screen.wipe()
  screen.type('hello there\r')
  await screen.shows(/This is the simulated model kimi-for-coding\. You said: "hello there"\.[\s\S]*> $/)
  expect(openai.requests()).toEqual([])

  kimi.setKey(GOOD, 'invalid')
  screen.wipe()
  screen.type('and again\r')
  await screen.shows(/does not accept the key[\s\S]*> $/)
  expect(screen.text()).toContain('fix:')
  expect(screen.text()).not.toContain('simulated model')

  screen.wipe()
  screen.type('/model\r')
  await screen.shows(/Esc leaves/)
  screen.type('\x1b')
  await screen.shows(/Model: kimi-coding\/k2p5\.[\s\S]*> $/)
  screen.wipe()
  screen.type('/why\r')
  await screen.shows(/kimi-coding[\s\S]*> $/)
  expect(screen.text()).toMatch(/key/)

  kimi.setKey(GOOD, 'valid')
  screen.wipe()
  screen.type('once more\r')
  await screen.shows(/You said: "once more"\.[\s\S]*> $/)
  screen.type('/exit\r')
  expect(await screen.exited).toBe(0)
  expect(openai.requests()).toEqual([])
  expect(kimi.requests().every(request => request.path === '/coding/v1/messages')).toBe(true)
}

describe('candor chat at a terminal', () => {
  test('without a gateway', async () => {
    await talk(homeWith())
  }, 60_000)

  test('through the gateway that runs', async () => {
    const home = homeWith()
    const gateway = await startGateway({ home, config: config() })
    await talk(home)
    const receipts = await gateway.receipts()
    expect(receipts.map(({ ending, requestedModel }) => [ending, requestedModel])).toEqual([
      ['complete', 'kimi-coding/k2p5'],
      ['failed', 'kimi-coding/k2p5'],
      ['complete', 'kimi-coding/k2p5'],
    ])
    await gateway.stop()
  }, 60_000)
})

describe('candor chat in a pipe', () => {
  async function ask(...args: readonly string[]) {
    const run = runCandor(['chat', ...args], { home: homeWith() })
    run.write('hello\n')
    run.endInput()
    const { code } = await run.exited
    return { code, stdout: run.stdout(), stderr: run.stderr() }
  }

  test('the answer is on the standard output alone', async () => {
    const said = await ask('kimi-coding/k2p5')
    expect(said.stdout).toBe('This is the simulated model kimi-for-coding. You said: "hello".\n')
    expect(said.code).toBe(0)
  })

  test('a bad key: the error in words on the standard error, nothing else answers, exit code 1', async () => {
    kimi.setKey(GOOD, 'expired')
    const said = await ask('kimi-coding/k2p5')
    expect(said.stdout).toBe('')
    expect(said.stderr).toContain('Kimi Code does not accept the key')
    expect(said.stderr).toContain('fix:')
    expect(said.code).toBe(1)
    expect(openai.requests()).toEqual([])
  })

  test('as JSON: the model asked for, the one that answered, and the receipt', async () => {
    const said = await ask('kimi-coding/k2p5', '--json')
    expect(JSON.parse(said.stdout)).toMatchObject({
      outcome: 'whole',
      requestedModel: 'kimi-coding/k2p5',
      model: 'kimi-coding/kimi-for-coding',
      receipt: { billing: 'plan', ending: 'complete' },
    })
  })
})
