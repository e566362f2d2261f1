const STEP = '  '
const BACKSLASH = 0x5c
const PUNCTUATION = /^[{}[\],:]/
const WORD = /[^\s"{}[\],:]+/y

/**
 * JSON text with a line for each member, otherwise as it was written: numbers keep their digits, and members that come twice come twice. Also for the
 * beginning of a text that was cut.
 */
export function indentJson(text: string): string {
  const shown: string[] = []
  let depth = 0
  let before = ''
  for (const token of tokensIn(text)) {
    const closes = token === '}' || token === ']'
    if (closes) depth -= 1
    const isFirst = before === '{' || before === '['
    if ((isFirst && !closes) || before === ',' || (closes && !isFirst && before !== '')) shown.push(lineAt(depth))
    shown.push(token === ':' ? ': ' : token)
    if (token === '{' || token === '[') depth += 1
    before = token
  }
  return shown.join('')
}

/** Strings are looked through by hand: one of some megabytes is more than an expression can match. */
function* tokensIn(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at)
    if (/\s/.test(char)) {
      at += 1
      continue
    }
    const token = char === '"' ? stringAt(text, at) : PUNCTUATION.test(char) ? char : wordAt(text, at)
    yield token
    at += token.length
  }
}

/** The string that begins there; to the end of the text if it is not closed. */
function stringAt(text: string, from: number): string {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    // A quote behind an even number of backslashes is not escaped by any of them.
    if ((end - 1 - before) % 2 === 0) return text.slice(from, end + 1)
  }
  return text.slice(from)
}

function wordAt(text: string, from: number): string {
  WORD.lastIndex = from
  return WORD.exec(text)?.[0] ?? text.charAt(from)
}

/** Deeper than this nothing is moved further to the right: ten thousand lists in each other would fill the memory with spaces. */
const DEPTH_MAX = 32

function lineAt(depth: number): string {
  return `\n${STEP.repeat(Math.min(Math.max(0, depth), DEPTH_MAX))}`
}
