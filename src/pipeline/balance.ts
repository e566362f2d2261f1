import type { Balance } from '../upstream/provider-setup.ts'

/** What equals are told apart by. */
export interface EqualsOptions<T> {
  /** A name that stays the same for the same item, over reloads and restarts. */
  name(item: T): string
  /** How busy it is: `Health.load`. Only compared. */
  load(item: T): number
  /** The conversation, if it should stay where it is. */
  readonly session?: string
  /** Between 0 and 1, 1 excluded. */
  random(): number
}

/** A conversation leaves its place for the second one only if the first is so many times as busy: prompt caches are worth waiting for. */
const BUSIER = 2
/** And only if it also saves so much waiting, in milliseconds: between fast ones a warm cache counts for more. */
const WORTH_MS = 500

/**
 * Puts equals into the order in which they are tried. `order`: as they stand. `weighted`: an item comes first as often as its weight says; a session
 * finds the same order every time, and if an item goes away only its own sessions move (weighted rendezvous hashing: Thaler and Ravishankar 1998,
 * with the weights of Schindelhauer and Schomaker 2005). `least-busy`: the same, and then the less busy of the first two comes first (the power of
 * two choices: Mitzenmacher 2001); with a session only if the first is far busier.
 */
export function orderEqual<T extends { readonly weight: number }>(
  equals: readonly T[],
  how: Balance,
  options: EqualsOptions<T>,
): readonly T[] {
  if (how === 'order' || equals.length < 2) return equals
  const { session } = options
  const sorted = equals
    .map(item => ({ item, score: score(item.weight, draw(item, options)) }))
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item)
  const [first, second, ...rest] = sorted
  if (how === 'weighted' || first === undefined || second === undefined) return sorted
  const [here, there] = [options.load(first), options.load(second)]
  const leave = session === undefined ? here > there : here > there * BUSIER && here - there > WORTH_MS
  return leave ? [second, first, ...rest] : sorted
}

/** A number between 0 and 1: the session's own for this item, else a random one. */
function draw<T>(item: T, { name, session, random }: EqualsOptions<T>): number {
  return session === undefined ? random() : hashFraction(`${session}\n${name(item)}`)
}

/** The item with the highest score is each with a probability proportional to its weight, if the draws are uniform. */
function score(weight: number, drawn: number): number {
  return drawn <= 0 || weight <= 0 ? 0 : -weight / Math.log(drawn)
}

/** A number above 0 and below 1 that looks random and is always the same for the same text. 52 bits, from two runs with different beginnings. */
function hashFraction(text: string): number {
  const high = hash32(text, 0x811c9dc5) >>> 6
  const low = hash32(text, 0x9e3779b9) >>> 6
  return (high * 2 ** 26 + low + 0.5) / 2 ** 52
}

/** FNV-1a over UTF-16 units, then the finalizer of MurmurHash3, since FNV alone hardly mixes the last characters into the high bits. */
function hash32(text: string, beginning: number): number {
  let hash = beginning
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
