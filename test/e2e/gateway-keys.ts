import type { Gateway } from './harness.ts'

/** Makes a gateway key at a running gateway, with one that may, and gives its secret and id. */
export async function makeKey(
  gateway: Gateway,
  adminKey: string,
  settings: object,
): Promise<{ readonly secret: string; readonly id: string }> {
  const response = await gateway.fetch('/candor/keys', {
    method: 'POST',
    headers: { ...bearer(adminKey), 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  })
  const { key, secret } = (await response.json()) as { key: { id: string }; secret: string }
  return { secret, id: key.id }
}

/** The header that shows a key. */
export function bearer(key: string): { readonly authorization: string } {
  return { authorization: `Bearer ${key}` }
}
