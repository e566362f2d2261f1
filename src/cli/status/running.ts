import type { Overview } from '../../admin/overview.ts'
import { notReadyReasons } from '../../admin/readiness.ts'
import type { Access } from '../gateway-access.ts'
import { ask } from '../questions.ts'
import { CliFault, EXIT } from '../verb.ts'
import { fallbacksSince, lastErrorOf, type StatusFacts } from './facts.ts'

/** A gateway that sums up a very large ledger may need a moment; one that needs longer than this is not well. */
const ANSWER_WITHIN_MS = 10_000

/** The facts of a running gateway, by one question. Throws {@link CliFault}. */
export async function factsOfRunning(access: Access): Promise<Omit<StatusFacts, 'wrong'>> {
  const { now, status, lately, providers, otherProviders, today, calls, remarks } = await overviewOf(access)
  const { version, startedAt, inFlight, ledger, bodies, config } = status
  const notReady = notReadyReasons(status)
  const lastError = lastErrorOf(calls, remarks)
  return {
    now,
    gateway: {
      url: access.url ?? access.where,
      ...(access.pid === undefined ? {} : { pid: access.pid }),
      version,
      startedAt,
      upMs: Math.max(0, now - Date.parse(startedAt)),
      ready: notReady.length === 0,
      notReady,
      inFlight,
      lately,
      receiptsLost: ledger.lost,
      ...(ledger.warning === undefined ? {} : { ledgerWarning: ledger.warning }),
      bodies,
    },
    config,
    today,
    providers,
    otherProviders,
    ...(lastError === undefined ? {} : { lastError }),
    fellBack: fallbacksSince(remarks, today.since),
  }
}

async function overviewOf(access: Access): Promise<Overview> {
  try {
    const body: object = await ask(access, '/candor/overview', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    return body as Overview
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error
    throw new CliFault(EXIT.finding, `The ${access.where} did not answer within ${ANSWER_WITHIN_MS / 1_000} seconds.`)
  }
}
