import type { AppFault } from './app.ts'
import { isLoopback } from './config/base-url.ts'

/** Bound to anything but this machine, the gateway must know its clients. */
export function refuseOpenDoor(host: string, keys: number): AppFault | undefined {
  if (isLoopback(host) || keys > 0) return undefined
  return {
    kind: 'usage',
    text: `The gateway would listen on ${host} and let anybody on the network spend your keys.
  why: gateway.host is not a loopback address, and gateway.keys is empty.
  fix: set gateway.keys, for example: candor config set gateway.keys '["\${CANDOR_GATEWAY_KEY}"]'
  fix: or listen on 127.0.0.1.`,
  }
}
