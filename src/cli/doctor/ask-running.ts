import type { GatewaySelf, ToldOfProviders } from '../../app/doctor/check.ts'
import type { QuotaView } from '../../upstream/quota.ts'
import { runningAccess } from '../gateway-access.ts'
import { ask, askProviders, askStatus, listIn } from '../questions.ts'
import { CliFault, type Desk } from '../verb.ts'

/** What the gateway that runs on this machine says. */
export interface Running {
  readonly self: GatewaySelf
  readonly told: ToldOfProviders
}

/** Asks the gateway that runs; undefined if none does, or if it cannot be asked, of which the checks of the gateway itself say more. */
export async function askRunning(desk: Desk): Promise<Running | undefined> {
  const access = await runningAccess(undefined, desk)
  if (access?.pid === undefined) return undefined
  try {
    const [status, providers, quotas] = await Promise.all([
      askStatus(access),
      askProviders(access),
      ask(access, '/candor/quotas'),
    ])
    const { refused } = status.config
    const { warning } = status.ledger
    return {
      self: {
        pid: access.pid,
        elsewhere: true,
        ...(refused === undefined ? {} : { refused }),
        ...(warning === undefined ? {} : { ledgerWarning: warning }),
        bodies: status.bodies,
      },
      told: {
        usable: providers.filter(({ available }) => available).map(({ id }) => id),
        quotas: listIn<QuotaView>(quotas),
        health: providers.flatMap(({ health }) => health ?? []),
      },
    }
  } catch (error) {
    if (error instanceof CliFault) return undefined
    throw error
  } finally {
    await access.close()
  }
}
