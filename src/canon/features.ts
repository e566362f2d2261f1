import type { ParameterName } from './parameters.ts'
import type { CanonRequest, Part, Tool } from './request.ts'

/** Something a request makes use of, by its name in the parameter table. */
export interface Feature {
  readonly name: ParameterName
  /** Its first place in the client's request, where it has one of its own. */
  readonly at?: string
}

/** What a request makes use of, each name once, in no order. */
export function featuresOf(request: CanonRequest): readonly Feature[] {
  const found = new Map<string, Feature>()
  const note = (name: ParameterName, at?: string) => {
    if (!found.has(name)) found.set(name, { name, ...(at === undefined ? {} : { at }) })
  }
  for (const { name, at } of request.settings) note(name as ParameterName, at)
  if (request.maxOutputTokens !== undefined) note('max_output_tokens')
  if (request.stopSequences !== undefined) note('stop_sequences')
  if (request.format !== undefined && request.format.type !== 'text') note('output_format')
  if (request.parallelTools !== undefined) note('parallel_tools')
  if (request.toolChoice !== undefined) note(request.toolChoice.mode === 'allowed' ? 'allowed_tools' : 'tool_choice')
  if (request.reasoning !== undefined) noteReasoning(request.reasoning, note)
  for (const tool of request.tools) noteTool(tool, note)
  for (const turn of request.turns) {
    if (turn.name !== undefined) note('participant_name', turn.at)
    for (const part of turn.parts) notePart(part, note)
  }
  for (const { at } of request.unknown) note('unknown_fields', at)
  return [...found.values()]
}

type Note = (name: ParameterName, at?: string) => void

function noteReasoning({ effort, show, at }: NonNullable<CanonRequest['reasoning']>, note: Note): void {
  note('reasoning', at)
  if (effort !== undefined) note('reasoning_effort', at)
  if (show !== undefined) note('reasoning_display', at)
}

function noteTool(tool: Tool, note: Note): void {
  if (tool.type === 'opaque') note('server_tools', tool.at)
  else note(tool.type === 'custom' ? 'custom_tools' : 'tools', tool.at)
  if (tool.type === 'function' && tool.strict !== undefined) note('tool_strict', tool.at)
  if (tool.cache !== undefined) note('cache_marks', tool.at)
}

function notePart(part: Part, note: Note): void {
  if (part.cache !== undefined) note('cache_marks', part.at)
  switch (part.type) {
    case 'image':
      note('images', part.at)
      if (part.detail !== undefined) note('image_detail', part.at)
      break
    case 'document':
      note('documents', part.at)
      if (part.context !== undefined) note('document_context', part.at)
      if (part.citations === true) note('document_citations', part.at)
      break
    case 'audio':
      note('audio_input', part.at)
      break
    case 'reasoning':
      note('reasoning_history', part.at)
      break
    case 'opaque':
      note('opaque_parts', part.at)
      break
    case 'text':
      if (part.citations !== undefined) note('citations_history', part.at)
      break
    case 'tool-result':
      if (part.failed) note('tool_result_error', part.at)
      if (part.content.some(inner => inner.type !== 'text')) note('tool_result_media', part.at)
      break
    default:
  }
}
