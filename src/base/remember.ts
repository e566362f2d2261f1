/**
 * The same pure function of a text, with its latest results remembered: for texts that come again and again, such as client names and header
 * values. Bounded: when full, it starts over.
 */
export function remember(compute: (text: string) => string, entriesMax = 500): (text: string) => string {
  const known = new Map<string, string>()
  return text => {
    const before = known.get(text)
    if (before !== undefined) return before
    const now = compute(text)
    if (known.size >= entriesMax) known.clear()
    if (text.length <= 1_000) known.set(text, now)
    return now
  }
}
