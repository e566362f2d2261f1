import { appendFile, chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '../../base/error-code.ts'
import { parseJson } from '../../base/json.ts'
import { redactText } from '../../base/redact.ts'
import { mentionsIn } from './attachments.ts'

/** What was asked before, in this conversation and in those before it. */
export interface History {
  /** Oldest first. */
  entries(): readonly string[]
  /** What of an entry was pasted and names a file: it is no more the person's own word for having come back. */
  pastedIn(text: string): readonly string[]
  /** Keeps one, unless it is the last one again, very long, or looks like it holds a secret. */
  add(text: string, pasted?: readonly string[]): Promise<void>
}

/** A text, and the files in it that were named in what was pasted, as they stand there. */
interface Entry {
  readonly text: string
  readonly pasted: readonly string[]
}

/** Most entries kept. */
const ENTRIES_MAX = 1_000

/** Longest entry kept, in characters: longer ones are files that were pasted. */
const ENTRY_CHARS_MAX = 4_000

/** Names of things that are not for a file, with a value behind them; and the head of a key in PEM. */
const SECRET_WORDS =
  /\b(?:api[-_ ]?key|secret|token|passw(?:or)?d|passphrase|authorization)\b["']?\s*(?:[:=]|\bis\b)\s*\S|-----BEGIN/i

/** A long run of letters and digits together is rather a key than a word. */
const KEY_LIKE = /(?=[A-Za-z0-9_+/-]*\d)(?=[A-Za-z0-9_+/-]*[A-Za-z])[A-Za-z0-9_+-]{32,}/

/** Whether a text may hold a secret. */
export function looksSecret(text: string): boolean {
  return redactText(text) !== text || SECRET_WORDS.test(text) || KEY_LIKE.test(text)
}

/** A history that ends with the conversation. */
export function shortHistory(): History {
  return keeping([], async () => {})
}

/**
 * The history in a file, for its owner's eyes only: one JSON text a line, or a list of the text and of the files named in it by what was pasted. A file
 * that cannot be read or written is no reason not to talk: then the history ends with the conversation, and `failed` is told why.
 */
export async function openHistory(file: string, failed: (why: string) => void): Promise<History> {
  let writable = true
  const tell = (error: unknown) => {
    if (writable) failed(`The history is not kept: ${error instanceof Error ? error.message : String(error)}`)
    writable = false
  }
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') tell(error)
    return ''
  })
  const lines = text.split('\n').filter(line => line !== '')
  const entries = lines.flatMap(line => {
    const read = parseJson(line)
    const [asked, ...pasted] = read.ok ? [read.value].flat() : []
    return typeof asked === 'string' ? [{ text: asked, pasted: pasted.filter(each => typeof each === 'string') }] : []
  })
  if (lines.length > 2 * ENTRIES_MAX) await shorten(file, entries.slice(-ENTRIES_MAX)).catch(tell)
  return keeping(entries.slice(-ENTRIES_MAX), async added => {
    if (!writable) return
    await append(file, written(added)).catch(tell)
  })
}

/** Conversations side by side each add their lines at the end. */
async function append(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await appendFile(file, line, { mode: 0o600 })
  await chmod(file, 0o600)
}

function written({ text, pasted }: Entry): string {
  return `${JSON.stringify(pasted.length === 0 ? text : [text, ...pasted])}\n`
}

async function shorten(file: string, entries: readonly Entry[]): Promise<void> {
  const next = `${file}.${process.pid}`
  await writeFile(next, entries.map(written).join(''), { mode: 0o600 })
  await rename(next, file)
}

function keeping(before: readonly Entry[], keep: (entry: Entry) => Promise<void>): History {
  const entries = [...before]
  return {
    entries: () => entries.map(({ text }) => text),
    pastedIn: text => entries.filter(each => each.text === text).flatMap(({ pasted }) => pasted),
    async add(text, pasted = []) {
      if (text.trim() === '' || text === entries.at(-1)?.text) return
      const entry = { text, pasted: mentionsOf(text, pasted) }
      entries.push(entry)
      if (entries.length > ENTRIES_MAX) entries.shift()
      if (text.length <= ENTRY_CHARS_MAX && !looksSecret(text)) await keep(entry)
    },
  }
}

/** Only what is still in the text: what was pasted and taken out again is nobody's business. */
function mentionsOf(text: string, pasted: readonly string[]): readonly string[] {
  const written = mentionsIn(text).map(each => each.written)
  return [...new Set(written.filter(each => pasted.some(piece => piece.includes(each))))]
}
