import type { ProtocolId } from '../src/canon/protocol.ts'

/** A call the load makes, again and again. */
export interface Call {
  /** Below the address of a gateway or a provider. */
  readonly path: string
  readonly body: string
  /** Beside the content type. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A call whose answer is a stream. */
export interface StreamCall extends Call {
  /** Stands near the end of every complete stream, and in no other. */
  readonly ending: string
}

/** A call for a stream, in one client protocol, for a model. */
export const STREAM_CALLS: Readonly<Record<ProtocolId, (model: string) => StreamCall>> = {
  'openai-completions': model => ({
    path: '/v1/chat/completions',
    body: `{"model":"${model}","stream":true,"messages":[{"role":"user","content":"Hello"}]}`,
    ending: 'data: [DONE]\n\n',
  }),
  'openai-responses': model => ({
    path: '/v1/responses',
    body: `{"model":"${model}","stream":true,"input":"Hello","store":false}`,
    ending: 'event: response.completed\n',
  }),
  'anthropic-messages': model => ({
    path: '/v1/messages',
    body: `{"model":"${model}","stream":true,"max_tokens":1000,"messages":[{"role":"user","content":"Hello"}]}`,
    ending: 'event: message_stop\n',
  }),
  'google-generative-ai': model => ({
    path: `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    body: '{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}',
    ending: '"finishReason":"STOP"',
  }),
}
