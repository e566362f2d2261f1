import { exchangeByFetch } from './fetch-exchange.ts'
import { exchangeDirectly } from './http1-exchange.ts'
import type { Broken, Incoming, Outgoing, SendParts } from './incoming.ts'

export type { Broken, Incoming, Outgoing, ReplyHeaders, SendParts } from './incoming.ts'

/**
 * Sends one request and waits for the answer's head. Never rejects. Redirects are not followed: a 3xx comes back as it is. A `POST` leaves once:
 * it is sent anew only if not a byte of it could be written to a kept connection. Whether the client has left is looked at once it lasts.
 */
export function send(out: Outgoing, parts: SendParts): Promise<Incoming | Broken> {
  if (parts.closing.happened) return Promise.resolve({ type: 'cancelled' })
  const { network } = parts
  const address = network.directAddress(out.origin)
  if (address === undefined) return exchangeByFetch(out, parts)
  return exchangeDirectly(out, parts, address, network.pool)
}
