const LF = 0x0a
const CR = 0x0d

/**
 * The index just behind the last blank line in the bytes, or 0 if there is none: up to there whole events stand, and what follows is the
 * beginning of one. A chunk that ends with a blank line, as nearly all do, is told by its last two bytes.
 */
export function lastEventEnd(bytes: Uint8Array): number {
  for (let end = bytes.length; end >= 2; end -= 1) {
    const last = bytes[end - 1]
    if (last === LF) {
      const before = bytes[end - 2]
      if (before === LF) return end
      if (before === CR && (bytes[end - 3] === LF || bytes[end - 3] === CR)) return end
    } else if (last === CR && bytes[end - 2] === CR) {
      return end
    }
  }
  return 0
}

/** The index just behind the first blank line at or behind `from`, or the length if there is none. */
export function nextEventEnd(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === LF) {
      const before = bytes[at - 1]
      if (before === LF || (before === CR && (bytes[at - 2] === LF || bytes[at - 2] === CR))) return at + 1
    } else if (byte === CR && bytes[at - 1] === CR) return at + 1
  }
  return bytes.length
}

/**
 * Cuts a stream into pieces that end where an event ends. The unfinished rest is held until it is finished, so that a reader never sees half
 * an event, and a comment or an ending can be written between any two pieces.
 */
export interface EventCutter {
  /** The finished part of what has come so far; undefined if nothing is finished yet. Throws RangeError if the rest exceeds the limit. */
  push(bytes: Uint8Array): Uint8Array | undefined
  /**
   * For a stream that ended cleanly: an event whose lines are whole and that lacks only its blank line, with that line added. Undefined if
   * nothing is held or the last line is itself unfinished.
   */
  finish(): Uint8Array | undefined
}

/** Opens a cutter that holds at most `heldBytesMax`. */
export function openEventCutter(heldBytesMax: number): EventCutter {
  return new Cutter(heldBytesMax)
}

const NOTHING_HELD: Uint8Array[] = []

class Cutter implements EventCutter {
  readonly #heldBytesMax: number
  #held = NOTHING_HELD
  #heldBytes = 0

  constructor(heldBytesMax: number) {
    this.#heldBytesMax = heldBytesMax
  }

  push(bytes: Uint8Array): Uint8Array | undefined {
    // A blank line may be split between what is held and what comes: the join of the two last bytes with the new ones tells.
    const spans = this.#heldBytes > 0 && lastEventEnd(seam(this.#held, bytes)) > 0
    const end = lastEventEnd(bytes)
    if (end === 0 && !spans) {
      this.#hold(bytes)
      return undefined
    }
    const all = this.#join(bytes)
    const cut = lastEventEnd(all)
    if (cut === all.length) return all
    this.#hold(all.subarray(cut))
    return cut === 0 ? undefined : all.subarray(0, cut)
  }

  finish(): Uint8Array | undefined {
    const rest = this.#join(new Uint8Array(0))
    if (rest[rest.length - 1] !== LF) return undefined
    return Uint8Array.from([...rest, LF])
  }

  /** What is held and the new bytes, in one piece; afterwards nothing is held. */
  #join(bytes: Uint8Array): Uint8Array {
    if (this.#heldBytes === 0) return bytes
    const all = new Uint8Array(Buffer.concat([...this.#held, bytes]))
    this.#held = NOTHING_HELD
    this.#heldBytes = 0
    return all
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#heldBytes += bytes.length
    if (this.#held === NOTHING_HELD) this.#held = [bytes]
    else this.#held.push(bytes)
    if (this.#heldBytes > this.#heldBytesMax)
      throw new RangeError(`one event is larger than ${this.#heldBytesMax} bytes`)
  }
}

/** The last three held bytes and the first three new ones. */
function seam(held: readonly Uint8Array[], bytes: Uint8Array): Uint8Array {
  const tail: number[] = []
  for (let i = held.length - 1; i >= 0 && tail.length < 3; i -= 1) {
    const part = held[i]
    for (let at = (part?.length ?? 0) - 1; at >= 0 && tail.length < 3; at -= 1) tail.unshift(part?.[at] ?? 0)
  }
  return Uint8Array.from([...tail, ...bytes.subarray(0, 3)])
}
