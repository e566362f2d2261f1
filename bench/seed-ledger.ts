import { newId } from '../src/base/ids.ts'
import { problem } from '../src/canon/problem.ts'
import { ledgerPath, openLedgerFile } from '../src/ledger/ledger-file.ts'
import type { Receipt } from '../src/ledger/receipt.ts'
import { PUT_CALL, rowOf } from '../src/ledger/row.ts'
import { receipt } from '../test/ledger/receipts.ts'

/** What the calls of a ledger for measuring are like: a team's, with keys, programs, lanes and problems. The first of each list come most often. */
const PROVIDERS = [
  { provider: 'kimi-coding', billing: 'plan', models: ['k3', 'kimi-for-coding'] },
  { provider: 'anthropic', billing: 'metered', models: ['claude-opus-5', 'claude-sonnet-5', 'claude-haiku-5'] },
  { provider: 'openai', billing: 'metered', models: ['gpt-6', 'gpt-6-mini', 'gpt-6-codex'] },
  { provider: 'google', billing: 'metered', models: ['gemini-4-pro', 'gemini-4-flash'] },
  { provider: 'zai-coding', billing: 'plan', models: ['glm-5.2', 'glm-5-turbo'] },
  { provider: 'openrouter', billing: 'metered', models: ['deepseek-v4', 'qwen-4', 'llama-5'] },
  { provider: 'groq', billing: 'free', models: ['gemini-4-flash-free', 'qwen-4-free'] },
  { provider: 'ollama', billing: 'local', models: ['qwen-4-coder', 'gpt-oss', 'gemma-5'] },
] as const
const MODELS = PROVIDERS.flatMap(({ provider, billing, models }) =>
  models.map(model => ({ servedModel: `${provider}/${model}`, billing })),
)
const CLIENTS = [
  'claude-cli/2.4',
  'OpenClaw/3.1',
  'opencode/1.9',
  'codex/4.0',
  'openai-python/3.2',
  'curl/8.5',
  'Zed/1.2',
  'cline/5',
]
const KEYS = Array.from({ length: 12 }, (_, n) => ({
  id: `key_${'abcdefghijkl'[n]}`.padEnd(29, 'x'),
  name: `key ${n}`,
}))
const ROUTES = ['coder', 'quick', 'night']

/** Numbers that look random and are the same every time. */
function numbers(): () => number {
  let state = 88_172_645
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** The first of a list come most often. */
function often<T>(list: readonly T[], random: number): T {
  const found = list[Math.floor(random * random * list.length)]
  if (found === undefined) throw new Error('an empty list')
  return found
}

function someCall(at: number, random: () => number): Receipt {
  const { servedModel, billing } = often(MODELS, random())
  const usage = { input: whole(4_000, random), cacheRead: whole(90_000, random), output: whole(2_000, random) }
  const nanoUsd = usage.input * 3_000 + usage.cacheRead * 300 + usage.output * 15_000
  const route = random() < 0.5 ? often(ROUTES, random()) : undefined
  const call = receipt({
    id: newId('req', at),
    at,
    client: often(CLIENTS, random()),
    key: often(KEYS, random()),
    requestedModel: route ?? servedModel,
    ...(route === undefined ? {} : { route }),
    servedModel,
    billing,
    usage,
    cost: billing === 'metered' ? { type: 'metered', nanoUsd, source: 'list' } : { type: billing },
    charged: { nanoUsd: billing === 'metered' ? nanoUsd : 0, tokens: usage.input + usage.output, estimated: false },
  })
  const luck = random()
  if (luck < 0.02) return failed(call, luck)
  if (luck < 0.03) return { ...call, ending: 'abandoned' }
  return luck < 0.05 ? { ...call, fallback: { from: 'kimi-coding/k3', reason: 'overloaded' } } : call
}

function failed(call: Receipt, luck: number): Receipt {
  const { usage: _, ...rest } = call
  const code = luck < 0.000_01 ? 'region_blocked' : luck < 0.005 ? 'rate_limited' : 'overloaded'
  return { ...rest, ending: 'failed', status: 502, cost: { type: 'none' }, problem: problem(code, 'Not now.') }
}

function whole(below: number, random: () => number): number {
  return Math.floor(random() * below)
}

/** Writes calls into the ledger of a folder, evenly over the time up to now, as a gateway would have. */
export function seedLedger(folder: string, calls: number, spanMs: number, now: number): void {
  const file = openLedgerFile(ledgerPath(folder))
  if (!file.ok) throw new Error(file.refusal.what)
  const { db } = file
  const put = db.prepare(PUT_CALL)
  const random = numbers()
  db.run('BEGIN')
  for (let n = 0; n < calls; n += 1) {
    const at = Math.floor(now - spanMs + (spanMs * n) / calls)
    put.run(...rowOf(someCall(at, random)).cells())
    if (n % 20_000 === 19_999) db.run('COMMIT; BEGIN')
  }
  db.run('COMMIT')
  put.finalize()
  file.sums.close()
  db.close()
}
