/** A part of what somebody says. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly name: string; readonly mediaType: string; readonly base64: string }

/** What somebody says: words alone, or words and pictures. */
export type Content = string | readonly Part[]

/** The content as Chat Completions has it. */
export function wireContent(content: Content): unknown {
  if (typeof content === 'string') return content
  return content.map(part =>
    part.type === 'text'
      ? part
      : { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.base64}` } },
  )
}

/** The words; a picture is told by its name. */
export function wordsOf(content: Content): string {
  if (typeof content === 'string') return content
  return content.map(part => (part.type === 'text' ? part.text : `[image: ${part.name}]`)).join('\n\n')
}

/** Whether there is a picture in it. */
export function hasImage(content: Content): boolean {
  return typeof content !== 'string' && content.some(part => part.type === 'image')
}
