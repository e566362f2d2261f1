import { useMemo, useState } from 'preact/hooks'
import { quoteText } from '../../../src/base/redact.ts'
import { count } from '../words.ts'

/** This many characters are shown at first. */
const AT_FIRST = 20_000

/** What was asked for whole is laid out in blocks of at least this many characters, of which the browser lays out those that are seen. */
const BLOCK = 32_000

/**
 * A text that may be very long, in a frame that scrolls: its beginning, and all of it when that is wanted. Characters that are not seen, or that turn
 * the direction of writing, are written out. `name`: what the text is.
 */
export function LongText({ text, name }: { readonly text: string; readonly name: string }) {
  const [isWhole, setWhole] = useState(false)
  const isLong = text.length > AT_FIRST
  const blocks = useMemo(
    () => (isWhole ? blocksOf(text) : [isLong ? beginningOf(text) : text]).map(quoted),
    [text, isWhole, isLong],
  )
  return (
    <>
      <section class="long-text" aria-label={name} tabIndex={0}>
        {blocks.map((block, i) => (
          <pre key={i}>{block}</pre>
        ))}
      </section>
      {isLong && !isWhole && (
        <p class="long-text-more">
          <span class="soft">The first {count(AT_FIRST)} characters are shown. </span>
          <button type="button" onClick={() => setWhole(true)}>
            Show all {count(text.length)}
          </button>
        </p>
      )}
    </>
  )
}

function quoted(text: string): string {
  return quoteText(text, Number.POSITIVE_INFINITY)
}

function beginningOf(text: string): string {
  const isHalf = /[\ud800-\udbff]/.test(text.charAt(AT_FIRST - 1))
  return text.slice(0, isHalf ? AT_FIRST - 1 : AT_FIRST)
}

/** Cut only between lines: a cut elsewhere would show a line break that is not there. */
function blocksOf(text: string): readonly string[] {
  const blocks: string[] = []
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf('\n', at + BLOCK)
    const end = lineEnd < 0 ? text.length : lineEnd + 1
    blocks.push(text.slice(at, end))
    at = end
  }
  return blocks
}
