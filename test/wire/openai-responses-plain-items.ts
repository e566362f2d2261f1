import { asArray, isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'

/** Fields in a form that says the same as leaving them out. */
const IDLE: Readonly<Record<string, string>> = { caller: '{"type":"direct"}', async: 'false' }

/**
 * Items in the one form in which Candor writes them, of all those in which clients do. What is made plain: an easy message is a whole one, a
 * text is a list of one text, an empty text is none, a message without content is none, base64 alone is a `data:` URL, a result of one
 * text is that text, no arguments are `{}`; fields that are null, empty or ask for what happens anyway are gone.
 */
export function plainItems(input: JsonValue | undefined): JsonObject[] {
  const items: readonly JsonValue[] = typeof input === 'string' ? [{ role: 'user', content: input }] : asArray(input)
  return items.filter(isObject).flatMap(plainItem)
}

function plainItem(item: JsonObject): JsonObject[] {
  const type = item.type ?? (item.role === undefined ? 'item_reference' : 'message')
  switch (type) {
    case 'message': {
      const content = plainContent(item.content, item.role === 'assistant' ? 'output_text' : 'input_text')
      return content.length === 0 ? [] : [{ ...plain(item), type, content }]
    }
    case 'reasoning': {
      const { content: _, ...rest } = plain(item)
      const content = said(item.content)
      return [{ ...rest, summary: said(item.summary), ...(content.length === 0 ? {} : { content }) }]
    }
    case 'function_call':
      return [{ ...plain(item), arguments: item.arguments === '' ? '{}' : item.arguments }]
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [{ ...plain(item), output: plainOutput(item.output) }]
    case 'custom_tool_call':
      return [{ ...plain(item), input: item.input }]
    default:
      return [{ ...item, type }]
  }
}

function plainOutput(output: JsonValue | undefined): JsonValue {
  const content = plainContent(output, 'input_text')
  if (content.length === 0) return ''
  const [first] = content
  const alone = content.length === 1 && first?.type === 'input_text' && first.prompt_cache_breakpoint === undefined
  return alone ? (first.text ?? '') : content
}

function plainContent(content: JsonValue | undefined, textType: string): JsonObject[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: textType, text: content }]
  return said(content).map(plainPart)
}

/** The parts that are not an empty text. */
function said(parts: JsonValue | undefined): JsonObject[] {
  return asArray(parts)
    .filter(isObject)
    .filter(part => part.text !== '')
}

function plainPart(part: JsonObject): JsonObject {
  const { logprobs: _, annotations, ...rest } = part
  if (part.type === 'output_text') return { ...rest, ...(asArray(annotations).length === 0 ? {} : { annotations }) }
  if (part.type !== 'input_file') return part
  const { detail: __, ...file } = part
  if (typeof file.file_data !== 'string' || file.file_data.startsWith('data:')) return file
  const kind = file.file_data.startsWith('JVBERi') ? 'application/pdf' : 'application/octet-stream'
  return { ...file, file_data: `data:${kind};base64,${file.file_data}` }
}

function plain(item: JsonObject): JsonObject {
  const entries = Object.entries(item).filter(([name, value]) => value !== null && IDLE[name] !== JSON.stringify(value))
  return Object.fromEntries(entries) as JsonObject
}
