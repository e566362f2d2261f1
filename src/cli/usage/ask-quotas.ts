import type { AgedQuotaView } from '../../admin/quota-views.ts'
import { nearest } from '../../base/nearest.ts'
import { type Access, type AccessOptions, openAccess } from '../gateway-access.ts'
import { ask, askProviders, listIn } from '../questions.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk, EXIT } from '../verb.ts'

/** Which quotas are wanted. */
export interface QuotasWanted {
  /** Only this provider's. */
  readonly provider?: string | undefined
  /** The providers are asked now. */
  readonly refresh: boolean
}

/**
 * What providers told is left. Where no gateway runs nobody has asked them yet, so they are asked now. Throws `CliFault`, also for a provider nobody
 * knows.
 */
export async function askQuotas(
  { provider, refresh }: QuotasWanted,
  options: AccessOptions,
  desk: Desk,
): Promise<readonly AgedQuotaView[]> {
  const access = await openAccess(options, desk)
  try {
    const path = refresh || !access.running ? '/candor/quotas?refresh=true' : '/candor/quotas'
    const views = listIn<AgedQuotaView>(await ask(access, path))
    if (provider === undefined) return views
    const own = views.filter(view => view.provider === provider)
    if (own.length === 0) await refuseStranger(access, provider)
    return own
  } finally {
    await access.close()
  }
}

async function refuseStranger(access: Access, provider: string): Promise<void> {
  const ids = (await askProviders(access)).map(({ id }) => id)
  if (ids.includes(provider)) return
  throw new CliFault(EXIT.usage, `No provider is called "${oneLine(provider, 60)}".`, {
    fix: [...nearest(provider, ids).map(id => `Did you mean "${id}"?`), 'See all: candor providers'],
  })
}
