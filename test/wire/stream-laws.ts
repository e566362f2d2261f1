import { formatSse, openSseReader, type SseFrame } from '../../src/base/sse.ts'
import type { Event } from '../../src/canon/event.ts'
import { openGrammar } from '../../src/canon/grammar.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'

/** Streams up to this size are also decoded anew for every single offset; the cost is quadratic, so larger ones are not. */
const EVERY_OFFSET_BYTES_MAX = 3000

/** Truncations behind more frames than this are tried on a stride between the first and the last hundred frames. */
const EVERY_FRAME_MAX = 250

const encoder = new TextEncoder()

export interface LawOptions {
  /**
   * The protocol counts a stream as complete when every choice has stopped, even if its terminator is missing (Chat Completions).
   * Otherwise only its own final event completes it.
   */
  readonly stopsSuffice?: boolean
  /** Whether a stream that ends cleanly behind these frames is complete, for a protocol without an end mark (Gemini). */
  readonly isComplete?: (frames: readonly SseFrame[]) => boolean
}

/** The bytes of a stream made of these events. */
export function sseBytes(frames: readonly SseFrame[]): Uint8Array {
  return encoder.encode(frames.map(formatSse).join(''))
}

/** The events that bytes in these pieces decode to, ending included. */
export function decodePieces(protocol: WireProtocol, pieces: readonly Uint8Array[]): Event[] {
  return decodeFrames(protocol, framesOf(pieces))
}

/** The events these frames decode to, ending included. */
export function decodeFrames(protocol: WireProtocol, frames: readonly SseFrame[]): Event[] {
  const decoder = protocol.openDecoder()
  const events: Event[] = []
  for (const frame of frames) events.push(...decoder.push(frame))
  events.push(...decoder.end())
  return events
}

/** The frames the reader finds in bytes that come in these pieces and then end cleanly. */
export function framesOf(pieces: readonly Uint8Array[]): SseFrame[] {
  const reader = openSseReader()
  return [...pieces.flatMap(piece => [...reader.push(piece)]), ...reader.finish()]
}

/**
 * What breaks the laws of streams in this one, in words; empty if all hold:
 *
 * 1. any split of the bytes gives the same events;
 * 2. any truncation gives events in the order of canon/grammar.ts with exactly one terminal event, and that is `failure` with
 *    `stream_truncated` unless the protocol had said complete (or failed) before the cut;
 * 3. what came before a cut is the beginning of what the whole stream gives.
 *
 * Every byte offset counts, at nearly linear cost. A decoder is given frames, never bytes, so a split can only matter inside the stretch
 * between two frames: there every offset is tried, and the whole stream is also read one byte at a time. Likewise two cuts
 * between the same two frames leave the same frames, so cuts are tried by frame: all of them in streams of up to 250 frames; in longer
 * ones the first and last hundred, and every seventh between. Streams of up to 3,000 bytes are decoded anew from end to end for each
 * offset besides, with none of this reasoning.
 */
export function lawBreaks(protocol: WireProtocol, bytes: Uint8Array, options: LawOptions = {}): string[] {
  const frames = framesOf([bytes])
  const breaks = [...splitBreaks(bytes, frames), ...cutBreaks(protocol, frames, options)]
  if (bytes.length <= EVERY_OFFSET_BYTES_MAX) breaks.push(...everyOffsetBreaks(protocol, bytes, options))
  return breaks
}

function splitBreaks(bytes: Uint8Array, frames: readonly SseFrame[]): string[] {
  const breaks: string[] = []
  const single = Array.from(bytes, byte => Uint8Array.of(byte))
  if (!same(framesOf(single), frames)) breaks.push('read byte by byte the frames differ')
  for (const [start, end] of stretches(bytes)) {
    const whole = framesOf([bytes.subarray(start, end)])
    for (let at = start + 1; at < end; at += 1) {
      const split = framesOf([bytes.subarray(start, at), bytes.subarray(at, end)])
      if (!same(split, whole)) breaks.push(`split at byte ${at} the frames differ`)
    }
  }
  return breaks
}

/** Parts of the stream that each complete one frame, so that the reader holds nothing where they begin. */
function stretches(bytes: Uint8Array): [number, number][] {
  const reader = openSseReader()
  const found: [number, number][] = []
  let start = 0
  for (let at = 0; at < bytes.length; at += 1) {
    if (reader.push(bytes.subarray(at, at + 1)).length === 0) continue
    found.push([start, at + 1])
    start = at + 1
  }
  if (start < bytes.length) found.push([start, bytes.length])
  return found
}

function cutBreaks(protocol: WireProtocol, frames: readonly SseFrame[], options: LawOptions): string[] {
  const whole = decodeFrames(protocol, frames)
  const breaks: string[] = []
  for (let count = 0; count <= frames.length; count += stepAfter(count, frames.length)) {
    const fault = cutFault(protocol, frames.slice(0, count), whole, options)
    if (fault !== undefined) breaks.push(`cut after frame ${count}: ${fault}`)
  }
  return breaks
}

function stepAfter(count: number, total: number): number {
  return total <= EVERY_FRAME_MAX || count < 100 || count >= total - 100 ? 1 : 7
}

/** What is wrong with the events of a stream that was cut behind these frames. */
function cutFault(
  protocol: WireProtocol,
  frames: readonly SseFrame[],
  whole: readonly Event[],
  options: LawOptions,
): string | undefined {
  const decoder = protocol.openDecoder()
  const pushed = frames.flatMap(frame => [...decoder.push(frame)])
  if (!same(pushed, whole.slice(0, pushed.length))) return 'its events do not begin like those of the whole stream'
  const closing = decoder.end()
  if (decoder.end().length > 0) return 'a second end() gives events'
  const mayEnd = options.isComplete?.(frames) ?? (options.stopsSuffice === true && allStopped(pushed))
  return (
    orderFault([...pushed, ...closing]) ?? (pushed.some(isTerminal) ? undefined : endingFault(closing.at(-1), mayEnd))
  )
}

function orderFault(events: readonly Event[]): string | undefined {
  const grammar = openGrammar()
  for (const event of events) {
    const fault = grammar.take(event)
    if (fault !== undefined) return fault
  }
  const terminals = events.filter(isTerminal).length
  return terminals === 1 ? undefined : `${terminals} terminal events`
}

function endingFault(last: Event | undefined, mayEnd: boolean): string | undefined {
  if (last?.type === 'failure')
    return last.problem.code === 'stream_truncated' ? undefined : `ends in ${last.problem.code}`
  return mayEnd ? undefined : 'ends as if it were complete'
}

function allStopped(events: readonly Event[]): boolean {
  const stopped = new Set(events.flatMap(event => (event.type === 'choice-stop' ? [event.choice] : [])))
  return stopped.size > 0 && events.every(event => event.type !== 'block-start' || stopped.has(event.choice))
}

function everyOffsetBreaks(protocol: WireProtocol, bytes: Uint8Array, options: LawOptions): string[] {
  const whole = decodePieces(protocol, [bytes])
  const breaks: string[] = []
  for (let at = 0; at <= bytes.length; at += 1) {
    const head = bytes.subarray(0, at)
    if (!same(decodePieces(protocol, [head, bytes.subarray(at)]), whole)) breaks.push(`split at byte ${at}`)
    const fault = cutFault(protocol, [...openSseReader().push(head)], whole, options)
    if (fault !== undefined) breaks.push(`cut at byte ${at}: ${fault}`)
  }
  return breaks
}

function isTerminal(event: Event): boolean {
  return event.type === 'reply-end' || event.type === 'failure'
}

function same(a: unknown, b: unknown): boolean {
  return Bun.deepEquals(a, b, true)
}
