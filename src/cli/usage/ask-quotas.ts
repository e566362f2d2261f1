import type { AgedQuotaView } from '../../admin/quota-views.ts'
import { type AccessOptions, openAccess } from '../gateway-access.ts'
import { ask, listIn } from '../questions.ts'
import type { Desk } from '../verb.ts'

/** Which quotas are wanted. */
export interface QuotasWanted {
  /** Only this provider's. */
  readonly provider?: string | undefined
  /** The providers are asked now. */
  readonly refresh: boolean
}

/** What providers told is left. Where no gateway runs nobody has asked them yet, so they are asked now. Throws `CliFault`. */
export async function askQuotas(
  { provider, refresh }: QuotasWanted,
  options: AccessOptions,
  desk: Desk,
): Promise<readonly AgedQuotaView[]> {
  const access = await openAccess(options, desk)
  try {
    const path = refresh || !access.running ? '/candor/quotas?refresh=true' : '/candor/quotas'
    const views = listIn<AgedQuotaView>(await ask(access, path))
    return views.filter(view => provider === undefined || view.provider === provider)
  } finally {
    await access.close()
  }
}
