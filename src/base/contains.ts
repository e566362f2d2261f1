/** True if one of these texts stands somewhere in the bytes: a look that costs little, before they are read in earnest. */
export function containsAny(bytes: Uint8Array, words: readonly Uint8Array[]): boolean {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return words.some(word => all.includes(word))
}

/** Texts to look for with {@link containsAny}. */
export function wordsToFind(...texts: readonly string[]): readonly Uint8Array[] {
  return texts.map(text => Buffer.from(text))
}
