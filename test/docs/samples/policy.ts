import { problem } from '../../../src/canon/problem.ts'
import { ADMITTED, type Policy } from '../../../src/policy/policy.ts'

/** Configuration of the policy: the largest request a call without a gateway key may send, in bytes. */
export interface GuestSizeConfig {
  readonly guestBytesMax: number
}

/** Holds calls that show no gateway key to small requests. */
export function guestSizePolicy({ guestBytesMax }: GuestSizeConfig): Policy {
  return {
    name: 'guest-size',
    async admit({ keyShown, requestBytes }) {
      if (keyShown || requestBytes <= guestBytesMax) return ADMITTED
      const what = `Without a key of this gateway a request may have ${guestBytesMax} bytes.`
      return { admit: false, problem: problem('body_too_large', what, { fix: ['Ask with a key, or for less.'] }) }
    },
  }
}
