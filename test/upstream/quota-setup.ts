import { Secret } from '../../src/base/secret.ts'
import type { QuotaEndpoint } from '../../src/catalog/provider.ts'
import type { CredentialSetup, ProviderSetup } from '../../src/upstream/provider-setup.ts'

/** One key of a plan. */
export function credential(change: Partial<CredentialSetup> = {}): CredentialSetup {
  return {
    name: 'default',
    key: new Secret('sk-quota-key-0123456789'),
    billing: 'plan',
    priority: 0,
    weight: 1,
    ...change,
  }
}

/** A provider at that origin, whose quota endpoint tells what Kimi's does. */
export function provider(
  origin: string,
  change: Partial<ProviderSetup> = {},
  quota: Partial<QuotaEndpoint> = {},
): ProviderSetup {
  return {
    id: 'plan',
    name: 'Plan',
    billing: 'plan',
    credentials: [credential()],
    balance: 'order',
    endpoints: [
      {
        protocol: 'anthropic-messages',
        baseUrl: `${origin}/coding`,
        origin,
        auth: 'x-api-key',
        clients: 'any',
        admits: [],
        headers: { 'anthropic-version': '2023-06-01' },
        quirks: {},
        countsTokens: false,
        embeds: false,
        deprecated: false,
        imitation: false,
      },
    ],
    headers: {},
    models: [],
    modelAliases: {},
    modelList: 'open',
    quota: { url: `${origin}/coding/v1/usages`, method: 'GET', auth: 'bearer', shape: 'kimi-usages', ...quota },
    ...change,
  }
}
