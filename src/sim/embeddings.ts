import { createHash } from 'node:crypto'

/** A vector of length 1 for a text: the same text always has the same one. */
export function vectorOf(text: string, dimensions: number): readonly number[] {
  const values: number[] = []
  for (let block = 0; values.length < dimensions; block += 1) {
    const bytes = createHash('sha256').update(`${block}:${text}`).digest()
    for (let at = 0; at < bytes.length && values.length < dimensions; at += 2) {
      values.push(bytes.readInt16LE(at) / 32_768)
    }
  }
  const length = Math.hypot(...values)
  return values.map(value => Math.fround(value / length))
}

/** The vector as OpenAI writes `base64`: 32-bit floats, the low byte first. */
export function vectorBase64(values: readonly number[]): string {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [at, value] of values.entries()) bytes.writeFloatLE(value, at * 4)
  return bytes.toString('base64')
}
