import type { JsonValue } from '../../src/base/json-value.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { matches } from './paths.ts'

/** Places in a client's body whose values need no telling in other protocols, and why. */
interface Exception {
  readonly because: string
  readonly from: ProtocolId
  readonly at: readonly string[]
  /** Only this value; absent, any. */
  readonly value?: JsonValue
  /** Only to this one; absent, to any. */
  readonly to?: ProtocolId
}

/** Fields whose word only says what kind of thing stands there, or who says it: every protocol has its own. */
const STRUCTURE = /(?:^|[.\]])(?:type|role|mode|syntax)$/

const C: ProtocolId = 'openai-completions'
const R: ProtocolId = 'openai-responses'
const A: ProtocolId = 'anthropic-messages'
const G: ProtocolId = 'google-generative-ai'

/** Empty lists and objects, and numbers that change nothing, in places where that is what happens anyway. */
const IDLE: readonly Exception[] = [
  { because: 'asks for nothing', from: A, at: ['tools', 'stop_sequences'], value: [] },
  { because: 'asks for nothing', from: A, at: ['metadata'], value: {} },
  { because: 'asks for nothing', from: C, at: ['metadata', 'logit_bias'], value: {} },
  { because: 'asks for nothing', from: C, at: ['frequency_penalty', 'presence_penalty', 'top_logprobs'], value: 0 },
  { because: 'asks for nothing', from: C, at: ['logprobs'], value: false },
  { because: 'asks for nothing', from: C, at: ['n'], value: 1 },
  { because: 'asks for nothing', from: C, at: ['modalities[0]'], value: 'text' },
  { because: 'asks for nothing', from: R, at: ['metadata'], value: {} },
  { because: 'asks for nothing', from: R, at: ['include', 'context_management'], value: [] },
  { because: 'asks for nothing', from: R, at: ['top_logprobs'], value: 0 },
  { because: 'asks for nothing', from: R, at: ['background', 'stream_options.include_obfuscation'], value: false },
  { because: 'asks for nothing', from: R, at: ['truncation'], value: 'disabled' },
  {
    because: 'asks for nothing',
    from: G,
    at: ['tools', 'safetySettings', 'generationConfig.stopSequences'],
    value: [],
  },
  { because: 'asks for nothing', from: G, at: ['generationConfig.candidateCount'], value: 1 },
  { because: 'asks for nothing', from: G, at: ['generationConfig.responseModalities[0]'], value: 'TEXT' },
]

/** What the target says with another word, or with the presence of something. */
const OTHERWISE: readonly Exception[] = [
  { because: 'the path says it', from: C, to: G, at: ['model', 'stream', 'stream_options.include_usage'] },
  { because: 'the path says it', from: R, to: G, at: ['model', 'stream'] },
  { because: 'the path says it', from: A, to: G, at: ['model', 'stream'] },
  { because: 'the text itself is sent', from: A, at: ['messages[].content[].source.media_type'], value: 'text/plain' },
  { because: 'the text itself is sent', from: G, at: ['contents[].parts[].inlineData.mimeType'], value: 'text/plain' },
  { because: 'whoever fetches the file is told its kind', from: G, at: ['contents[].parts[].fileData.mimeType'] },
  { because: 'parallel calls are forbidden in the positive', from: A, at: ['tool_choice.disable_parallel_tool_use'] },
  { because: 'a schema, or JSON as the form, says it', from: G, at: ['generationConfig.responseMimeType'] },
  { because: 'a label, and the others are strict anyway', from: C, at: ['response_format.json_schema.name'] },
  { because: 'a label, and the others are strict anyway', from: R, at: ['text.format.name'] },
  { because: 'the others are strict anyway', from: C, at: ['response_format.json_schema.strict'], value: true },
  { because: 'the others are strict anyway', from: R, at: ['text.format.strict'], value: true },
  { because: 'its own word for off', from: C, at: ['reasoning_effort'], value: 'none' },
  { because: 'its own word for off', from: R, at: ['reasoning.effort'], value: 'none' },
  { because: 'its own word for off', from: G, at: ['generationConfig.thinkingConfig.thinkingBudget'], value: 0 },
  { because: 'its own word for a summary', from: A, at: ['thinking.display'] },
  { because: 'its own word for a summary', from: R, at: ['reasoning.summary'] },
  { because: 'its own word for a summary', from: G, at: ['generationConfig.thinkingConfig.includeThoughts'] },
  { because: 'its own word for log probabilities', from: C, at: ['logprobs'], value: true },
  { because: 'its own word for log probabilities', from: R, at: ['include[0]'], value: 'message.output_text.logprobs' },
  { because: 'its own word for log probabilities', from: G, at: ['generationConfig.responseLogprobs'] },
  { because: 'its own word for the tier', from: A, at: ['service_tier'], value: 'standard_only' },
  { because: 'its own word for the tier', from: C, at: ['service_tier'], value: 'default' },
  { because: 'its own word for the tier', from: R, at: ['service_tier'], value: 'default' },
  { because: 'its own word for the tier', from: G, at: ['serviceTier'], value: 'standard' },
  {
    because: 'ids that do not fit are replaced',
    from: C,
    at: ['messages[].tool_calls[].id', 'messages[].tool_call_id'],
  },
  { because: 'forced calls have their own word', from: C, at: ['tool_choice'], value: 'required' },
  { because: 'forced calls have their own word', from: R, at: ['tool_choice'], value: 'required' },
  { because: 'the mode VALIDATED says it of a free choice', from: A, to: G, at: ['tools[].strict'], value: true },
  {
    because: 'the mode VALIDATED says it of a free choice',
    from: C,
    to: G,
    at: ['tools[].function.strict'],
    value: true,
  },
  { because: 'the mode VALIDATED says it of a free choice', from: R, to: G, at: ['tools[].strict'], value: true },
  { because: 'the mode VALIDATED says it of a free choice', from: C, to: G, at: ['tool_choice'], value: 'auto' },
  { because: 'the mode VALIDATED says it of a free choice', from: R, to: G, at: ['tool_choice'], value: 'auto' },
  { because: 'the field "error" says it', from: A, to: G, at: ['messages[].content[].is_error'], value: true },
]

/** What says nothing of the conversation. */
const BESIDE: readonly Exception[] = [
  { because: 'marks a thought, which is told as one', from: G, at: ['contents[].parts[].thought'] },
  {
    because: 'the place and form of an entry, not its content',
    from: C,
    at: ['messages[].reasoning_details[].index', 'messages[].reasoning_details[].format'],
  },
  { because: 'the id of a wire item', from: R, at: ['input[].id'] },
]

/** True for a leaf that asks for nothing, or says what the target says in another way. */
export function saysNothing(path: string, value: JsonValue, from: ProtocolId, to: ProtocolId): boolean {
  if (value === null || value === '' || STRUCTURE.test(path)) return true
  return [...IDLE, ...OTHERWISE, ...BESIDE].some(
    row =>
      row.from === from &&
      (row.to === undefined || row.to === to) &&
      (row.value === undefined || Bun.deepEquals(row.value, value)) &&
      row.at.some(pattern => matches(path, pattern)),
  )
}
