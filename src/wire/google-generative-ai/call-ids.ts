/** Gives calls and results without an id one each, so that every protocol can tell which result is whose. */
export interface CallIds {
  /** The id of the next call in the conversation's order. */
  forCall(given: string | undefined, name: string): string
  /** The id of the call a result answers: the earliest one of that name that waits for a result. */
  forResult(given: string | undefined, name: string): string
}

/**
 * Older Gemini models give no ids. A call without one is `call_<n>`, its place among all calls, so that the same conversation gives the same ids
 * again, which prompt caches need.
 */
export function openCallIds(): CallIds {
  const used = new Set<string>()
  let waiting: { readonly id: string; readonly name: string }[] = []
  let calls = 0

  function fresh(): string {
    for (let n = calls; ; n += 1) if (!used.has(`call_${n}`)) return `call_${n}`
  }

  return {
    forCall(given, name) {
      const id = given ?? fresh()
      calls += 1
      used.add(id)
      waiting.push({ id, name })
      return id
    },
    forResult(given, name) {
      const answered = waiting.find(call => (given === undefined ? call.name === name : call.id === given))
      waiting = waiting.filter(call => call !== answered)
      return given ?? answered?.id ?? fresh()
    },
  }
}
