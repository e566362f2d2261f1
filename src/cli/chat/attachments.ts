import { open, stat } from 'node:fs/promises'
import { basename, isAbsolute, join } from 'node:path'
import type { ModelView } from '../../admin/contract.ts'
import { errorCode } from '../../base/error-code.ts'
import { showBytes } from '../amounts.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, EXIT } from '../verb.ts'
import type { Content, Part } from './content.ts'

/** A file that goes with a question. */
export interface Attachment {
  /** As the person wrote it. */
  readonly path: string
  readonly bytes: number
  readonly part: Part
}

/** Where paths are looked up. */
export interface Places {
  readonly cwd: string
  readonly home: string
}

/** Largest picture, in bytes. Providers take 5 to 20 MB; the gateway's own limit on a request is 32 MiB as base64. */
const IMAGE_BYTES_MAX = 10 * 1024 * 1024

/** Largest text, in bytes: a quarter of a million tokens, more than most models read. */
const TEXT_BYTES_MAX = 1024 * 1024

/** Largest sum for one question, in bytes. */
const ALL_BYTES_MAX = 16 * 1024 * 1024

/** How the kinds of pictures that models take begin: the names of files lie. */
const IMAGE_TYPES: readonly { readonly mediaType: string; readonly is: (head: Buffer) => boolean }[] = [
  { mediaType: 'image/png', is: head => head.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n' },
  { mediaType: 'image/jpeg', is: head => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff },
  { mediaType: 'image/gif', is: head => /^GIF8[79]a/.test(head.toString('latin1')) },
  { mediaType: 'image/webp', is: head => /^RIFF[\s\S]{4}WEBP/.test(head.toString('latin1')) },
]

/** The real path of one a person wrote: `~` is their home folder. */
export function pathIn(path: string, { cwd, home }: Places): string {
  const full = path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path
  return isAbsolute(full) ? full : join(cwd, full)
}

/** Reads a file to send. Throws a usage fault: it is not there, too large, or nothing a model can read. */
export async function readAttachment(path: string, wanted: 'any' | 'image', places: Places): Promise<Attachment> {
  const shown = oneLine(path)
  const bytes = await contentsOf(path, places)
  const name = basename(path)
  const mediaType = IMAGE_TYPES.find(({ is }) => is(bytes.subarray(0, 16)))?.mediaType
  if (mediaType !== undefined)
    return { path, bytes: bytes.length, part: { type: 'image', name, mediaType, base64: bytes.toString('base64') } }
  if (wanted === 'image') throw new CliFault(EXIT.usage, `${shown} is no PNG, JPEG, GIF or WebP picture.`)
  const text = textIn(bytes)
  if (text === undefined)
    throw new CliFault(EXIT.usage, `${shown} is neither text (UTF-8) nor a PNG, JPEG, GIF or WebP picture.`, {
      fix: ['Turn it into text or a picture first: that is what every model can be sent.'],
    })
  if (bytes.length > TEXT_BYTES_MAX) throw tooLarge(shown, bytes.length, TEXT_BYTES_MAX, 'a text')
  return { path, bytes: bytes.length, part: { type: 'text', text: fenced(path, text) } }
}

async function contentsOf(path: string, places: Places): Promise<Buffer> {
  const shown = oneLine(path)
  const full = pathIn(path, places)
  try {
    const found = await stat(full)
    if (!found.isFile()) throw new CliFault(EXIT.usage, `${shown} is not a file.`)
    if (found.size > IMAGE_BYTES_MAX) throw tooLarge(shown, found.size, IMAGE_BYTES_MAX, 'a picture')
    const file = await open(full, 'r')
    try {
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof CliFault) throw error
    const code = errorCode(error)
    throw new CliFault(EXIT.usage, `${shown} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`)
  }
}

function tooLarge(name: string, bytes: number, most: number, what: string): CliFault {
  const own = showBytes(bytes) === showBytes(most) ? `a little more than ${showBytes(most)}` : showBytes(bytes)
  return new CliFault(EXIT.usage, `${name} has ${own}; ${what} may have ${showBytes(most)}.`)
}

function textIn(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/** A text with its name, in a fence longer than any in it. */
function fenced(path: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${path}:\n\n${fence}\n${text.replace(/\n$/, '')}\n${fence}`
}

/** A question with its files. Words and texts are one text where no picture is among them: every provider takes that. Throws a usage fault. */
export function withAttachments(question: string, attached: readonly Attachment[]): Content {
  const bytes = attached.reduce((sum, each) => sum + each.bytes, 0)
  if (bytes > ALL_BYTES_MAX)
    throw new CliFault(
      EXIT.usage,
      `The files have ${showBytes(bytes)} together; one question may have ${showBytes(ALL_BYTES_MAX)}.`,
    )
  const parts = [
    ...attached.map(({ part }) => part),
    ...(question === '' ? [] : [{ type: 'text', text: question } as const]),
  ]
  const texts = parts.flatMap(part => (part.type === 'text' ? [part.text] : []))
  return texts.length === parts.length ? texts.join('\n\n') : parts
}

/** What is known of an attachment, for the person. */
export function attachmentWords({ path, bytes, part }: Attachment): string {
  return `${oneLine(path)} (${part.type === 'image' ? part.mediaType : 'text'}, ${showBytes(bytes)})`
}

/** Throws a usage fault if a model is known to see no pictures. One of which nothing is known is asked. */
export function refuseUnseen({ id, candor }: ModelView): void {
  if (candor.input === undefined || candor.input.includes('image')) return
  throw new CliFault(EXIT.usage, `${oneLine(id)} takes no pictures, so nothing was sent.`, {
    fix: ['Choose a model that does, or send the question without the picture.'],
  })
}

/** `@path` at the beginning of a word. */
const MENTION = /(?:^|\s)@((?:\\ |[^\s@])+)/g

/** A file that a text names with `@`. */
export interface Mention {
  /** As it stands in the text, with the `@`. */
  readonly written: string
  readonly path: string
}

/** The files a question names with `@`; a space in a path is written `\ `. */
export function mentionsIn(text: string): readonly Mention[] {
  return [...text.matchAll(MENTION)].map(([, behind = '']) => {
    const bare = behind.replace(/[,;:!?)]+$/, '')
    return { written: `@${bare}`, path: bare.replaceAll('\\ ', ' ') }
  })
}
