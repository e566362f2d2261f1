/** Chances from a seed: the same seed gives the same row of them. */
export interface Random {
  /** True in that share of cases, 0 to 1. */
  chance(share: number): boolean
  /** A whole number from 0 to below this. */
  below(most: number): number
  /** One of these, each as likely. */
  pick<T>(items: readonly T[]): T
}

/** Opens a row of chances. The generator is mulberry32, by Tommy Ettinger. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (most: number) => Math.floor(next() * most)
  return {
    chance: share => next() < share,
    below,
    pick(items) {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
  }
}

/** A row of its own for each part of the storm. */
export function partOf(seed: number, part: number): Random {
  return seeded(Math.imul(seed, 0x9e3779b1) + Math.imul(part + 1, 0x85ebca6b))
}
