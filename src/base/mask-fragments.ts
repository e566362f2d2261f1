const MASK = '••••'

/** So many characters in a row of a secret give it away. Fewer are found in any text. */
const FRAGMENT_CHARS = 6
/** Of one with spaces in it, whose words are words of other texts too. */
const PHRASE_CHARS = 12

/**
 * Makes a function that masks every piece of the secrets in a text: whole or cut, in any case, and written in base64, in hex or for a URL, also
 * inside of something longer that was encoded as one. Secrets shorter than {@link FRAGMENT_CHARS} are not looked for.
 */
export function fragmentMask(secrets: Iterable<string>): (text: string) => string {
  const fragments = new Set<string>()
  const phrases = new Set<string>()
  for (const secret of secrets) {
    const target = /\s/.test(secret) ? phrases : fragments
    const size = target === phrases ? PHRASE_CHARS : FRAGMENT_CHARS
    for (const form of formsOf(secret)) addPieces(target, form.toLowerCase(), size)
  }
  return text => masked(masked(text, fragments, FRAGMENT_CHARS), phrases, PHRASE_CHARS)
}

function addPieces(target: Set<string>, form: string, size: number): void {
  for (let at = 0; at + size <= form.length; at += 1) target.add(form.slice(at, at + size))
}

/** The ways a secret may be written. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const url = encodeURIComponent(secret.toWellFormed())
  const json = JSON.stringify(secret).slice(1, -1)
  return [secret, json, url, url.replaceAll('%20', '+'), bytes.toString('hex'), ...[0, 1, 2].flatMap(base64At(bytes))]
}

/** Base64 has another form for each of the three places a text may begin at; what its neighbours have a part in is left out. */
function base64At(bytes: Buffer): (before: number) => readonly string[] {
  return before => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const own = encoded.slice(before === 0 ? 0 : before + 1, (bytes.length + before) % 3 === 0 ? undefined : -1)
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  }
}

function masked(text: string, pieces: ReadonlySet<string>, size: number): string {
  if (pieces.size === 0 || text.length < size) return text
  const lower = sameLengthLower(text)
  let shown = ''
  let from = 0
  let at = 0
  while (at + size <= lower.length) {
    if (!pieces.has(lower.slice(at, at + size))) {
      at += 1
      continue
    }
    shown += text.slice(from, at) + MASK
    at += size
    // Pieces that follow one another are one secret.
    while (at < lower.length && pieces.has(lower.slice(at - size + 1, at + 1))) at += 1
    from = at
  }
  return shown + text.slice(from)
}

/** A few characters of other scripts change their length with their case; places must stay what they are. */
function sameLengthLower(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, char => char.toLowerCase())
}
