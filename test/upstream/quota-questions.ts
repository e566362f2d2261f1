import type { ProviderSetup } from '../../src/upstream/provider-setup.ts'
import type { QuotaAnswer, QuotaPlace } from '../../src/upstream/quota-ask.ts'
import { openQuotaBook } from '../../src/upstream/quota-book.ts'
import { type ManualClock, manualClock } from '../ledger/manual-clock.ts'

/** Where the provider under test is. */
export const ORIGIN = 'https://api.plan.example'
/** When its clock begins. */
export const START = 1_800_000_000_000
/** In milliseconds. */
export const MINUTE = 60_000
/** In milliseconds. */
export const HOUR = 60 * MINUTE
/** The pause between two questions. */
export const POLL = 5 * MINUTE

/** One question the book asks, to be answered by the test. */
interface Question {
  readonly provider: string
  readonly credential: string
  readonly place: QuotaPlace
  readonly leaving: AbortSignal
  readonly atMs: number
  answer(answer: QuotaAnswer): void
}

/** A book whose questions the test answers. No spread: every pause has its plain length. */
export function opened(clock: ManualClock = manualClock(START), pollMs = POLL) {
  const questions: Question[] = []
  const book = openQuotaBook({
    clock,
    pollMs,
    random: () => 0.5,
    ask: ({ id }, { name }, place, leaving) =>
      new Promise(answer => {
        questions.push({ provider: id, credential: name, place, leaving, atMs: clock.monotonicMs(), answer })
      }),
  })
  return {
    clock,
    book,
    questions,
    asked: () => questions.map(question => `${question.provider}/${question.credential}`),
    async advance(ms: number) {
      clock.advance(ms)
      await turn()
    },
    /** Answers the newest question. */
    async answer(answer: QuotaAnswer) {
      questions.at(-1)?.answer(answer)
      await turn()
    },
  }
}

/** Promises that are due have run. */
export function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Kimi's answer with that many of 100 left for the week. */
export function weekly(remaining: number, resetsAtMs = START + 48 * HOUR): QuotaAnswer {
  const resetTime = new Date(resetsAtMs).toISOString()
  return { ok: true, text: JSON.stringify({ usage: { limit: '100', remaining: String(remaining), resetTime } }) }
}

/** Answers with each of the provider's credentials came, with these headers. */
export function used(
  test: ReturnType<typeof opened>,
  setup: ProviderSetup,
  headers: Readonly<Record<string, string>> = {},
) {
  for (const each of setup.credentials) test.book.heard(setup, each, new Headers(headers))
}

/** Counters of a thousand tokens. */
export const tokens = (remaining: number, reset = '6m0s') => ({
  'x-ratelimit-limit-tokens': '1000',
  'x-ratelimit-remaining-tokens': String(remaining),
  'x-ratelimit-reset-tokens': reset,
})

/** No answer. */
export const BROKEN: QuotaAnswer = { ok: false, fault: 'it answered 500' }
