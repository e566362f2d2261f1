import type { JsonValue } from '../../src/base/json-value.ts'
import { formatSse, openSseReader, type SseFrame } from '../../src/base/sse.ts'
import { mutateBytes } from './mutate-bytes.ts'
import { mutateJson } from './mutate-json.ts'
import { type Random, randomFrom } from './random.ts'
import { faultOf, type Target } from './target.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The case of that number: the same seed, target and number give the same bytes, as long as the corpus is the same. */
export function makeCase(target: Target, seed: number, number: number): Uint8Array {
  const random = randomFrom(`${seed}/${target.name}/${number}`)
  const example = random.pick(target.corpus) ?? new Uint8Array(0)
  const shaped = target.shape === 'bytes' || random.chance(0.1) ? example : mutateShape(target, example, random)
  return shaped === example || random.chance(0.15) ? mutateBytes(shaped, random) : shaped
}

function mutateShape(target: Target, example: Uint8Array, random: Random): Uint8Array {
  if (target.shape === 'stream') return mutateStream(target, example, random)
  return encoder.encode(mutateText(target, decoder.decode(example), random))
}

function mutateText(target: Target, text: string, random: Random): string {
  let value: JsonValue
  try {
    value = JSON.parse(text)
  } catch {
    return text
  }
  return JSON.stringify(mutateJson(value, target.material, random))
}

/** Events dropped, doubled, swapped, cut off, and changed inside. */
function mutateStream(target: Target, example: Uint8Array, random: Random): Uint8Array {
  let frames: readonly SseFrame[] = openSseReader().push(example)
  for (let left = 1 + random.int(4); left > 0; left -= 1) {
    const at = random.int(frames.length)
    const frame = frames[at]
    const act = random.int(8)
    if (frame === undefined) break
    if (act === 0) frames = frames.toSpliced(at, 1)
    else if (act === 1) frames = frames.toSpliced(at, 0, frame)
    else if (act === 2) frames = frames.toSpliced(at, 1).toSpliced(random.int(frames.length), 0, frame)
    else if (act === 3) frames = frames.slice(0, at)
    else frames = frames.with(at, { ...frame, data: mutateText(target, frame.data, random) })
  }
  return encoder.encode(frames.map(formatSse).join(''))
}

/** Attempts spent on making a found case smaller. */
const SHRINK_TRIES_MAX = 2000

/** A smaller case that is still wrong: stretches are left out, long ones first. */
export function shrink(target: Target, bytes: Uint8Array): Uint8Array {
  let small = bytes
  let tries = 0
  for (let size = Math.ceil(small.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < small.length && tries < SHRINK_TRIES_MAX; tries += 1) {
      const less = new Uint8Array(Buffer.concat([small.subarray(0, at), small.subarray(at + size)]))
      if (faultOf(target, less) === undefined) at += size
      else small = less
    }
  }
  return small
}
