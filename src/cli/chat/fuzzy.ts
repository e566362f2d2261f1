/** How well a text fits what was typed: higher is better; undefined if its characters are not in it in that order. */
export function fuzzyScore(typed: string, text: string): number | undefined {
  const wanted = typed.toLowerCase().replace(/\s+/g, '')
  const low = text.toLowerCase()
  const whole = low.indexOf(wanted)
  if (whole >= 0) return 1_000 - whole - text.length / 100 + (isStart(text, whole) ? 100 : 0)
  let at = -1
  let score = 0
  for (const character of wanted) {
    const found = low.indexOf(character, at + 1)
    if (found < 0) return undefined
    score += found === at + 1 ? 8 : isStart(text, found) ? 6 : -Math.min(5, found - at)
    at = found
  }
  return score - text.length / 100
}

function isStart(text: string, at: number): boolean {
  return at === 0 || /[^a-z0-9]/i.test(text[at - 1] ?? '')
}

/** The items that fit, best first; equals keep their order. */
export function fuzzyFilter<Item>(
  typed: string,
  items: readonly Item[],
  textOf: (item: Item) => string,
): readonly Item[] {
  if (typed.trim() === '') return items
  return items
    .flatMap(item => {
      const score = fuzzyScore(typed, textOf(item))
      return score === undefined ? [] : [{ item, score }]
    })
    .toSorted((a, b) => b.score - a.score)
    .map(({ item }) => item)
}
