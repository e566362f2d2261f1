import type { AppFault } from './app.ts'
import { isLoopback } from './config/base-url.ts'

/** Bound to anything but this machine, the gateway must know its clients. `keys`: how many it has, of the configuration and made. */
export function refuseOpenDoor(host: string, keys: number): AppFault | undefined {
  if (isLoopback(host) || keys > 0) return undefined
  return {
    kind: 'usage',
    text: `The gateway would listen on ${host} and let anybody on the network spend your keys.
  why: gateway.host is not a loopback address, gateway.keys is empty, and no key was made.
  fix: set gateway.keys, for example: candor config set gateway.keys '["\${CANDOR_GATEWAY_KEY}"]'
  fix: or make a key: candor keys create <name>
  fix: or listen on 127.0.0.1.`,
  }
}
