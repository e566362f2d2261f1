import { join } from 'node:path'
import { type Access, pathsOf } from '../gateway-access.ts'
import { askModels } from '../questions.ts'
import type { Shell } from '../shell.ts'
import { CliFault, type Desk, EXIT } from '../verb.ts'
import { announce, ask, receiptOf, tellEnding } from './ask.ts'
import type { Content } from './content.ts'
import { type Conversation, keepTurn, modelWords } from './conversation.ts'
import { type Drawing, plainDrawing, terminalDrawing } from './drawing.ts'
import { type EditorDesk, type Entered, readMessage } from './editor.ts'
import { footer, tellFooter } from './footer.ts'
import { type History, openHistory, shortHistory } from './history.ts'
import { openKeyboard } from './keyboard.ts'
import { askDefault, settleModel } from './opening.ts'
import { prepare } from './prepare.ts'
import { runSlash, SLASH_COMMANDS, tellFault } from './slash.ts'
import type { ChatDesk, SlashDesk } from './slash-desk.ts'

/** How a conversation is held. */
export interface TalkOptions {
  /** Answers are shown as they come, without Markdown being drawn. */
  readonly plain: boolean
  /** What is asked is kept for the next conversation. */
  readonly history: boolean
}

/** Talks with a person at a terminal until they leave. Gives the exit code. */
export async function converse(
  access: Access,
  conversation: Conversation,
  desk: Desk,
  options: TalkOptions,
): Promise<number> {
  const history = options.history ? await openedHistory(desk) : shortHistory()
  const fallback = conversation.model === '' ? await askDefault(access) : undefined
  conversation.hasDefault = fallback !== 'none'
  greet(access, conversation, desk)
  const talk = openTalk(access, conversation, desk, options)
  const editor = editorDesk(talk.desk, history)
  let pressedBefore = false
  try {
    await settleModel(fallback, talk.desk)
    while (talk.left() === undefined) {
      const entered = await readMessage(editor)
      if (talk.left() !== undefined || entered === 'end') break
      if (entered === 'interrupted') {
        if (pressedBefore) return EXIT.interrupted
        pressedBefore = true
        desk.print.note('Once more to leave; or /exit.')
        continue
      }
      pressedBefore = false
      if ((await take(entered, history, talk.desk)) === 'leave') break
    }
    return talk.left() ?? EXIT.ok
  } finally {
    talk.close()
  }
}

/** Does what was entered. */
async function take(entered: Entered, history: History, desk: SlashDesk): Promise<'leave' | undefined> {
  const text = entered.text.trim()
  if (text === '' && desk.conversation.attached.length === 0) return undefined
  await history.add(text, entered.pasted)
  if (isCommand(text)) return await runSlash({ ...entered, text }, desk)
  try {
    await desk.ask(await prepare({ ...entered, text }, desk.conversation.model, desk))
  } catch (error) {
    // A gateway that is gone for a moment is no reason to lose the conversation.
    if (!(error instanceof CliFault)) throw error
    tellFault(error, desk)
  }
  return undefined
}

/** A text of several lines that begins with a slash is one only where the command is known. */
function isCommand(text: string): boolean {
  const word = /^\/(\S*)/.exec(text)?.[1]
  if (word === undefined) return false
  return !text.includes('\n') || SLASH_COMMANDS.some(({ name }) => name === word)
}

interface Talk {
  readonly desk: SlashDesk
  /** The exit code, if the person left while something ran or a signal came. */
  left(): number | undefined
  close(): void
}

function openTalk(access: Access, conversation: Conversation, base: Desk, { plain }: TalkOptions): Talk {
  const { shell, print } = base
  const keyboard = openKeyboard(shell)
  let running: AbortController | undefined
  let left: number | undefined
  const leave = (exit: number) => {
    left ??= exit
    running?.abort()
    keyboard.end()
  }
  const interrupt = () => {
    if (running !== undefined && !running.signal.aborted) running.abort()
    else leave(EXIT.interrupted)
  }
  const release = shell.onSignal(signal => (signal === 'SIGINT' ? interrupt() : leave(EXIT.terminated)))
  const drawing = (): Drawing =>
    plain
      ? plainDrawing(print)
      : terminalDrawing(print, shell, { shown: () => conversation.showReasoning, hint: ' · /think shows it' })
  const during = async (run: (stop: AbortSignal) => Promise<void>) => {
    const stop = new AbortController()
    running = stop
    const unwatch = keyboard.watch(({ name, ctrl, alt }) => {
      const isCtrlC = ctrl && name === 'c'
      if (isCtrlC) interrupt()
      else if (name === 'escape' && !alt) stop.abort()
      else return false
      return true
    })
    try {
      await run(stop.signal)
    } finally {
      unwatch()
      running = undefined
    }
  }
  const chat: ChatDesk = { ...base, access, conversation, keyboard, drawing, during }
  return {
    desk: {
      ...chat,
      ask: (question, model = conversation.model) => during(stop => askOnce({ question, model, stop }, chat)),
    },
    left: () => left,
    close() {
      release()
      keyboard.close()
    },
  }
}

function editorDesk({ access, shell, keyboard }: SlashDesk, history: History): EditorDesk {
  const sources = {
    commands: SLASH_COMMANDS,
    cwd: shell.cwd,
    home: shell.home,
    models: async () => (await askModels(access, false).catch(() => [])).map(({ id }) => id),
  }
  return { shell, keyboard, history, sources }
}

async function openedHistory({ shell, print }: Desk): Promise<History> {
  return await openHistory(historyFile(shell), why => print.warn(why))
}

/** Beside the ledger: what was asked is as private. */
function historyFile(shell: Shell): string {
  return join(pathsOf(shell).dataDir, 'chat-history')
}

function greet(access: Access, conversation: Conversation, { print }: Desk): void {
  print.note(`${print.paintNote('dim', `${access.where} · model: ${modelWords(conversation)} · /help`)}`)
}

async function askOnce(
  asked: { readonly question: Content; readonly model: string; readonly stop: AbortSignal },
  desk: ChatDesk,
): Promise<void> {
  const { print, shell, access, conversation } = desk
  const began = shell.clock.monotonicMs()
  conversation.lastQuestion = asked.question
  const answer = await ask(
    access,
    conversation,
    {
      text: asked.question,
      model: asked.model,
      stop: asked.stop,
      begun: answerer => announce(desk, conversation.model, answerer),
    },
    desk.drawing(),
  )
  conversation.lastReceipts = answer.requestId === undefined ? conversation.lastReceipts : [answer.requestId]
  conversation.lastReasoning = answer.reasoning
  // What was said so far stays in the conversation, also if the person stopped it: the next question may be about it.
  if (answer.text !== '' && answer.outcome !== 'failed')
    keepTurn(conversation, asked.question, answer.text, answer.outcome === 'whole')
  const trouble = tellEnding(answer, desk)
  if (trouble?.code === 'model_not_found') print.note('  fix: Here: /models lists the names, /model NAME chooses one.')
  if (trouble !== undefined) {
    if (conversation.model !== '' || conversation.hasDefault)
      print.note(`  The model is still ${modelWords(conversation)}.`)
    return
  }
  const receipt = await receiptOf(access, answer)
  if (receipt !== undefined) conversation.receipts = [...conversation.receipts, receipt]
  tellFooter(footer(answer, receipt, shell.clock.monotonicMs() - began), desk)
}
