/** One message of a conversation, as Chat Completions has it. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** A conversation: what has been said, and how the next question is asked. Only this file changes it. */
export interface Conversation {
  /** As the user wrote it; empty: the gateway's default. */
  model: string
  system: string
  /** Reasoning is shown. */
  showReasoning: boolean
  /** Sent as `reasoning_effort`; absent: the model's own. */
  effort: string | undefined
  /** Questions and answers by turns; a question without an answer is not kept. */
  messages: readonly Message[]
  /** The last question asked, answered or not. */
  lastQuestion: string | undefined
  /** The receipt of the last call. */
  lastReceipt: string | undefined
}

/** A new conversation. */
export function openConversation(model: string, system: string): Conversation {
  return {
    model,
    system,
    showReasoning: false,
    effort: undefined,
    messages: [],
    lastQuestion: undefined,
    lastReceipt: undefined,
  }
}

/** The body of the next call. */
export function requestBody(conversation: Conversation, question: string, model: string): object {
  const { system, messages, effort } = conversation
  return {
    ...(model === '' ? {} : { model }),
    messages: [
      ...(system === '' ? [] : [{ role: 'system', content: system }]),
      ...messages,
      { role: 'user', content: question },
    ],
    stream: true,
    stream_options: { include_usage: true },
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
  }
}

/** Keeps a question and its answer. */
export function keepTurn(conversation: Conversation, question: string, answer: string): void {
  conversation.messages = [
    ...conversation.messages,
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ]
}

/** Takes the last turn back, so that it can be asked again. */
export function dropTurn(conversation: Conversation): void {
  const last = conversation.messages.at(-2)
  if (last !== undefined && last.content === conversation.lastQuestion)
    conversation.messages = conversation.messages.slice(0, -2)
}

/** The conversation as Markdown, for `/save`. */
export function transcript({ model, system, messages }: Conversation): string {
  const head = `# Conversation with ${model || 'the default model'}\n`
  const parts = messages.map(
    ({ role, content }) => `## ${role === 'user' ? 'Question' : 'Answer'}\n\n${content.trimEnd()}\n`,
  )
  return [head, ...(system === '' ? [] : [`## System\n\n${system}\n`]), ...parts].join('\n')
}
