import { createHash } from 'node:crypto'
import { scanArray, scanObject, spanString } from '../base/json-splice.ts'
import type { Call } from './call.ts'

/**
 * Headers by which clients name a conversation. Claude Code: x-claude-code-session-id (since 2.1.86). Codex: session_id, later session-id and
 * thread-id. opencode: x-session-id, x-session-affinity, x-opencode-session. OpenRouter's own is x-session-id too.
 */
const SESSION_HEADERS: readonly string[] = [
  'x-claude-code-session-id',
  'session_id',
  'session-id',
  'x-session-id',
  'x-session-affinity',
  'x-opencode-session',
  'thread-id',
]

/** Where the instructions of a conversation stand, in the four protocols. `messages` has its own among the messages. */
const INSTRUCTIONS: readonly string[] = ['system', 'instructions', 'systemInstruction', 'system_instruction']
/** Where its turns stand. */
const TURNS: readonly string[] = ['messages', 'input', 'contents']
const WANTED: readonly string[] = ['prompt_cache_key', 'metadata', ...INSTRUCTIONS, ...TURNS]
const METADATA: readonly string[] = ['session_id', 'user_id']

/** Where the content of a turn, or of what stands in one, goes on. */
const INNER: readonly string[] = ['content', 'parts']
/** What a part says. Anything else may change from turn to turn, as marks for the provider's cache do. */
const SAID: readonly string[] = [
  'text',
  'source',
  'image_url',
  'input_audio',
  'file',
  'file_id',
  'file_data',
  'inlineData',
  'inline_data',
  'fileData',
]
const TURN: readonly string[] = ['role', ...INNER, ...SAID]

/** Turns looked at to find the user's first one. */
const TURNS_MAX = 8
/** Elements looked at of one list of parts, and pieces taken into a head. */
const PIECES_MAX = 64
/** Lists and parts within each other: a text in the result of a tool in a turn is the fifth. Each is another look at the same bytes. */
const DEPTH_MAX = 5
/** Of a longer piece, so many bytes of both ends are taken, and the length. */
const END_BYTES = 4_096
/** 132 bits. */
const SESSION_CHARS = 22
const QUOTE = 0x22
const OPEN_LIST = 0x5b

interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Which conversation a call belongs to, so that it stays where the provider's prompt cache is warm: what the client says in a header or in the body,
 * else how the conversation begins (its instructions and the user's first turn). Only a hash, and another one for every gateway `key`: nothing of the
 * text can be read from it. Undefined if nothing tells, or the body is no JSON object.
 */
export function sessionOf(call: Pick<Call, 'headers' | 'body'>, key = ''): string | undefined {
  return findSession(call, key)?.session
}

/** What tells a conversation from others. */
export type SessionSign = { readonly header: string } | 'body' | 'beginning'

/** The same with the sign it was found by: a header, a field of the body, or how the conversation begins. */
export function findSession(
  { headers, body }: Pick<Call, 'headers' | 'body'>,
  key: string,
): { readonly session: string; readonly by: SessionSign } | undefined {
  for (const name of SESSION_HEADERS) {
    const value = headers.get(name)
    if (value !== null && value !== '') return { session: named(key, value), by: { header: name } }
  }
  const scan = scanObject(body, WANTED)
  if ('fault' in scan) return undefined
  const at = (name: string): Span | undefined => {
    const field = scan.fields.get(name)
    return field === undefined ? undefined : { start: field.valueStart, end: field.valueEnd }
  }
  const said = textAt(body, at('prompt_cache_key')) ?? sessionInMetadata(body, at('metadata'))
  if (said !== undefined) return { session: named(key, said), by: 'body' }
  const head = new Head(body, key)
  for (const name of INSTRUCTIONS) head.content(at(name))
  for (const name of TURNS) head.turns(at(name))
  const session = head.session()
  return session === undefined ? undefined : { session, by: 'beginning' }
}

function named(key: string, name: string): string {
  return digest(createHash('sha256').update(`${key}\nnamed\n${name}`))
}

/**
 * `session_id`, or a `user_id` with a session in it: Claude Code writes `user_…_account_…_session_…`, since 2.1.78 a JSON text with `session_id`
 * (coder/aibridge#241). Any other `user_id` names a person, who has many conversations.
 */
function sessionInMetadata(body: Uint8Array, span: Span | undefined): string | undefined {
  if (span === undefined) return undefined
  const scan = scanObject(body, METADATA, span)
  if ('fault' in scan) return undefined
  for (const name of METADATA) {
    const field = scan.fields.get(name)
    const text = field && textAt(body, { start: field.valueStart, end: field.valueEnd })
    if (text !== undefined && (name === 'session_id' || text.includes('session'))) return text
  }
  return undefined
}

/** The text there, if it is one and not empty. */
function textAt(body: Uint8Array, span: Span | undefined): string | undefined {
  const text = span === undefined ? undefined : spanString(body, span.start, span.end)
  return text === '' ? undefined : text
}

function digest(hash: ReturnType<typeof createHash>): string {
  return hash.digest('base64url').slice(0, SESSION_CHARS)
}

/** Collects how a conversation begins. A text counts the same whether it stands alone or as a part: clients change that when they mark it. */
class Head {
  readonly #body: Uint8Array
  readonly #hash
  #pieces = 0

  constructor(body: Uint8Array, key: string) {
    this.#body = body
    this.#hash = createHash('sha256').update(`${key}\nhead\n`)
  }

  /** The hash of all that was collected; undefined if that is nothing. */
  session(): string | undefined {
    return this.#pieces === 0 ? undefined : digest(this.#hash)
  }

  /** Takes the turns up to the user's first. */
  turns(span: Span | undefined): void {
    if (span === undefined) return
    if (this.#body[span.start] === OPEN_LIST) {
      for (const turn of this.#elements(span, TURNS_MAX)) if (this.#object(turn, 0) === 'user') return
    } else this.content(span)
  }

  /** Takes a text, a part, or a list of them. */
  content(span: Span | undefined, depth = 0): void {
    if (span === undefined || depth > DEPTH_MAX) return
    const first = this.#body[span.start]
    if (first === QUOTE) this.#piece({ start: span.start + 1, end: span.end - 1 })
    else if (first === OPEN_LIST) for (const part of this.#elements(span, PIECES_MAX)) this.content(part, depth + 1)
    else this.#object(span, depth)
  }

  #elements(span: Span, elementsMax: number): readonly Span[] {
    const found = scanArray(this.#body, span, undefined, elementsMax)
    return 'fault' in found ? [] : found
  }

  /** Takes what a turn or part says, and gives the role it is said in. Gemini's turns of a user may go without one. */
  #object(span: Span, depth: number): string | undefined {
    const scan = scanObject(this.#body, TURN, span)
    if ('fault' in scan) return undefined
    const { fields } = scan
    for (const name of TURN) {
      const field = fields.get(name)
      if (field === undefined || name === 'role') continue
      const value = { start: field.valueStart, end: field.valueEnd }
      if (INNER.includes(name) || this.#body[value.start] === QUOTE) this.content(value, depth + 1)
      else this.#piece(value)
    }
    const role = fields.get('role')
    if (role === undefined) return fields.has('parts') ? 'user' : undefined
    return spanString(this.#body, role.valueStart, role.valueEnd)
  }

  #piece({ start, end }: Span): void {
    if (this.#pieces >= PIECES_MAX) return
    this.#pieces += 1
    this.#hash.update(`${end - start}:`)
    if (end - start <= 2 * END_BYTES) this.#hash.update(this.#body.subarray(start, end))
    else {
      this.#hash.update(this.#body.subarray(start, start + END_BYTES))
      this.#hash.update(this.#body.subarray(end - END_BYTES, end))
    }
  }
}
