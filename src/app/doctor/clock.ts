import { showDuration, showTime } from '../../admin/story/amounts.ts'
import type { Check, Found, Patient } from './check.ts'

/** `Date` counts in seconds, and an answer takes its time. */
const SKEW_WARNING_MS = 30_000
/** Beyond this, tokens that are signed with the time are refused, and certificates may seem too old or too new. */
const SKEW_ERROR_MS = 300_000

/** Whether this machine's clock goes right: by what providers say with their answers, and by the receipts. */
export const clockCheck: Check = {
  id: 'clock',
  about: "this machine's clock: beside the newest receipt, and with a probe beside the providers'",
  async run(patient, tell) {
    const back = await goneBack(patient)
    if (back !== undefined) tell(back)
    const skews: number[] = []
    for await (const { told } of patient.probed()) if (told !== undefined) skews.push(told.dateMs - told.heardAt)
    // One provider's clock may be wrong; that all are is less likely than that this one is.
    const [least] = skews.toSorted((a, b) => Math.abs(a) - Math.abs(b))
    if (least !== undefined) return tell(skewFinding(least))
    if (back === undefined)
      tell({
        id: 'clock',
        severity: 'ok',
        message: `It is ${showTime(patient.clock.now())} here, later than every receipt. A probe compares it with the clocks of providers.`,
      })
  },
}

async function goneBack({ receipts, clock }: Patient): Promise<Found | undefined> {
  const [newest] = (await receipts?.list({ limit: 1 })) ?? []
  const ahead = newest === undefined ? 0 : newest.at - clock.now()
  if (newest === undefined || ahead < SKEW_WARNING_MS) return undefined
  return {
    id: 'clock.back',
    severity: 'warning',
    message: `The newest receipt is from ${showTime(newest.at)}, ${showDuration(ahead)} after now: the clock was put back, or is wrong. Budgets and windows go by it.`,
    fixHint: 'Let the system keep the time: timedatectl set-ntp true',
  }
}

function skewFinding(skewMs: number): Found {
  const size = Math.abs(skewMs)
  if (size < SKEW_WARNING_MS)
    return {
      id: 'clock',
      severity: 'ok',
      message: 'The clock agrees with that of the providers, within half a minute.',
    }
  return {
    id: 'clock.skew',
    severity: size < SKEW_ERROR_MS ? 'warning' : 'error',
    message: `The clock is ${showDuration(size)} ${skewMs > 0 ? 'behind' : 'ahead of'} that of the providers: signed tokens and certificates may be refused, and windows reset at another time than shown.`,
    fixHint: 'Let the system keep the time: timedatectl set-ntp true',
  }
}
