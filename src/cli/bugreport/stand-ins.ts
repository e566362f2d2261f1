/** What stand-ins are given for. */
export type StandInKind =
  | 'provider'
  | 'private-host'
  | 'route'
  | 'alias'
  | 'credential'
  | 'gateway-key'
  | 'client'
  | 'mail-address'

/** Names of the user's own, each replaced by the same word wherever it stands. */
export interface StandIns {
  /** `route-1`, `route-2`, … in the order they are first asked for. */
  of(kind: StandInKind, name: string): string
  /** How many of each kind there are, in words. */
  told(): readonly string[]
}

const WORDS: Readonly<Record<StandInKind, string>> = {
  provider: 'the name of a provider of your own',
  'private-host': 'the name of a host that no provider of the catalogue has',
  route: 'the name of a route',
  alias: 'the name of an alias',
  credential: "the name of a provider's key",
  'gateway-key': 'the name of a gateway key',
  client: 'the name of a client',
  'mail-address': 'a mail address',
}

/** Begins without any. */
export function openStandIns(): StandIns {
  const known = new Map<StandInKind, Map<string, string>>()
  return {
    of(kind, name) {
      const names = known.get(kind) ?? new Map<string, string>()
      known.set(kind, names)
      const stand = names.get(name) ?? `${kind}-${names.size + 1}`
      names.set(name, stand)
      return stand
    },
    told: () => [...known].map(([kind, names]) => `${names.size} × ${WORDS[kind]}`),
  }
}
