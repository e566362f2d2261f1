/**
 * A JSON text in its canonical form: no white space, fields in the order of their names, strings escaped in one way; numbers stay as
 * written. Two texts with the same form mean the same to every reader. Undefined if an object has two fields of one name, which readers
 * understand differently. The text must be valid JSON of bounded depth (base/json.ts).
 */
export function canonicalJson(text: string): string | undefined {
  return new Walker(text).value()
}

class Walker {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The value that begins here, behind white space. */
  value(): string | undefined {
    switch (this.#peek()) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return this.#string()
      default:
        return this.#literal()
    }
  }

  #object(): string | undefined {
    const fields = new Map<string, string>()
    this.#at += 1
    while (this.#peek() !== '}') {
      if (this.#peek() === ',') this.#at += 1
      this.#peek()
      const name = this.#string()
      this.#peek()
      this.#at += 1
      const value = this.value()
      if (value === undefined || fields.has(name)) return undefined
      fields.set(name, value)
    }
    this.#at += 1
    const names = [...fields.keys()].sort()
    return `{${names.map(name => `${name}:${fields.get(name)}`).join(',')}}`
  }

  #array(): string | undefined {
    const items: string[] = []
    this.#at += 1
    while (this.#peek() !== ']') {
      if (this.#peek() === ',') this.#at += 1
      const value = this.value()
      if (value === undefined) return undefined
      items.push(value)
    }
    this.#at += 1
    return `[${items.join(',')}]`
  }

  #string(): string {
    const from = this.#at
    let close = this.#text.indexOf('"', from + 1)
    while (this.#isEscaped(close)) close = this.#text.indexOf('"', close + 1)
    this.#at = close + 1
    const written = this.#text.slice(from, this.#at)
    return written.includes('\\') ? JSON.stringify(JSON.parse(written)) : written
  }

  #isEscaped(quote: number): boolean {
    let first = quote
    while (this.#text[first - 1] === '\\') first -= 1
    return (quote - first) % 2 === 1
  }

  /** A number, `true`, `false` or `null`. */
  #literal(): string {
    const from = this.#at
    while (/[-+.\w]/.test(this.#text[this.#at] ?? '')) this.#at += 1
    return this.#text.slice(from, this.#at)
  }

  /** The next character that is no white space. */
  #peek(): string | undefined {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1
    return this.#text[this.#at]
  }
}
