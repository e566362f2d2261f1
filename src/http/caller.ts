import { isProblem, type Problem, problem } from '../canon/problem.ts'
import type { GatewayKey } from '../ledger/gateway-key.ts'
import type { Rights } from './routes.ts'

/** Who asks, as far as a key tells. */
export interface Caller {
  /** The gateway key that was shown. Absent where none is asked for, and for whoever shows the running gateway's own token. */
  readonly key?: GatewayKey
  /** May see everything. A caller without a key of its own is always one, or a stranger at an open path. */
  readonly admin: boolean
  /** May change everything: an administrator who showed it, and is not one merely because no key is asked for. */
  readonly mayChange: boolean
}

/** Somebody who showed nothing that is known. */
export const STRANGER: Caller = { admin: false, mayChange: false }

/** Why a caller may not ask at a path with these rights; undefined if it may. */
export function refusalOf(rights: Rights, caller: Caller | Problem): Problem | undefined {
  if (rights === 'open') return undefined
  if (isProblem(caller)) return caller
  if (rights === 'key' || caller.mayChange) return undefined
  if (!caller.admin) return adminsOnly(caller)
  return rights === 'change' ? changesAskForMore() : undefined
}

/** Any web page and any program of the machine reaches an open gateway, so what changes it is for those who can show that they may. */
function changesAskForMore(): Problem {
  return problem('unauthorized', 'Nobody changes this gateway without showing that they may.', {
    why: 'It asks callers for no key, so a caller without one could be anybody on this machine.',
    fix: [
      'In a browser: sign in with the link that "candor dashboard" prints.',
      'On the command line: candor keys …, which shows what it needs by itself.',
      'In a program: send an admin key as "Authorization: Bearer cnd_…".',
    ],
  })
}

function adminsOnly({ key }: Caller): Problem {
  const who = key === undefined ? 'The caller is none.' : `The key "${key.name}" is none.`
  return problem('forbidden', "This path is for the gateway's administrators.", {
    why: `${who} It may call models, list them, and see the receipts of its own calls.`,
    fix: [
      'Ask with an admin key. One is made where the gateway runs: candor keys create <name> --admin',
      'Or run the command on the machine of the gateway, as the user who started it.',
    ],
  })
}
