import type { Receipt } from '../../ledger/receipt.ts'
import { oneLine } from '../terminal-text.ts'
import type { Attachment } from './attachments.ts'
import { type Content, wireContent, wordsOf } from './content.ts'

/** One message of a conversation. */
export interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: Content
  /** The answer is not whole: the person stopped it, or it broke off. */
  readonly interrupted?: true
}

/** A conversation: what has been said, and how the next question is asked. Only this file and the slash commands change it. */
export interface Conversation {
  /** As the user wrote it; empty: the gateway's default. */
  model: string
  /** False: the gateway is known to have no default. */
  hasDefault: boolean
  system: string
  /** Reasoning is shown. */
  showReasoning: boolean
  /** Sent as `reasoning_effort`; absent: the model's own. */
  effort: string | undefined
  /** Questions and answers by turns; a question without an answer is not kept. */
  messages: readonly Message[]
  /** The last question asked, answered or not. */
  lastQuestion: Content | undefined
  /** The reasoning of the last answer. */
  lastReasoning: string
  /** The receipts of the last call, or of both where two were compared. */
  lastReceipts: readonly string[]
  /** What goes with the next question. */
  attached: readonly Attachment[]
  /** The receipts of all answers so far. */
  receipts: readonly Receipt[]
}

/** A new conversation. */
export function openConversation(model: string, system: string): Conversation {
  return {
    model,
    hasDefault: true,
    system,
    showReasoning: false,
    effort: undefined,
    messages: [],
    lastQuestion: undefined,
    lastReasoning: '',
    lastReceipts: [],
    attached: [],
    receipts: [],
  }
}

/** The chosen model, in words. */
export function modelWords({ model, hasDefault }: Pick<Conversation, 'model' | 'hasDefault'>): string {
  return oneLine(model) || (hasDefault ? "the gateway's default" : 'none is chosen')
}

/** The body of the next call. */
export function requestBody(conversation: Conversation, question: Content, model: string): object {
  const { system, messages, effort } = conversation
  return {
    ...(model === '' ? {} : { model }),
    messages: [
      ...(system === '' ? [] : [{ role: 'system', content: system }]),
      ...messages.map(({ role, content }) => ({ role, content: wireContent(content) })),
      { role: 'user', content: wireContent(question) },
    ],
    stream: true,
    stream_options: { include_usage: true },
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
  }
}

/** Keeps a question and its answer. `whole`: nothing of the answer is missing. */
export function keepTurn(conversation: Conversation, question: Content, answer: string, whole: boolean): void {
  conversation.messages = [
    ...conversation.messages,
    { role: 'user', content: question },
    { role: 'assistant', content: answer, ...(whole ? {} : { interrupted: true }) },
  ]
}

/** Takes the last turn back, so that it can be asked again. */
export function dropTurn(conversation: Conversation): void {
  const last = conversation.messages.at(-2)
  if (last !== undefined && last.content === conversation.lastQuestion)
    conversation.messages = conversation.messages.slice(0, -2)
}

/** Forgets what was said and what waits to be sent. What was spent stays. */
export function forget(conversation: Conversation): void {
  conversation.messages = []
  conversation.lastQuestion = undefined
  conversation.lastReasoning = ''
  conversation.attached = []
}

/** The conversation as Markdown, for `/save`. */
export function transcript({ model, system, messages }: Conversation): string {
  const head = `# Conversation with ${model || 'the default model'}\n`
  const parts = messages.map(
    ({ role, content, interrupted }) =>
      `## ${role === 'user' ? 'Question' : 'Answer'}\n\n${wordsOf(content).trimEnd()}\n${interrupted === true ? '\n*Interrupted here.*\n' : ''}`,
  )
  return [head, ...(system === '' ? [] : [`## System\n\n${system}\n`]), ...parts].join('\n')
}
