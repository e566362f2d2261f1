import { asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'

/** Nesting of arguments told piece by piece; what is deeper no reader of this gateway would take. */
const DEPTH_MAX = 50

/**
 * Writes a call's arguments as one JSON text from the pieces in which Vertex streams them: `partialArgs`, each with the place of a value as a
 * JSON path (RFC 9535: names and indexes) and the value or a part of a text (cloud.google.com, "streaming function call arguments", 2026).
 */
export interface ArgsWriter {
  /** The further text for these pieces. Undefined if they do not go on where the text stands: a text cannot be changed any more. */
  take(pieces: readonly JsonValue[]): string | undefined
  /** The rest of the text: afterwards it is one whole JSON object. */
  finish(): string
  /** True once any text was given. */
  begun(): boolean
}

/** Opens a writer for one call. */
export function openArgsWriter(): ArgsWriter {
  return new Writer()
}

type Segment = string | number

/** A list or object whose end is not written yet. */
interface Container {
  /** Where it stands in the one around it; the outermost has none. */
  readonly segment: Segment | undefined
  readonly isList: boolean
  /** Members of a list so far. */
  length: number
  /** Members of an object so far. */
  readonly keys: Set<string>
}

class Writer implements ArgsWriter {
  readonly #stack: Container[] = []
  /** The path of the text value whose closing quote is not written: a further piece may follow. */
  #openText: string | undefined

  begun(): boolean {
    return this.#stack.length > 0
  }

  take(pieces: readonly JsonValue[]): string | undefined {
    let text = ''
    for (const piece of pieces) {
      const more = this.#piece(asObject(piece) ?? {})
      if (more === undefined) return undefined
      text += more
    }
    return text
  }

  finish(): string {
    const text = this.#closeText() + (this.begun() ? '' : this.#root())
    return text + this.#closeTo(0)
  }

  #piece(piece: JsonObject): string | undefined {
    const path = asString(piece.jsonPath) ?? ''
    const value = givenValue(piece)
    if (path === this.#openText) {
      if (typeof value === 'string') return quoted(value).slice(1, -1)
      return value === undefined ? '' : undefined
    }
    const isListMark = path.endsWith('[]')
    const segments = parsePath(isListMark ? path.slice(0, -2) : path)
    if (segments === undefined || segments.length > DEPTH_MAX) return undefined
    if (value === undefined) return this.#mark(segments, isListMark, piece.willContinue === true)
    const leaf = segments.at(-1)
    if (leaf === undefined || isListMark) return undefined
    const lead = this.#goTo(segments.slice(0, -1), typeof leaf === 'number')
    const name = lead === undefined ? undefined : this.#member(leaf)
    if (lead === undefined || name === undefined) return undefined
    if (typeof value !== 'string') return lead + name + JSON.stringify(value)
    this.#openText = path
    return lead + name + quoted(value).slice(0, -1)
  }

  /** A piece without a value closes what stands at its path, or, where nothing does, stands for an empty list or object. */
  #mark(segments: readonly Segment[], isList: boolean, willContinue: boolean): string | undefined {
    if (segments.length === 0) return this.begun() ? '' : this.#root()
    if (this.#isThere(segments)) return ''
    if (willContinue) return ''
    return this.#goTo(segments, isList)
  }

  /** True if something was written at that place, as far as the open lists and objects still know. */
  #isThere(segments: readonly Segment[]): boolean {
    for (const [depth, segment] of segments.entries()) {
      const container = this.#stack[depth]
      if (container === undefined) return false
      const inner = this.#stack[depth + 1]
      if (inner !== undefined && inner.segment === placed(container, segment)) continue
      return isTaken(container, segment)
    }
    return true
  }

  /** Closes what does not lead to a container, opens what does; undefined if it cannot be reached any more. */
  #goTo(segments: readonly Segment[], isList: boolean): string | undefined {
    let text = this.#closeText() + (this.begun() ? '' : this.#root())
    let depth = 1
    for (const segment of segments) {
      const container = this.#stack[depth - 1]
      const inner = this.#stack[depth]
      if (container === undefined || inner === undefined || inner.segment !== placed(container, segment)) break
      depth += 1
    }
    text += this.#closeTo(depth)
    for (let at = depth - 1; at < segments.length; at += 1) {
      const segment = segments[at] ?? ''
      const next = segments[at + 1]
      const opensList = next === undefined ? isList : typeof next === 'number'
      const name = this.#member(segment)
      if (name === undefined) return undefined
      text += name + (opensList ? '[' : '{')
      this.#push(segment, opensList)
    }
    return text
  }

  /** Begins a member of the innermost container: the comma and the name before it. */
  #member(segment: Segment): string | undefined {
    const container = this.#stack.at(-1)
    if (container === undefined || isTaken(container, segment)) return undefined
    const place = placed(container, segment)
    const comma = container.length > 0 ? ',' : ''
    if (container.isList && place !== container.length) return undefined
    container.length += 1
    if (container.isList) return comma
    container.keys.add(String(place))
    return `${comma}${JSON.stringify(String(place))}:`
  }

  #root(): string {
    this.#push(undefined, false)
    return '{'
  }

  #push(segment: Segment | undefined, isList: boolean): void {
    const parent = this.#stack.at(-1)
    const place = segment === undefined || parent === undefined ? segment : placed(parent, segment)
    this.#stack.push({ segment: place, isList, length: 0, keys: new Set() })
  }

  #closeText(): string {
    const text = this.#openText === undefined ? '' : '"'
    this.#openText = undefined
    return text
  }

  #closeTo(depth: number): string {
    let text = ''
    while (this.#stack.length > depth) text += this.#stack.pop()?.isList === true ? ']' : '}'
    return text
  }
}

/** A list takes its indexes also as names (`$.items.0`), an object has only names. */
function placed(container: Container, segment: Segment): Segment {
  if (!container.isList) return String(segment)
  return typeof segment === 'string' && /^(?:0|[1-9]\d*)$/.test(segment) ? Number(segment) : segment
}

function isTaken(container: Container, segment: Segment): boolean {
  const place = placed(container, segment)
  if (!container.isList) return container.keys.has(String(place))
  return typeof place === 'number' && place < container.length
}

/** The value of a piece: a text, a number, a truth value or `null`; undefined if it has none. */
function givenValue(piece: JsonObject): string | number | boolean | null | undefined {
  const text = asString(piece.stringValue)
  if (text !== undefined) return text
  const number = asNumber(piece.numberValue)
  if (number !== undefined) return number
  if (typeof piece.boolValue === 'boolean') return piece.boolValue
  return piece.nullValue === undefined ? undefined : null
}

/** Halves of a character, split between two pieces, are written as escapes and so come together again. */
function quoted(text: string): string {
  return JSON.stringify(text)
}

const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y

/** The names and indexes of a path from its root `$`; undefined for anything else that JSONPath can say. */
function parsePath(path: string): Segment[] | undefined {
  if (!path.startsWith('$')) return undefined
  const segments: Segment[] = []
  STEP.lastIndex = 1
  while (STEP.lastIndex < path.length) {
    const step = STEP.exec(path)
    if (step === null) return undefined
    const [, name, index, single, double] = step
    if (index !== undefined) segments.push(Number(index))
    else segments.push(name ?? (single ?? double ?? '').replace(/\\(.)/g, '$1'))
  }
  return segments
}
