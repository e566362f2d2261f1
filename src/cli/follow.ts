import type { Clock } from '../base/clock.ts'
import type { Receipt } from '../ledger/receipt.ts'

/** Tells each call once, when it has ended. */
export interface Follower {
  stop(): void
}

/** What is followed and how. */
export interface Following {
  /** The newest receipts, newest first. */
  newest(limit: number): Promise<readonly Receipt[]>
  /** One call, whose end is waited for. */
  find(id: string): Promise<Receipt | undefined>
  readonly clock: Clock
  /** Calls that are shown already: those of them that were still running are told when they end. */
  readonly shown: readonly Receipt[]
  /** Calls that began before are not told, except those still running then. Milliseconds since 1970. */
  readonly since: number
  tell(receipt: Receipt): void
  /** More calls have come than could be looked at: some were not told. */
  missed(): void
  /** Reading failed; following ends. */
  failed(error: unknown): void
}

const EVERY_MS = 500
/** Calls looked at each time: four hundred a second can be followed. */
const PAGE = 200

/** Looks at the newest receipts twice a second, the first time at once. */
export function follow(following: Following): Follower {
  const { clock, since, shown, tell } = following
  let running: readonly string[] = shown.filter(receipt => receipt.ending === 'in-flight').map(receipt => receipt.id)
  /** The ids of the last page. Not only the newest of them: a call that was slow to be refused comes in late, with an old id. */
  let seen: ReadonlySet<string> = new Set(shown.map(receipt => receipt.id))
  let first = true
  let stopped = false
  let cancel = () => {}

  async function look(): Promise<void> {
    const page = await following.newest(PAGE)
    const unseen = page.filter(receipt => !seen.has(receipt.id))
    const fresh = first ? unseen.filter(receipt => receipt.at >= since || receipt.ending === 'in-flight') : unseen
    if (!first && fresh.length === PAGE) following.missed()
    first = false
    seen = new Set(page.map(receipt => receipt.id))
    const waited = await Promise.all(running.map(id => following.find(id)))
    const known = [...waited.filter(receipt => receipt !== undefined), ...fresh.toReversed()]
    running = known.filter(receipt => receipt.ending === 'in-flight').map(receipt => receipt.id)
    for (const receipt of known) if (!stopped && receipt.ending !== 'in-flight') tell(receipt)
  }

  function again(): void {
    look().then(
      () => {
        if (!stopped) cancel = clock.after(EVERY_MS, again)
      },
      (error: unknown) => {
        if (!stopped) following.failed(error)
      },
    )
  }

  again()
  return {
    stop() {
      stopped = true
      cancel()
    },
  }
}
