import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { childEnvironment } from '../e2e/harness.ts'
import { headerOf } from '../e2e/providers.ts'
import type { Bench, TurnResult } from './turn.ts'

/** Longest time for one message, in milliseconds. */
const MESSAGE_MS_MAX = 120_000

/**
 * The report this project began with, mended: OpenClaw with a provider at Candor's address and a coding plan behind it that admits only
 * listed clients. A message is answered on the plan, under OpenClaw's own name.
 */
export async function messageOnThePlan({ bin, homes, scene }: Bench): Promise<TurnResult> {
  const home = join(homes, 'openclaw-plan')
  rmSync(home, { recursive: true, force: true })
  const work = join(home, 'work')
  mkdirSync(join(home, '.openclaw'), { recursive: true })
  mkdirSync(work)
  writeFileSync(join(home, '.openclaw', 'openclaw.json'), settings(scene.gateway.port))
  const before = new Set((await scene.gateway.receipts(200)).map(({ id }) => id))
  scene.plan.clear()
  const begun = performance.now()
  const child = Bun.spawn([join(bin, 'openclaw'), 'agent', 'exec', 'Are you on the plan?', '--cwd', work], {
    cwd: work,
    env: childEnvironment(home, { PATH: `${bin}:${process.env['PATH'] ?? ''}` }),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: MESSAGE_MS_MAX,
  })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  const seconds = (performance.now() - begun) / 1000
  const receipts = (await scene.gateway.receipts(200)).filter(({ id }) => !before.has(id))
  const names = scene.plan.requests().map(request => headerOf(request, 'user-agent') ?? '')
  const [receipt] = receipts
  const faults = [
    ...(code === 0 ? [] : [`it ended with ${code}`]),
    ...(out.includes('This is the simulated model kimi-for-coding.') ? [] : ['the answer is not in what it printed']),
    ...(receipts.length === 1 && receipt?.ending === 'complete' ? [] : [`${receipts.length} calls were made`]),
    ...(receipt?.billing === 'plan' && receipt.cost.type === 'plan' ? [] : ['it was not answered on the plan']),
    ...(names.length === 1 && names.every(name => /^OpenAI\/JS /.test(name))
      ? []
      : [`the plan saw ${names.join(', ')}`]),
  ]
  if (faults.length === 0) rmSync(home, { recursive: true, force: true })
  return {
    faults,
    output: Bun.stripANSI(`${out}${err}`),
    userAgent: names[0] ?? '',
    refused: [],
    isRefusal: false,
    seconds,
  }
}

/** As in the report, but for the address. */
function settings(port: number): string {
  return `{
  models: {
    providers: {
      candor: {
        baseUrl: "http://localhost:${port}/v1",
        apiKey: "any",
        api: "openai-completions",
        models: [{ id: "k2p5", name: "Kimi K2.5 (Code)", contextWindow: 256000 }],
      },
    },
  },
  agents: { defaults: { model: { primary: "candor/k2p5" } } },
}
`
}
