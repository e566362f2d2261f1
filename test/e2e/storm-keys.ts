import type { KeyView, MadeKeyView } from '../../src/admin/keys.ts'
import type { Gateway } from './harness.ts'
import { ownToken } from './keys-gateway.ts'

/** A gateway key of the storm, and what becomes of it. */
export interface StormGatewayKey {
  readonly name: string
  /** Share of the calls that use it, among all shares. */
  readonly share: number
  /** As `POST /candor/keys` takes it. */
  readonly settings: object
  /** Withdrawn once so many calls have been made with it. */
  readonly endsAfter?: { readonly calls: number; readonly by: 'revoke' | 'rotate' }
  /** Asks for long answers without naming a limit: more than was reserved. */
  readonly overshoots?: true
}

const budget = (unit: 'usd' | 'tokens', most: number, kind: 'hard' | 'soft', period = 'total') => ({
  period,
  unit,
  most,
  kind,
})

/** Of every kind: without limits, and with each of them. */
export const STORM_KEYS: readonly StormGatewayKey[] = [
  {
    name: 'unlimited',
    share: 50,
    settings: { budgets: [budget('usd', 1_000_000, 'soft'), budget('tokens', 1e12, 'soft', 'day')] },
  },
  { name: 'dollars', share: 5, settings: { budgets: [budget('usd', 0.06, 'hard'), budget('usd', 0.02, 'soft')] } },
  {
    name: 'tokens',
    share: 5,
    settings: { budgets: [budget('tokens', 30_000, 'hard'), budget('tokens', 40_000, 'hard', 'day')] },
  },
  {
    name: 'overshooting',
    share: 3,
    settings: { budgets: [budget('tokens', 25_000, 'hard')], limits: { concurrency: 4 } },
    overshoots: true,
  },
  { name: 'paced', share: 4, settings: { limits: { requestsPerMinute: 60 } } },
  { name: 'measured', share: 4, settings: { limits: { inputTokensPerMinute: 6_000, outputTokensPerMinute: 20_000 } } },
  { name: 'narrow', share: 8, settings: { limits: { concurrency: 3 } } },
  { name: 'choosy', share: 4, settings: { models: ['house/*', 'steady'] } },
  { name: 'revoked-soon', share: 3, settings: {}, endsAfter: { calls: 15, by: 'revoke' } },
  {
    name: 'revoked-late',
    share: 3,
    settings: { budgets: [budget('usd', 1, 'hard')] },
    endsAfter: { calls: 60, by: 'revoke' },
  },
  { name: 'rotated', share: 3, settings: { limits: { concurrency: 50 } }, endsAfter: { calls: 40, by: 'rotate' } },
]

/** A key made for the storm. */
export interface MadeStormKey extends StormGatewayKey {
  readonly id: string
  readonly secret: string
}

/** Makes the administrator's key, which closes the door, and then all others with it. */
export async function makeStormKeys(
  gateway: Gateway,
): Promise<{ readonly admin: string; readonly keys: readonly MadeStormKey[] }> {
  const admin = (await makeKey(gateway, { name: 'storm-admin', admin: true }, ownToken(gateway))).secret
  const keys: MadeStormKey[] = []
  for (const key of STORM_KEYS) {
    const made = await makeKey(gateway, { name: key.name, ...key.settings }, admin)
    keys.push({ ...key, id: made.key.id, secret: made.secret })
  }
  return { admin, keys }
}

async function makeKey(gateway: Gateway, settings: object, admin: string): Promise<MadeKeyView> {
  const response = await gateway.fetch('/candor/keys', {
    method: 'POST',
    headers: adminHeaders(admin),
    body: JSON.stringify(settings),
  })
  if (response.status !== 201) throw new Error(await response.text())
  return (await response.json()) as MadeKeyView
}

/** Headers of a question the administrator asks. No connection is kept for the next one. */
export function adminHeaders(admin: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    connection: 'close',
    'x-api-key': admin,
  }
}

/** All keys as the administrator sees them. */
export async function keyViews(url: string, admin: string): Promise<readonly KeyView[]> {
  const response = await fetch(`${url}/candor/keys`, { headers: adminHeaders(admin) })
  return ((await response.json()) as { readonly data: readonly KeyView[] }).data
}
