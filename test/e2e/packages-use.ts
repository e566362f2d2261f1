import { expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import type { Receipt } from '../../src/ledger/receipt.ts'
import { SIM_KINDS } from '../../src/sim/kinds.ts'
import { type Exit, runLine } from './harness.ts'

/** Where and how an installed Candor is started. */
export interface Place {
  /** The command without its arguments. */
  readonly line: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** What a command said, and how it ended. */
export interface Told {
  readonly exit: Exit
  readonly text: string
}

/** Runs one command to its end. */
export async function tell(place: Place, ...args: readonly string[]): Promise<Told> {
  const program = runLine([...place.line, ...args], place)
  program.endInput()
  const exit = await program.exited
  return { exit, text: program.stdout() + program.stderr() }
}

/** Goes through what a person does in the first minutes, and expects all of it to work: everything Candor reads at run time is read here. */
export async function expectAllToWork(place: Place): Promise<void> {
  const version = await tell(place, 'version')
  expect(version.text).toContain(`candor ${manifest.version}\n`)
  expect(version.exit.code).toBe(0)
  const gateway = runLine([...place.line, 'demo', '--port', '0', '--json'], place)
  const [, url = ''] = await gateway.said(/"url":"(http:[^"]+)"/)
  try {
    await expectCalls(url)
    await expectPages(url)
    await expectCommands(place)
    expectGuardRails(place)
  } finally {
    gateway.signal('SIGTERM')
  }
  expect(await gateway.exited).toEqual({ code: 0, signal: null })
  expect(gateway.stdout() + gateway.stderr()).not.toContain('evil')
}

/** An answer, with a price of the price list's. */
async function expectCalls(url: string): Promise<void> {
  const { data } = await ask<{ readonly data: readonly { readonly id: string }[] }>(`${url}/v1/models`)
  expect(data.length).toBeGreaterThan(50)
  const body = JSON.stringify({
    model: `openai/${SIM_KINDS.openai.model}`,
    messages: [{ role: 'user', content: 'Hello' }],
  })
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(await answer.text()).toContain('This is the simulated model')
  const [receipt] = (await ask<{ readonly data: readonly Receipt[] }>(`${url}/candor/receipts`)).data
  expect(receipt?.cost).toMatchObject({ source: expect.stringMatching(/^genai-prices \d/) })
}

/** The dashboard with each of its files, and the page of problems. */
async function expectPages(url: string): Promise<void> {
  const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text()
  const assets = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(match => match[1] ?? '')
  expect(assets.map(path => path.slice(path.lastIndexOf('.'))).sort()).toEqual(['.css', '.js', '.svg'])
  for (const path of assets) {
    const asset = await fetch(url + path)
    expect([path, asset.status, (await asset.text()).length > 100]).toEqual([path, 200, true])
  }
  expect(await (await fetch(`${url}/candor/problems`)).text()).toStartWith('# Problems')
}

/** Commands that ask the gateway that runs. */
async function expectCommands(place: Place): Promise<void> {
  expect((await tell(place, 'chat', 'Hello there')).text).toContain('You said: "Hello there".')
  const status = await tell(place, 'status', '--json')
  expect(JSON.parse(status.text)).toMatchObject({ ok: true })
  const doctor = await tell(place, 'doctor')
  expect(doctor.text).toContain('with its guard rails set.')
  expect(doctor.text).not.toContain('of-the-repository')
}

/** The runtime reads them when it starts: so they must be in the environment the process was made with. */
function expectGuardRails({ env }: Place): void {
  if (process.platform !== 'linux') return
  const note = JSON.parse(readFileSync(join(env['HOME'] ?? '', '.local/share/candor/gateway.json'), 'utf8'))
  const made = readFileSync(`/proc/${note.pid}/environ`, 'utf8').split('\0')
  expect(made).toContain('BUN_CONFIG_MAX_HTTP_REQUESTS=16384')
  expect(made).toContain('BUN_CONFIG_HTTP_IDLE_TIMEOUT=0')
}

async function ask<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T
}
