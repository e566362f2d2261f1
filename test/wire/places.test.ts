import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import { openaiResponses } from '../../src/wire/openai-responses/index.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'

const SCHEMA = { type: 'object', properties: {} }
const STOPS = ['a', 'b', 'c', 'd', 'e', 'f']

/** One thing a client says, and the place a loss of it names. */
interface Said {
  readonly from: WireProtocol
  readonly body: JsonObject
  readonly to: WireProtocol
  readonly quirks?: Quirks
  readonly lost: Readonly<Record<string, string>>
}

const FORCED: Quirks = { noForcedToolChoice: true, noParallelToolCalls: true }

const chat = (rest: JsonObject) => ({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...rest })
const messages = (rest: JsonObject) => ({ ...chat(rest), max_tokens: 9 })
const items = (rest: JsonObject) => ({ model: 'm', input: 'hello', ...rest })
const contents = (rest: JsonObject) => ({ contents: [{ role: 'user', parts: [{ text: 'hello' }] }], ...rest })

const chatTool = { type: 'function', function: { name: 'f', parameters: SCHEMA } }
const itemTool = { type: 'function', name: 'f', parameters: SCHEMA }
const messageTool = { name: 'f', input_schema: SCHEMA }
const geminiTool = { functionDeclarations: [{ name: 'f', parametersJsonSchema: SCHEMA }] }
const before3: Quirks = { noFormatBesideTools: true }

const TABLE: readonly Said[] = [
  {
    from: openaiCompletions,
    body: chat({ tools: [chatTool], tool_choice: 'required', parallel_tool_calls: false, stop: STOPS }),
    to: openaiResponses,
    quirks: FORCED,
    lost: { tool_choice: 'tool_choice', parallel_tools: 'parallel_tool_calls', stop_sequences: 'stop' },
  },
  {
    from: openaiCompletions,
    body: chat({ functions: [{ name: 'f' }], function_call: { name: 'f' } }),
    to: anthropicMessages,
    quirks: FORCED,
    lost: { tool_choice: 'function_call' },
  },
  {
    from: openaiCompletions,
    body: chat({ response_format: { type: 'json_object' } }),
    to: anthropicMessages,
    lost: { output_format: 'response_format' },
  },
  {
    from: openaiCompletions,
    body: chat({ messages: [{ role: 'user', content: 'hello', cache_control: { type: 'ephemeral' } }] }),
    to: googleGenerativeAi,
    lost: { cache_marks: 'messages[0].cache_control' },
  },
  {
    from: openaiResponses,
    body: items({ tools: [itemTool], tool_choice: 'required', parallel_tool_calls: false }),
    to: openaiCompletions,
    quirks: FORCED,
    lost: { tool_choice: 'tool_choice', parallel_tools: 'parallel_tool_calls' },
  },
  {
    from: openaiResponses,
    body: items({ text: { format: { type: 'json_object' } } }),
    to: anthropicMessages,
    lost: { output_format: 'text.format' },
  },
  {
    from: anthropicMessages,
    body: messages({
      tools: [messageTool],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      stop_sequences: STOPS,
    }),
    to: openaiCompletions,
    quirks: FORCED,
    lost: {
      tool_choice: 'tool_choice',
      parallel_tools: 'tool_choice.disable_parallel_tool_use',
      stop_sequences: 'stop_sequences',
    },
  },
  {
    from: anthropicMessages,
    body: messages({ tools: [messageTool], output_config: { format: { type: 'json_schema', schema: SCHEMA } } }),
    to: googleGenerativeAi,
    quirks: before3,
    lost: { output_format: 'output_config.format' },
  },
  {
    from: anthropicMessages,
    body: messages({ tools: [messageTool], output_format: { type: 'json_schema', schema: SCHEMA } }),
    to: googleGenerativeAi,
    quirks: before3,
    lost: { output_format: 'output_format' },
  },
  {
    from: anthropicMessages,
    body: messages({ thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }),
    to: openaiResponses,
    quirks: { efforts: ['low', 'high'] },
    lost: { reasoning_effort: 'output_config.effort' },
  },
  {
    from: googleGenerativeAi,
    body: contents({
      tools: [geminiTool],
      toolConfig: { functionCallingConfig: { mode: 'ANY' } },
      generationConfig: { stopSequences: STOPS },
    }),
    to: openaiResponses,
    quirks: FORCED,
    lost: { tool_choice: 'toolConfig.functionCallingConfig', stop_sequences: 'generationConfig.stopSequences' },
  },
  {
    from: googleGenerativeAi,
    body: contents({ generation_config: { stop_sequences: STOPS, response_mime_type: 'application/json' } }),
    to: anthropicMessages,
    lost: { output_format: 'generation_config.response_mime_type' },
  },
  {
    from: googleGenerativeAi,
    body: contents({ tools: [geminiTool], generationConfig: { responseJsonSchema: SCHEMA } }),
    to: googleGenerativeAi,
    quirks: before3,
    lost: { output_format: 'generationConfig.responseJsonSchema' },
  },
]

describe('a loss names the place where the client said it', () => {
  test.each(TABLE.map(row => ({ ...row, name: `${row.from.id} to ${row.to.id}, ${Object.keys(row.lost)}` })))(
    '$name',
    ({ from, body, to, quirks, lost }) => {
      const request = from.decodeRequest(body, { model: 'm', stream: false })
      if (isProblem(request)) throw new Error(request.what)
      const { losses } = to.encodeRequest(request, quirks ?? {})
      expect(Object.fromEntries(losses.map(loss => [loss.parameter, loss.path]))).toEqual(lost)
    },
  )
})
