const STEP = '  '

/**
 * JSON with a line for each value, every value written as it was: numbers keep their digits, texts their escapes, and a name that stands twice stays.
 * Undefined: it is no JSON.
 */
export function indented(text: string): string | undefined {
  if (!isJson(text)) return undefined
  const pieces: string[] = []
  let depth = 0
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at)
    const end = tokenEnd(text, at)
    if (char === '{' || char === '[') {
      const after = pastSpace(text, end)
      if (isClosing(text.charAt(after))) {
        pieces.push(char, text.charAt(after))
        at = after + 1
        continue
      }
      depth += 1
      pieces.push(char, lineAt(depth))
    } else if (isClosing(char)) {
      depth -= 1
      pieces.push(lineAt(depth), char)
    } else if (char === ',') pieces.push(char, lineAt(depth))
    else if (char === ':') pieces.push(': ')
    else if (!SPACE.includes(char)) pieces.push(text.slice(at, end))
    at = end
  }
  return pieces.join('')
}

const SPACE = ' \t\r\n'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isClosing(char: string): boolean {
  return char === '}' || char === ']'
}

/** Deeper than this nothing is moved further to the right: ten thousand lists in each other would fill the memory with spaces. */
const DEPTH_MAX = 32

function lineAt(depth: number): string {
  return `\n${STEP.repeat(Math.min(depth, DEPTH_MAX))}`
}

function pastSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && SPACE.includes(text.charAt(at))) at += 1
  return at
}

/** Where what begins at `from` ends: a text at its closing quote, a number or a word before the next sign or space. */
function tokenEnd(text: string, from: number): number {
  if (text.charAt(from) === '"') return textEnd(text, from)
  let at = from + 1
  if (SIGNS.includes(text.charAt(from))) return at
  while (at < text.length && !SIGNS.includes(text.charAt(at))) at += 1
  return at
}

const SIGNS = `{}[],:"${SPACE}`

function textEnd(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1)
  while (quote >= 0 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1)
  return quote < 0 ? text.length : quote + 1
}

function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charAt(before - 1) === '\\') before -= 1
  return (at - before) % 2 === 1
}
