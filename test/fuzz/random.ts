/** Chance that can be repeated: the same seed gives the same series. */
export interface Random {
  /** A whole number from 0 to below the limit; 0 if the limit is below 1. */
  int(below: number): number
  /** True in about that share of the cases. */
  chance(share: number): boolean
  /** One of the list; undefined if it is empty. */
  pick<T>(list: readonly T[]): T | undefined
}

/** A 32-bit xorshift generator (Marsaglia, "Xorshift RNGs", 2003), started from a hash of the text. */
export function randomFrom(seed: string): Random {
  let state = Bun.hash.crc32(seed) || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  // Seeds that differ in one digit begin alike; a few rounds later they do not.
  for (let round = 0; round < 8; round += 1) next()
  const int = (below: number) => (below < 1 ? 0 : next() % below)
  return { int, chance: share => next() / 2 ** 32 < share, pick: list => list[int(list.length)] }
}
