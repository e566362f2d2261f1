import { Back, Cancelled, type Prompter } from './prompter.ts'

/**
 * Asks questions so that Escape leads back to the one before: all is run again, and what was answered before that question is not asked anew. At the first
 * question Escape leaves, like Ctrl-C. The answers are in memory only. `run` must ask the same where it is answered the same.
 */
export async function withWayBack<T>(prompter: Prompter, run: (prompter: Prompter) => Promise<T>): Promise<T> {
  const answers: unknown[] = []
  for (;;) {
    try {
      return await run(remembering(prompter, answers))
    } catch (error) {
      if (!(error instanceof Back)) throw error
      if (answers.length === 0) throw new Cancelled()
      answers.pop()
    }
  }
}

/** Gives the answers that are there, then asks and keeps what comes. */
function remembering(prompter: Prompter, answers: unknown[]): Prompter {
  let at = 0
  async function once<T>(ask: () => Promise<T>): Promise<T> {
    if (at === answers.length) answers.push(await ask())
    at += 1
    return answers[at - 1] as T
  }
  return {
    select: (...question) => once(() => prompter.select(...question)),
    search: (...question) => once(() => prompter.search(...question)),
    text: (...question) => once(() => prompter.text(...question)),
    secret: (...question) => once(() => prompter.secret(...question)),
    confirm: (...question) => once(() => prompter.confirm(...question)),
  }
}
