import { findProvider } from '../../src/catalog/index.ts'
import type { Sighting } from '../../src/catalog/match-sign.ts'
import type { Provider } from '../../src/catalog/provider.ts'

/** 2026-11-22T12:00:00Z: the moment at which all failures of these tests are seen. */
export const NOW = Date.UTC(2026, 10, 22, 12)

/** A row that must be there. */
export function rowOf(id: string): Provider {
  const row = findProvider(id)
  if (row === undefined) throw new Error(`no provider "${id}"`)
  return row
}

/** A failure as the pipeline would hand it over; the key begins with nothing known unless one is given. */
export function seen(
  status: number,
  body: string | object,
  rest: { readonly headers?: Record<string, string>; readonly key?: string } = {},
): Sighting {
  const key = rest.key ?? ''
  return {
    status,
    headers: new Headers(rest.headers),
    bodyText: typeof body === 'string' ? body : JSON.stringify(body),
    protocol: 'openai-completions',
    keyStartsWith: prefix => key.startsWith(prefix),
    model: 'some-model',
    now: NOW,
  }
}
