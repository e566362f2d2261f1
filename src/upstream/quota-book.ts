import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import type { CredentialSetup, ProviderSetup } from './provider-setup.ts'
import type { QuotaBook, QuotaView } from './quota.ts'
import type { QuotaAsk } from './quota-ask.ts'
import { type EntryParts, lowOf, newEntry, type QuotaEntry, quotaOf, viewsOf } from './quota-entry.ts'
import { noteLimitHeaders } from './quota-headers.ts'
import { openPoller } from './quota-poller.ts'

/** What a quota book is opened with. */
export interface QuotaBookOptions {
  readonly clock: Clock
  readonly ask: QuotaAsk
  /** Pause between two questions about one credential, in milliseconds. 0: nothing is asked but when somebody looks. */
  readonly pollMs: number
  /** Between 0 and 1, 1 excluded. */
  readonly random?: () => number
}

/** The first question about a credential waits for up to this share of a poll: a start with many keys asks one after the other. */
const FIRST_WITHIN = 0.1
/** Numbers older than that many polls are stale. */
const FRESH_POLLS = 2
/** Where there are no polls, numbers older than so many milliseconds are. */
const FRESH_MS = 600_000

type ByCredential = ReadonlyMap<string, QuotaEntry>

/**
 * Opens a book in which nothing is written yet. A credential is asked about while calls with it are answered, or somebody looks; an hour
 * after the last of these it rests.
 */
export function openQuotaBook({ clock, ask, pollMs, random = Math.random }: QuotaBookOptions): QuotaBook {
  const leaving = new AbortController()
  const parts: EntryParts = { clock, ask, leaving: leaving.signal }
  const poller = openPoller({ clock, pollMs, random })
  const freshMs = pollMs === 0 ? FRESH_MS : FRESH_POLLS * pollMs
  let book: ReadonlyMap<string, ByCredential> = new Map()
  let asked: readonly QuotaEntry[] = []

  function wake(entry: QuotaEntry, firstWithinMs: number): void {
    entry.dueMs = Math.max(entry.dueMs, clock.monotonicMs() + random() * firstWithinMs)
    poller.wake(entry)
  }

  function peek(): readonly QuotaView[] {
    const now = clock.now()
    return [...book.values()].flatMap(entries => [...entries.values()].flatMap(entry => viewsOf(entry, now, freshMs)))
  }

  return {
    peek,
    heard(provider, credential, headers) {
      const entry = book.get(provider.id)?.get(credential.name)
      if (entry === undefined) return
      entry.wantedMs = clock.monotonicMs()
      if (pollMs > 0 && entry.resting && quotaOf(entry) !== undefined) wake(entry, FIRST_WITHIN * pollMs)
      if (!noteLimitHeaders(entry.noted, headers)) return
      entry.notedAt = clock.now()
      entry.heard = undefined
      entry.limited = undefined
    },
    low(provider, credential, percent) {
      const entry = book.get(provider)?.get(credential)
      return entry === undefined ? undefined : lowOf(entry, percent, clock.now(), freshMs)
    },
    views() {
      if (pollMs === 0) void poller.askNow(asked)
      for (const entry of asked) {
        entry.wantedMs = clock.monotonicMs()
        if (pollMs > 0 && entry.resting) wake(entry, 0)
      }
      return peek()
    },
    refresh: provider => poller.askNow(asked.filter(entry => provider === undefined || entry.provider.id === provider)),
    watch(providers) {
      book = entriesFor(providers, book, parts)
      asked = [...book.values()].flatMap(entries => [...entries.values()].filter(entry => quotaOf(entry) !== undefined))
      poller.watch(asked)
    },
    close() {
      poller.close()
      leaving.abort()
    },
  }
}

/** Entries for these providers. What is known of a credential stays known as long as its key and the place to ask are the same. */
function entriesFor(
  providers: readonly ProviderSetup[],
  before: ReadonlyMap<string, ByCredential>,
  parts: EntryParts,
): ReadonlyMap<string, ByCredential> {
  const book = new Map<string, ByCredential>()
  for (const provider of providers) {
    if (provider.unavailable !== undefined) continue
    const entries = provider.credentials.map(credential => {
      const known = before.get(provider.id)?.get(credential.name)
      const entry =
        known !== undefined && isSame(known, provider, credential) ? known : newEntry(provider, credential, parts)
      entry.provider = provider
      entry.credential = credential
      return [credential.name, entry] as const
    })
    book.set(provider.id, new Map(entries))
  }
  return book
}

function isSame(known: QuotaEntry, provider: ProviderSetup, credential: CredentialSetup): boolean {
  const samePlace =
    known.provider.quota?.url === provider.quota?.url && known.provider.quota?.shape === provider.quota?.shape
  return samePlace && sameKey(known.credential.key, credential.key)
}

function sameKey(a: Secret | undefined, b: Secret | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.isSame(b))
}
