/**
 * Items that only this protocol knows, and whose they are: what the model or the provider wrote, or what the client answers
 * (SDK type `ResponseInputItem`, 2026). They are carried as they came.
 */
const OF_THE_MODEL = new Set([
  'web_search_call',
  'file_search_call',
  'computer_call',
  'code_interpreter_call',
  'image_generation_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'tool_search_call',
  'mcp_list_tools',
  'mcp_call',
  'mcp_approval_request',
  'program',
  'program_output',
])

const OF_THE_CLIENT = new Set([
  'computer_call_output',
  'local_shell_call_output',
  'shell_call_output',
  'apply_patch_call_output',
  'mcp_approval_response',
])

/**
 * Whose turn an item of this type belongs to. Undefined where it may be either's (a reference, the tools a search found, a compacted stretch
 * of the conversation, a change of settings, a type no table knows): such an item stays with the one before it.
 */
export function sideOf(type: string): 'assistant' | 'user' | undefined {
  if (OF_THE_MODEL.has(type)) return 'assistant'
  return OF_THE_CLIENT.has(type) ? 'user' : undefined
}

/** Longest `call_id` OpenAI takes, in characters (its API's own error message says so). */
export const CALL_ID_CHARS_MAX = 64

/** What `include` must ask for so that reasoning can be given back where nothing is kept (platform.openai.com, "Reasoning", 2026). */
export const SEALED_REASONING = 'reasoning.encrypted_content'

/** What `include` asks for where other protocols have a switch for log probabilities. */
export const TEXT_LOGPROBS = 'message.output_text.logprobs'
