/** Longest name compared, in characters. */
const CHARS_MAX = 80

/**
 * Edit distance with adjacent swaps counted once (a typo is often two letters the wrong way round). Gives up as soon as the distance must
 * exceed the limit. For texts of at most {@link CHARS_MAX}.
 */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let beforeLast = new Uint8Array(b.length + 1)
  let last = Uint8Array.from(beforeLast, (_, j) => j)
  let row = new Uint8Array(b.length + 1)
  let leastBefore = 0
  for (let i = 1; i <= a.length; i += 1) {
    const letter = a.charCodeAt(i - 1)
    let left = i
    let least = i
    row[0] = i
    for (let j = 1; j <= b.length; j += 1) {
      const same = letter === b.charCodeAt(j - 1)
      left = Math.min(left + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      const swapped = i > 1 && letter === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)
      if (swapped) left = Math.min(left, (beforeLast[j - 2] ?? 0) + 1)
      row[j] = left
      if (left < least) least = left
    }
    // A later row is built from the last two, so it cannot come below both.
    if (least > limit && leastBefore > limit) return limit + 1
    leastBefore = least
    const free = beforeLast
    beforeLast = last
    last = row
    row = free
  }
  return last[b.length] ?? limit + 1
}

/** How far from each other a word and a name are, 0 for the same; undefined: too far for the one to be meant by the other. */
function farness(wanted: string, name: string): number | undefined {
  const contained = wanted.length >= 3 && (name.includes(wanted) || (name.length >= 3 && wanted.includes(name)))
  if (contained) return wanted === name ? 0 : Math.abs(name.length - wanted.length) / 100 + 0.5
  // Each part of `provider/model` by itself: a provider both have in common says nothing of the model.
  const [mine, its] = [wanted.indexOf('/'), name.indexOf('/')]
  if (mine > 0 && its > 0) {
    const provider = farness(wanted.slice(0, mine), name.slice(0, its))
    const model = provider === undefined ? undefined : farness(wanted.slice(mine + 1), name.slice(its + 1))
    return provider === undefined || model === undefined ? undefined : provider + model
  }
  const limit = Math.max(1, Math.floor(wanted.length / 3))
  const edits = distance(wanted, name, limit)
  return edits <= limit ? edits : undefined
}

/**
 * The names a person may have meant, nearest first: those within a third of the word's length in edits (one at least), or that contain it. Of
 * `provider/model` both parts must be near. Looks at no more than 20,000 candidates and the first 80 characters of each.
 */
export function nearest(word: string, candidates: Iterable<string>, count = 3): string[] {
  const wanted = word.toLowerCase().slice(0, CHARS_MAX)
  const scored: { name: string; score: number }[] = []
  let seen = 0
  for (const name of candidates) {
    seen += 1
    if (seen > 20_000) break
    const score = farness(wanted, name.toLowerCase().slice(0, CHARS_MAX))
    if (score !== undefined) scored.push({ name, score })
  }
  scored.sort((a, b) => a.score - b.score || a.name.localeCompare(b.name))
  return [...new Set(scored.map(s => s.name))].slice(0, count)
}
