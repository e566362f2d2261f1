import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../base/json-value.ts'

/** What a simulated model says it sees of a file or image: type and size where it came inline, else where it is. */
export type Seen = string

/** Base64 data of a media type. */
export function seenInline(mediaType: string | undefined, data: string | undefined): Seen {
  return `${mediaType ?? 'data'} of ${Buffer.byteLength(data ?? '', 'base64')} bytes`
}

/** A `data:` URL, another address, or the id of an uploaded file. */
export function seenAt(address: string | undefined): Seen {
  const inline = /^data:([^;,]*)[^,]*,/.exec(address ?? '')
  if (inline === null) return `a file at ${address ?? 'nowhere'}`
  return seenInline(inline[1], (address ?? '').slice(inline[0].length))
}

/** Images and files of Chat Completions parts and of Responses parts. */
export function seenInParts(content: JsonValue | undefined): readonly Seen[] {
  return asArray(content).flatMap(item => {
    const part = asObject(item) ?? {}
    const file = asObject(part.file) ?? part
    switch (part.type) {
      case 'image_url':
        return [seenAt(asString(asObject(part.image_url)?.url))]
      case 'input_image':
        return [seenAt(asString(part.image_url) ?? asString(part.file_id))]
      case 'file':
      case 'input_file':
        return [seenFile(file)]
      case 'input_audio': {
        const audio = asObject(part.input_audio)
        return [seenInline(`audio/${asString(audio?.format) ?? ''}`, asString(audio?.data))]
      }
      default:
        return []
    }
  })
}

/** Images and documents among Messages blocks. */
export function seenInBlocks(content: JsonValue | undefined): readonly Seen[] {
  return asArray(content).flatMap(item => {
    const block = asObject(item)
    if (block?.type !== 'image' && block?.type !== 'document') return []
    const source = asObject(block.source) ?? {}
    const data = asString(source.data)
    if (source.type === 'text') return [seenInline('text/plain', Buffer.from(data ?? '').toString('base64'))]
    if (data !== undefined) return [seenInline(asString(source.media_type), data)]
    return [seenAt(asString(source.url) ?? asString(source.file_id))]
  })
}

/** The text of a tool result with what it shows. */
export function resultText(text: string, seen: readonly Seen[]): string {
  return [...(text === '' && seen.length > 0 ? [] : [text]), ...seen.map(each => `[${each}]`)].join(' ')
}

function seenFile(file: JsonObject): Seen {
  const data = asString(file.file_data)
  if (data === undefined) return seenAt(asString(file.file_url) ?? asString(file.file_id))
  return data.startsWith('data:') ? seenAt(data) : seenInline(undefined, data)
}
