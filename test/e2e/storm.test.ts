import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cacheFaults, endingFaults, receiptFaults, withdrawalFaults } from './storm-calls-checks.ts'
import { budgetFaults, idleMost, limitFaults, seenAboveFaults } from './storm-key-checks.ts'
import { gauge, metricFaults } from './storm-metric-checks.ts'
import { attemptFaults, laneFaults, moveFaults, twiceFaults, usageFaults } from './storm-provider-checks.ts'
import { DRAIN_MS } from './storm-providers.ts'
import { CLIENTS_AT_ONCE, runStorm, type Storm } from './storm-run.ts'

const MS = Number(process.env['CANDOR_STORM_MS'] ?? '60000')
const SEED = Number(process.env['CANDOR_STORM_SEED'] ?? Math.floor(Math.random() * 1e9))
/** Beside the storm itself, for its begin and its end. */
const MARGIN_MS = 60_000
const MIB = 1_048_576
/** What the process may take at the most, with 200 calls at a time and answers of a mebibyte among them. */
const RSS_MAX = 700 * MIB

let storm: Storm
let clean = async () => {}

beforeAll(async () => {
  console.log(`storm: seed ${SEED} (CANDOR_STORM_SEED), ${MS} ms (CANDOR_STORM_MS)`)
  storm = await runStorm({ ms: MS, seed: SEED })
  clean = storm.clean
  const { report, receipts, received, process: held, stoppedInMs } = storm
  const mib = (bytes: number) => Math.round(bytes / MIB)
  console.log(
    `storm: ${report.calls.length} calls, ${receipts.length} receipts, ${received.length} requests; ${mib(held.rss)} MiB, at most ${mib(held.rssMost)}; ${held.idle.providers} of ${idleMost(storm)} connections waited; stopped in ${Math.round(stoppedInMs)} ms`,
  )
}, MS + MARGIN_MS)
afterAll(async () => {
  await clean()
})

/** Each says what is wrong, and that is nothing. */
const CHECKS: readonly (readonly [string, (storm: Storm) => readonly string[]])[] = [
  ['every call has exactly one receipt, and no other has one', receiptFaults],
  ['what clients saw is what receipts say', endingFaults],
  ['attempts are the requests the providers received, by call, provider, key and model', attemptFaults],
  ['tokens and cost of complete calls are what the providers told', usageFaults],
  ['no lane is crossed but where a route crosses it', laneFaults],
  ['no attempt without a reason that the route allows', moveFaults],
  ['nobody is asked again who has answered', twiceFaults],
  ['counters of budgets are the sums of the ledger, and no hard budget stands above its bound', budgetFaults],
  ['no hard budget was ever seen above its bound', seenAboveFaults],
  ['no key goes beyond its rates and its concurrency', limitFaults],
  ['a key that was revoked or rotated is refused from then on', withdrawalFaults],
  ['kept answers ask nobody and cost nothing', cacheFaults],
  ['the metrics are what the ledger says', metricFaults],
]

describe(`after a storm with seed ${SEED}`, () => {
  test.each([...CHECKS])('%s', (_, faults) => {
    const found = faults(storm)
    expect(found.slice(0, 20)).toEqual([])
  })

  test('all of it happened: failures of every kind, moves, refusals, departures', () => {
    const { receipts, report, misled } = storm
    const happened = new Set([
      ...report.calls.map(({ came }) => came),
      ...receipts.flatMap(({ ending, problem, fallback, cache, attempts }) => [
        ending,
        problem?.code,
        fallback === undefined ? undefined : 'fallback',
        cache,
        ...attempts.map(({ because }) => because),
      ]),
    ])
    const wanted = [
      ...[
        'complete',
        'refused',
        'told',
        'left',
        'failed',
        'truncated',
        'abandoned',
        'fallback',
        'hit',
        'miss',
        'retry',
        'credential',
      ],
      ...[
        'key_rate_limited',
        'budget_exceeded',
        'unauthorized',
        'forbidden',
        'model_not_found',
        'unreachable',
        'timeout',
      ],
      ...[
        'rate_limited',
        'overloaded',
        'upstream_error',
        'upstream_protocol',
        'stream_truncated',
        'invalid_key',
        'balance_exhausted',
      ],
    ] as const
    expect(wanted.filter(each => !happened.has(each))).toEqual([])
    expect(report.calls.length).toBeGreaterThan(CLIENTS_AT_ONCE)
    expect(misled).toBe(0)
  })

  test('nothing is left behind: no call, no connection, no receipt unwritten, and no more memory than its bound', () => {
    const { process: held, metrics } = storm
    expect(held).toMatchObject({ inFlight: 0, ledgerLost: 0, last: { clients: 0, providers: 0 } })
    expect(held.idle.clients).toBe(0)
    expect(held.idle.providers).toBeLessThanOrEqual(idleMost(storm))
    expect(gauge(metrics, 'candor_in_flight')).toBe(0)
    expect(gauge(metrics, 'candor_ledger_lost_total')).toBe(0)
    expect(held.rssMost).toBeLessThan(RSS_MAX)
  })

  test('it stops in order, without waiting for anything, and its log knows every call and no bug', () => {
    const { exit, stoppedInMs, log, receipts } = storm
    expect(exit).toEqual({ code: 0, signal: null })
    expect(stoppedInMs).toBeLessThan(DRAIN_MS)
    expect(log).not.toContain('"internal"')
    expect(log).not.toMatch(/^ +at /m)
    const logged = [...log.matchAll(/"message":"call","id":"(req_\w+)"/g)].map(([, id]) => id ?? '')
    expect(logged.toSorted()).toEqual(receipts.map(({ id }) => id).toSorted())
  })
})
