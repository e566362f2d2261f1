import type { CanonRequest, Part, Tool } from '../canon/request.ts'

/** Characters of English or code in one token, on average over current tokenizers; other scripts have fewer, so the estimate is low there. */
const CHARS_PER_TOKEN = 3.8
/** An image of about a megapixel; what most providers charge lies between 1,000 and 1,600. */
const IMAGE_TOKENS = 1_400
/** Base64 characters of a document in one token: pages are charged as text and picture. */
const DOCUMENT_CHARS_PER_TOKEN = 40
/** Roles and separators of one message. */
const TURN_TOKENS = 4

/** A rough count of a request's input tokens, for providers that have no call for it. Always labelled as an estimate where it is shown. */
export function estimateTokens(request: CanonRequest): number {
  let tokens = 0
  for (const turn of request.turns) {
    tokens += TURN_TOKENS
    for (const part of turn.parts) tokens += partTokens(part)
  }
  for (const tool of request.tools) tokens += textTokens(toolText(tool))
  return Math.max(1, Math.round(tokens))
}

function partTokens(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return textTokens(part.text)
    case 'tool-call':
      return textTokens(part.name) + textTokens(part.input)
    case 'tool-result':
      return part.content.reduce((sum, inner) => sum + partTokens(inner), TURN_TOKENS)
    case 'image':
      return IMAGE_TOKENS
    case 'document':
      return part.source.type === 'base64' ? part.source.data.length / DOCUMENT_CHARS_PER_TOKEN : IMAGE_TOKENS
    case 'audio':
      return part.data.length / DOCUMENT_CHARS_PER_TOKEN
    case 'opaque':
      return textTokens(JSON.stringify(part.value))
  }
}

function toolText(tool: Tool): string {
  if (tool.type === 'opaque') return JSON.stringify(tool.value)
  const schema = tool.type === 'function' ? tool.parameters : tool.format
  return `${tool.name} ${tool.description ?? ''} ${JSON.stringify(schema ?? {})}`
}

function textTokens(text: string): number {
  return text.length / CHARS_PER_TOKEN
}
