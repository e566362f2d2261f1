import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { newId } from '../../src/base/ids.ts'
import { problem } from '../../src/canon/problem.ts'
import { openLedger } from '../../src/ledger/open.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, removeHome, startGateway, temporaryHome } from '../e2e/harness.ts'
import { configOf, simulate } from '../e2e/providers.ts'
import { receipt } from '../ledger/receipts.ts'
import { MARKUP } from './scene.ts'

const HOUR_MS = 3_600_000

/** A gateway whose ledger has calls already, with one simulated provider. */
export interface SeededGateway {
  readonly gateway: Gateway
  readonly openai: Sim
  /** Makes a call and waits until its receipt is closed; gives its id. */
  call(model: string, client?: string): Promise<string>
  stop(): Promise<void>
}

/** Starts a gateway on a ledger with these receipts. */
export async function startSeeded(receipts: readonly Receipt[]): Promise<SeededGateway> {
  const home = temporaryHome()
  await write(home, receipts)
  const openai = await simulate('openai')
  const gateway = await startGateway({ home, config: configOf([openai]) })
  return {
    gateway,
    openai,
    async call(model, client = 'seeded/1.0') {
      const response = await gateway.fetch('/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': client },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
      })
      await response.text()
      return response.headers.get('candor-request-id') ?? ''
    },
    async stop() {
      await gateway.stop()
      await openai.stop()
      removeHome(home)
    },
  }
}

/** Into the data folder below a home, as a gateway would have. */
async function write(home: string, receipts: readonly Receipt[]): Promise<void> {
  const opened = openLedger({ folder: join(home, 'data'), clock: systemClock })
  if (!opened.ok) throw new Error(opened.refusal.what)
  await Promise.all(receipts.map(each => opened.store.settle(each)))
  await opened.store.close()
}

/** A receipt that is so many hours old. */
export function hoursOld(hours: number, overrides: Partial<Receipt> = {}): Receipt {
  const at = Date.now() - hours * HOUR_MS
  return receipt({ id: newId('req', at), at, ...overrides })
}

/** Two days of calls, all alike but for some of each kind that filters ask for. The oldest comes first. */
export function someCalls(calls: number): readonly Receipt[] {
  return Array.from({ length: calls }, (_, i) =>
    hoursOld(48 - (i * 47) / calls, {
      client: i % 2 === 0 ? 'claude-cli/1.0.83 (external)' : 'OpenAI/Python 1.99.0',
      ...(i % 10 === 3 ? FAILED : {}),
      ...(i % 20 === 5 ? FELL_BACK : {}),
    }),
  )
}

const FAILED: Partial<Receipt> = {
  ending: 'failed',
  status: 429,
  problem: problem('rate_limited', 'The provider asks to wait.'),
  cost: { type: 'none' },
}

const FELL_BACK: Partial<Receipt> = {
  route: 'coder',
  requestedModel: 'coder',
  servedModel: 'openai/gpt-9',
  billing: 'metered',
  cost: { type: 'metered', nanoUsd: 4_200_000, source: 'genai-prices 0.1.8' },
  fallback: { from: 'kimi-coding/kimi-for-coding', reason: 'overloaded' },
}

/** A call with three attempts: refused, asked again after a while, and answered by another target. */
export function eventfulCall(): Receipt {
  const [usual] = receipt().attempts
  if (usual === undefined) throw new Error('a usual receipt has an attempt')
  const overloaded = problem('overloaded', 'The provider has no room at the moment.', {
    upstream: { status: 529, message: 'Overloaded, please retry' },
  })
  return hoursOld(0.5, {
    ...FELL_BACK,
    firstByteMs: 3_400,
    totalMs: 6_000,
    quotaWarning: { provider: 'kimi-coding', window: 'weekly', remainingPercent: 4.5 },
    key: { id: 'key_a', name: 'ann' },
    charged: { nanoUsd: 4_200_000, tokens: 146, estimated: false },
    attempts: [
      { ...usual, startedMs: 2, firstByteMs: 400, endedMs: 410, status: 529, problem: overloaded },
      {
        ...usual,
        because: 'retry',
        waitedMs: 1_000,
        startedMs: 1_410,
        firstByteMs: 1_800,
        endedMs: 1_810,
        status: 529,
        problem: overloaded,
      },
      {
        ...usual,
        provider: 'openai',
        model: 'gpt-9',
        because: 'fallback',
        billing: 'metered',
        startedMs: 1_820,
        firstByteMs: 3_400,
        endedMs: 6_000,
      },
    ],
  })
}

/** A call in which everything that a client or a provider can write is an attack. */
export function hostileCall(): Receipt {
  const [usual] = receipt().attempts
  if (usual === undefined) throw new Error('a usual receipt has an attempt')
  const words = problem('upstream_bad_request', MARKUP, {
    why: MARKUP,
    fix: [MARKUP],
    upstream: { status: 400, message: MARKUP },
  })
  return hoursOld(0.25, {
    client: MARKUP,
    requestedModel: MARKUP,
    servedModel: `kimi-coding/${MARKUP}`,
    reportedModel: MARKUP,
    route: MARKUP,
    key: { id: 'key_x', name: MARKUP },
    stopReason: MARKUP,
    ending: 'failed',
    status: 400,
    problem: words,
    attempts: [
      {
        ...usual,
        model: MARKUP,
        credential: MARKUP,
        url: `https://api.example/${MARKUP}`,
        identity: { userAgent: MARKUP, source: 'client' },
        headers: { 'x-hostile': MARKUP, [MARKUP]: 'x' },
        status: 400,
        problem: words,
      },
    ],
    passed: [{ target: MARKUP, reason: MARKUP }],
    losses: [{ parameter: MARKUP, path: MARKUP, kind: 'hint', reason: MARKUP }],
    assumptions: [{ path: MARKUP, value: MARKUP, reason: MARKUP }],
    replyLosses: [MARKUP],
    cost: { type: 'unknown', reason: MARKUP },
    usage: { raw: { [MARKUP]: MARKUP } },
  })
}
