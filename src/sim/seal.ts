import { createHmac } from 'node:crypto'

/** Bytes of the check that a seal carries. */
const CHECK_BYTES = 16

/**
 * A text as a provider gives it out sealed, such as reasoning it wants back: opaque to others, the same every time, and known again by
 * {@link unseal} without being kept. `mark` stands before it, so that seals look like those of the real provider. Standard base64
 * decodes the whole if the mark does.
 */
export function seal(signer: string, text: string, mark = ''): string {
  const body = Buffer.from(text)
  return mark + Buffer.concat([checkOf(signer, body), masked(body)]).toString('base64')
}

/** The text in a seal, or undefined if this signer did not make it or a letter of it was changed. */
export function unseal(signer: string, sealed: string, mark = ''): string | undefined {
  if (!sealed.startsWith(mark)) return undefined
  const bytes = Buffer.from(sealed.slice(mark.length), 'base64')
  const body = masked(bytes.subarray(CHECK_BYTES))
  const text = body.toString()
  return seal(signer, text, mark) === sealed ? text : undefined
}

function checkOf(signer: string, body: Uint8Array): Buffer {
  return createHmac('sha256', `simulated ${signer}`).update(body).digest().subarray(0, CHECK_BYTES)
}

/** Not a cipher: it only keeps a reader from taking the content for its own. */
function masked(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte, at) => byte ^ ((at * 73 + 41) & 0xff)))
}
