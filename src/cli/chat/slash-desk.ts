import type { Access } from '../gateway-access.ts'
import type { Desk } from '../verb.ts'
import type { Content } from './content.ts'
import type { Conversation } from './conversation.ts'
import type { Drawing } from './drawing.ts'
import type { Entered } from './editor.ts'
import type { Keyboard } from './keyboard.ts'

/** What a turn of the conversation may use. */
export interface ChatDesk extends Desk {
  readonly access: Access
  readonly conversation: Conversation
  readonly keyboard: Keyboard
  /** How an answer is shown. */
  drawing(): Drawing
  /** Runs something that Ctrl-C and Escape stop. */
  during(run: (stop: AbortSignal) => Promise<void>): Promise<void>
}

/** What a command of the conversation may use. */
export interface SlashDesk extends ChatDesk {
  /** Asks a question, with another model than the chosen one if one is given. */
  ask(question: Content, model?: string): Promise<void>
}

/** A command inside a conversation. */
export interface SlashCommand {
  readonly name: string
  /** Other names it goes by. */
  readonly also?: readonly string[]
  readonly syntax: string
  readonly about: string
  /** What Tab completes behind it. */
  readonly takes?: 'model' | 'models' | 'file'
  /** `leave` ends the conversation. */
  run(rest: string, desk: SlashDesk, entered: Entered): Promise<'leave' | undefined>
}

/** Says something to the person. */
export function say({ print }: Desk, text: string): void {
  print.note(text)
}
