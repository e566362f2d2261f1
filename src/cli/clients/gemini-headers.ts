/** Candor's own header: names of what may be left out of a request, with commas between them. */
const ALLOW = 'candor-allow-loss'

/**
 * The value of `GEMINI_CLI_CUSTOM_HEADERS` (`Name: value, Name: value`) that also allows this loss. What else stands there stays: Gemini CLI
 * reads a comma as a border only where a name and a colon follow, and of two headers with one name it sends the last (seen with 0.61.0).
 */
export function withAllowance(headers: string, loss: string): string {
  const entries = entriesOf(headers)
  const at = entries.findLastIndex(isAllowance)
  const entry = entries[at]
  if (entry === undefined) return [...entries, `${ALLOW}:${loss}`].join(',')
  return lossesOf(entry).includes(loss) ? headers : entries.with(at, `${entry},${loss}`).join(',')
}

/** The headers without what {@link withAllowance} added; what is spelled in another way is somebody else's. */
export function withoutAllowance(headers: string, loss: string): string {
  const entries = entriesOf(headers)
  const at = entries.findLastIndex(isAllowance)
  const entry = entries[at]
  if (entry === `${ALLOW}:${loss}`) return entries.toSpliced(at, 1).join(',')
  return entry?.endsWith(`,${loss}`) === true ? entries.with(at, entry.slice(0, -loss.length - 1)).join(',') : headers
}

function entriesOf(headers: string): string[] {
  return headers.split(/,(?=\s*[^,:]+:)/).filter(entry => entry.trim() !== '')
}

function isAllowance(entry: string): boolean {
  return entry.slice(0, entry.indexOf(':')).trim().toLowerCase() === ALLOW
}

function lossesOf(entry: string): string[] {
  const value = entry.slice(entry.indexOf(':') + 1)
  return value.split(',').map(name => name.trim())
}
