import type { Random } from './random.ts'

/** Pieces that mean something to one of the readers. */
const WORDS = [
  ...'{}[]",:\\\n\r \t',
  '\n\n',
  '\r\n',
  'data: ',
  'event: ',
  'data: [DONE]\n\n',
  ':\n',
  '\\u0000',
  '\\ud83d',
  'null',
  '1e999',
  '-0',
  '"model":"x",',
  '"__proto__":{},',
  '\uFEFF',
  '\uD83D\uDE00',
]

const encoder = new TextEncoder()

/** The bytes with one to six random changes; now and then bytes made of nothing but chance. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  if (random.chance(0.03)) return noise(random.int(300), random)
  let changed = bytes
  for (let left = 1 + random.int(6); left > 0; left -= 1) changed = change(changed, random)
  return changed
}

function change(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.int(bytes.length + 1)
  const to = Math.min(bytes.length, at + random.int(random.chance(0.2) ? bytes.length : 8))
  switch (random.int(6)) {
    case 0:
      return join(bytes.subarray(0, at), bytes.subarray(to))
    case 1:
      return join(bytes.subarray(0, to), bytes.subarray(at))
    case 2:
      return bytes.subarray(0, at)
    case 3:
      return join(bytes.subarray(0, at), noise(1 + random.int(3), random), bytes.subarray(to))
    default:
      return join(
        bytes.subarray(0, at),
        encoder.encode(random.pick(WORDS)),
        bytes.subarray(random.chance(0.5) ? at : to),
      )
  }
}

function noise(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => random.int(256))
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
