import { isShownPicture } from './drawn-picture.ts'

/** A piece of running text. */
export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'strong' | 'emphasis' | 'struck'; readonly inside: readonly Inline[] }
  /** Only http and https. */
  | { readonly type: 'link'; readonly text: string; readonly href: string }
  /** A picture that stands in the text itself; none is fetched. */
  | { readonly type: 'picture'; readonly alt: string; readonly url: string }

/** Every part is bounded or ends at a character it cannot hold, so that no text makes it slow. */
const PART = new RegExp(
  [
    String.raw`\\([!-/:-@[-\`{-~])`,
    '`([^`\\n]+)`',
    String.raw`!\[([^\]\n]{0,500})\]\((data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=]+)(\)|$)`,
    String.raw`\[([^\]\n]{1,500})\]\((https?:\/\/[^\s()<>]{1,2000})\)`,
    String.raw`(https?:\/\/[^\s<>()"'\`*]{1,2000})`,
    String.raw`(\*{1,3}|_{1,3}|~~)`,
  ].join('|'),
  'g',
)

/** Marks inside each other that count; deeper ones are text. */
const DEPTH_MAX = 16

/** A mark that may begin something. */
interface Opener {
  readonly mark: string
  /** How many of its characters are still to be used. */
  left: number
  /** Where it stands among the parts. */
  readonly at: number
}

/** Reads running text, with marks inside each other: after CommonMark's way (spec.commonmark.org/0.31.2, "Delimiter run"), without its rare rules. */
export function readInline(text: string): readonly Inline[] {
  const parts: Inline[] = []
  const openers: Opener[] = []
  let from = 0
  for (const found of text.matchAll(PART)) {
    const end = found.index + found[0].length
    if (found.index > from) parts.push({ type: 'text', text: text.slice(from, found.index) })
    from = end
    const mark = found[9]
    if (mark === undefined) parts.push(partOf(found))
    else placeMark(mark, { parts, openers, before: text[found.index - 1] ?? ' ', after: text[end] ?? ' ' })
  }
  if (from < text.length) parts.push({ type: 'text', text: text.slice(from) })
  return parts
}

interface Reading {
  readonly parts: Inline[]
  readonly openers: Opener[]
  /** The characters around the mark. */
  readonly before: string
  readonly after: string
}

/** Ends what it can end; what is left of it may begin something, or is text. */
function placeMark(run: string, reading: Reading): void {
  const { parts, openers, before, after } = reading
  const mark = run[0] ?? ''
  const isInWord = mark === '_' && /[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after)
  let left = run.length
  while (left > 0 && !isInWord && !/\s/.test(before)) {
    const used = close(mark, left, parts, openers)
    if (used === 0) break
    left -= used
  }
  if (left === 0) return
  if (!isInWord && !/\s/.test(after) && openers.length < DEPTH_MAX) openers.push({ mark, left, at: parts.length })
  parts.push({ type: 'text', text: mark.repeat(left) })
}

/** Puts what stands behind the last mark of this kind into one part. Gives how many characters of the mark that took; 0: there is none. */
function close(mark: string, left: number, parts: Inline[], openers: Opener[]): number {
  const place = openers.findLastIndex(opener => opener.mark === mark)
  const opener = openers[place]
  if (opener === undefined || opener.at === parts.length - 1) return 0
  const used = Math.min(left, opener.left, 2)
  const inside = parts.splice(opener.at + 1)
  openers.length = place + 1
  opener.left -= used
  if (opener.left > 0) parts[opener.at] = { type: 'text', text: mark.repeat(opener.left) }
  else {
    openers.pop()
    parts.pop()
  }
  parts.push({ type: mark === '~' ? 'struck' : used === 2 ? 'strong' : 'emphasis', inside })
  return used
}

function partOf([whole, escaped, code, alt, picture, end, words, target, bare]: RegExpMatchArray): Inline {
  if (escaped !== undefined) return { type: 'text', text: escaped }
  if (code !== undefined) return { type: 'code', text: code }
  if (picture !== undefined) return pictureOf(alt ?? '', picture, end !== '')
  const href = addressOf(target ?? bare ?? '')
  return href === undefined ? { type: 'text', text: whole } : { type: 'link', text: words ?? whole, href }
}

/** While an answer comes, the picture in it is not whole. */
function pictureOf(alt: string, url: string, isWhole: boolean): Inline {
  if (!isWhole) return { type: 'text', text: '(a picture is coming …)' }
  return isShownPicture(url)
    ? { type: 'picture', alt, url }
    : { type: 'text', text: `(a picture that is not shown: ${alt})` }
}

/** The address as a browser reads it; undefined where it is none. */
function addressOf(text: string): string | undefined {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined
}
