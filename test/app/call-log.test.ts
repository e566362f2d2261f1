import { describe, expect, test } from 'bun:test'
import { formatFor, openCallLog } from '../../src/app/call-log.ts'
import { FLUSH_MS, WAITING_CHARS_MAX } from '../../src/app/line-sink.ts'
import { problem } from '../../src/canon/problem.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import { someCall } from './some-call.ts'

const NOW = 1_800_000_000_000

/** A log whose lines are read at once. */
function openLog(format: 'json' | 'pretty', paint?: (style: string, text: string) => string) {
  const written: string[] = []
  const stream = {
    write(text: string, done: () => void) {
      written.push(text)
      done()
    },
  }
  const log = openCallLog({ format, stream, clock: manualClock(NOW), ...(paint === undefined ? {} : { paint }) })
  return {
    log,
    lines(): readonly string[] {
      log.flush()
      return written.join('').split('\n').slice(0, -1)
    },
  }
}

function lineOf(format: 'json' | 'pretty', one: Receipt): string {
  const { log, lines } = openLog(format)
  log.ended(one, someCall())
  return lines()[0] ?? ''
}

const jsonOf = (one: Receipt): Record<string, unknown> => JSON.parse(lineOf('json', one))

const full = receipt({
  id: 'req_1',
  route: 'coder',
  fallback: { from: 'zai/glm-5', reason: 'plan_exhausted' },
  key: { id: 'key_1', name: 'team' },
  cache: 'miss',
  cost: { type: 'metered', nanoUsd: 4_200_000, source: 'list' },
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  client: 'claude-cli/2.0.1 (external, cli; user me@example.com)',
})

describe('as JSON', () => {
  test('a call is one object with a fixed list of fields', () => {
    expect(jsonOf(full)).toEqual({
      time: '2027-01-15T08:00:00.000Z',
      level: 'warn',
      message: 'call',
      id: 'req_1',
      operation: 'generate',
      protocol: 'openai-completions',
      stream: false,
      requested: 'kimi-coding/k2p5',
      served: 'kimi-coding/kimi-for-coding',
      route: 'coder',
      status: 200,
      ending: 'complete',
      billing: 'plan',
      fallback: { from: 'zai/glm-5', reason: 'plan_exhausted' },
      cache: 'miss',
      attempts: 1,
      tokens: { input: 112, output: 34, cacheRead: 100 },
      cost: 'metered',
      costUsd: 0.0042,
      firstByteMs: 251,
      totalMs: 902,
      client: 'claude-cli/2.0.1',
      key: 'team',
      trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    })
  })

  test("the program's own lines are objects too", () => {
    const { log, lines } = openLog('json')
    log.say({ level: 'error', message: 'The configuration was not reloaded.\nline 2' })
    expect(lines().map(line => JSON.parse(line))).toEqual([
      { time: '2027-01-15T08:00:00.000Z', level: 'error', message: 'The configuration was not reloaded.\nline 2' },
    ])
  })
})

describe('as a line for people', () => {
  test('says what a person looks for', () => {
    const line = lineOf('pretty', full)
    for (const part of ['200 complete', 'kimi-coding/k2p5 → kimi-coding/kimi-for-coding', 'plan', '902 ms'])
      expect(line).toContain(part)
    expect(line).toContain('fallback from zai/glm-5: plan_exhausted')
    expect(line).toContain('112 in, 34 out')
    expect(line).toContain('$0.0042')
    expect(line).toEndWith('req_1')
  })

  test('tells what was told before an answer was cut off as a lower bound, also to programs', () => {
    const cost: Receipt['cost'] = { type: 'unknown', reason: 'cut off', atLeastNanoUsd: 20_000 }
    const cut = receipt({ ending: 'abandoned', billing: 'metered', usage: { input: 129, output: 1 }, cost })
    expect(lineOf('pretty', cut)).toContain('at least 129 in, 1 out  at least $0.00002  ')
    const { costUsd, costAtLeastUsd } = JSON.parse(lineOf('json', cut))
    expect([costUsd, costAtLeastUsd]).toEqual([undefined, 0.00002])
  })

  test('is one line, whatever names hold', () => {
    const line = lineOf('pretty', receipt({ requestedModel: 'a\nb\u001b[2Jc', key: { id: 'k', name: 'x\ny' } }))
    expect(line).toContain('a b\\x1b[2Jc')
    expect(line).not.toContain('\n')
    expect(line).not.toContain('\u001b')
  })

  test('has colours only where they are wanted', () => {
    const { log, lines } = openLog('pretty', (style, text) => `<${style}>${text}</${style}>`)
    log.ended(receipt(), someCall())
    log.say({ level: 'warn', message: 'Look.' })
    expect(lines()[0]).toContain('<green>200 complete</green>')
    expect(lines()[1]).toEndWith('<yellow>warning: </yellow>Look.')
  })
})

describe('levels', () => {
  const [first] = receipt().attempts
  if (first === undefined) throw new Error('the sample has no attempt')
  const quotaWarning = { provider: 'zai', window: 'weekly', remainingPercent: 4 }
  test.each<[string, Partial<Receipt>, string]>([
    ['a complete call', {}, 'info'],
    ['a client that left', { ending: 'abandoned' }, 'info'],
    ['a fallback', { fallback: { from: 'a/b', reason: 'overloaded' } }, 'warn'],
    ['little left', { quotaWarning }, 'warn'],
    [
      'a credential refused on the way',
      { attempts: [{ ...first, problem: problem('invalid_key', '') }, first] },
      'warn',
    ],
    ['a retry that helped', { attempts: [{ ...first, problem: problem('overloaded', '') }, first] }, 'info'],
    ['a mistake of the client', { ending: 'failed', problem: problem('model_not_found', '') }, 'warn'],
    ['a limit of the gateway', { ending: 'failed', problem: problem('key_rate_limited', '') }, 'warn'],
    ['a refused credential', { ending: 'failed', problem: problem('invalid_key', '') }, 'error'],
    ['a client that is not admitted', { ending: 'failed', problem: problem('client_not_admitted', '') }, 'error'],
    ['a provider that failed', { ending: 'failed', problem: problem('overloaded', '') }, 'error'],
    ['a cut answer', { ending: 'truncated', problem: problem('stream_truncated', '') }, 'error'],
    ['an interrupted call', { ending: 'interrupted' }, 'error'],
  ])('%s', (_what, overrides, level) => {
    expect(jsonOf(receipt(overrides))['level']).toBe(level)
  })
})

describe('nothing that should not be there', () => {
  const SECRET = 'sk-canary0123456789abcdef'
  const canary = receipt({
    requestedModel: `model ${SECRET}`,
    servedModel: `kimi-coding/${SECRET}`,
    client: `${SECRET} tool/1`,
    key: { id: 'key_1', name: `name ${SECRET}` },
    problem: problem('invalid_key', `The key ${SECRET} is wrong`, { upstream: { message: SECRET } }),
    attempts: receipt().attempts.map(one => ({
      ...one,
      url: `https://a.example/?key=${SECRET}`,
      headers: { x: SECRET },
    })),
    usage: { input: 1, output: 1, raw: { note: SECRET } },
    stopReason: SECRET,
    reportedModel: SECRET,
  })

  test.each(['json', 'pretty'] as const)('%s', format => {
    expect(lineOf(format, canary)).not.toContain('canary')
  })
})

describe('whoever reads the log', () => {
  /** A reader that takes nothing until it is told to. */
  function stalled() {
    const written: string[] = []
    const pending: (() => void)[] = []
    const stream = {
      write(text: string, done: () => void) {
        written.push(text)
        pending.push(done)
      },
    }
    const readAll = () => {
      for (const done of pending.splice(0)) done()
    }
    return { stream, written, readAll }
  }

  test('gets lines together, soon', () => {
    const clock = manualClock(NOW)
    const { stream, written } = stalled()
    const log = openCallLog({ format: 'json', stream, clock })
    log.ended(receipt(), someCall())
    log.ended(receipt(), someCall())
    expect(written).toEqual([])
    clock.advance(FLUSH_MS)
    expect(written).toHaveLength(1)
    expect(written[0]?.trimEnd().split('\n')).toHaveLength(2)
  })

  test('cannot hold calls up or fill the memory; what was dropped is told', () => {
    const clock = manualClock(NOW)
    const { stream, written, readAll } = stalled()
    const log = openCallLog({ format: 'json', stream, clock })
    const count = 10_000
    for (let n = 0; n < count; n += 1) {
      log.ended(full, someCall())
      if (n % 100 === 0) clock.advance(FLUSH_MS)
    }
    clock.advance(FLUSH_MS)
    const kept = written.join('')
    expect(kept.length).toBeLessThanOrEqual(WAITING_CHARS_MAX + 10_000)
    readAll()
    clock.advance(FLUSH_MS)
    const told = JSON.parse(written.at(-1) ?? '')
    const lines = kept.trimEnd().split('\n').length
    expect(lines).toBeLessThan(count)
    expect(told).toMatchObject({
      level: 'warn',
      message: expect.stringContaining(`${count - lines} log lines were dropped`),
    })
  })
})

test.each([
  ['auto', true, 'pretty'],
  ['auto', false, 'json'],
  ['json', true, 'json'],
  ['pretty', false, 'pretty'],
  ['off', true, 'pretty'],
  ['off', false, 'json'],
] as const)('%s on a terminal (%p) is %s', (format, isTerminal, meant) => {
  expect(formatFor(format, isTerminal)).toBe(meant)
})
