import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Access } from '../gateway-access.ts'
import type { Shell } from '../shell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk, EXIT } from '../verb.ts'
import { announce, ask, footer, receiptOf, tellEnding } from './ask.ts'
import { type Conversation, keepTurn } from './conversation.ts'
import { terminalDrawing } from './drawing.ts'
import { runSlash, SLASH_COMMANDS } from './slash.ts'

const PROMPT = '> '
const MORE = '… '

/** Talks with a person at a terminal until they leave. Gives the exit code. */
export async function converse(access: Access, conversation: Conversation, desk: Desk): Promise<number> {
  const screen = openScreen(desk.shell)
  const line = openLine(desk.shell, screen)
  let stop: AbortController | undefined
  let pressedBefore = false
  let left: number | undefined
  const leave = (exit: number) => {
    left ??= exit
    line.close()
  }
  line.on('SIGINT', () => {
    if (stop !== undefined && !stop.signal.aborted) stop.abort()
    else if (pressedBefore || stop !== undefined) leave(EXIT.interrupted)
    else {
      pressedBefore = true
      desk.print.note('\nOnce more to leave; or /exit.')
      line.prompt()
    }
  })
  const turn = async (question: string, model?: string) => {
    stop = new AbortController()
    screen.muted = true
    try {
      await askOnce(access, conversation, desk, { question, model: model ?? conversation.model, stop: stop.signal })
    } catch (error) {
      // A gateway that is gone for a moment is no reason to lose the conversation.
      if (!(error instanceof CliFault)) throw error
      desk.print.error(error.message)
      for (const each of error.fix) desk.print.note(`  fix: ${each}`)
    } finally {
      screen.muted = false
      stop = undefined
    }
  }
  greet(access, conversation, desk)
  line.prompt()
  for await (const input of questions(line)) {
    pressedBefore = false
    const text = input.trim()
    if (text.startsWith('/') && !text.includes('\n')) {
      const next = await runSlash(text, { ...desk, access, conversation, ask: turn })
      if (next === 'leave') break
    } else if (text !== '') await turn(text)
    if (left !== undefined) break
    line.prompt()
  }
  line.close()
  return left ?? EXIT.ok
}

/** The terminal, with a switch that keeps the line editor from writing into an answer. */
interface Screen {
  readonly stream: NodeJS.WritableStream
  muted: boolean
}

function openScreen({ stdout }: Shell): Screen {
  const screen = {
    muted: false,
    stream: new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (!screen.muted) stdout.write(chunk.toString())
        done()
      },
    }),
  }
  Object.defineProperty(screen.stream, 'columns', { get: () => stdout.columns })
  return screen
}

function openLine({ stdin }: Shell, screen: Screen): Interface {
  return createInterface({
    input: stdin,
    output: screen.stream,
    terminal: true,
    prompt: PROMPT,
    historySize: 500,
    completer(text: string): [string[], string] {
      const all = SLASH_COMMANDS.map(each => `/${each.name}`)
      return text.startsWith('/') ? [all.filter(name => name.startsWith(text)), text] : [[], text]
    },
  })
}

/** What the person enters, a line each; between two `"""` line breaks belong to the question. */
async function* questions(line: Interface): AsyncGenerator<string> {
  const held: string[] = []
  let open = false
  for await (const text of line) {
    const quotes = text.split('"""').length - 1
    if (!open && quotes === 0) {
      yield text
      continue
    }
    held.push(text)
    if (quotes % 2 === 1) open = !open
    if (open) {
      line.setPrompt(MORE)
      line.prompt()
      continue
    }
    line.setPrompt(PROMPT)
    yield held.splice(0).join('\n').replaceAll('"""', '')
  }
}

function greet(access: Access, { model }: Conversation, { print }: Desk): void {
  print.note(
    `${print.paintNote('dim', `${access.where} · model: ${oneLine(model) || "the gateway's default"} · /help`)}`,
  )
}

async function askOnce(
  access: Access,
  conversation: Conversation,
  desk: Desk,
  asked: { readonly question: string; readonly model: string; readonly stop: AbortSignal },
): Promise<void> {
  const { print, shell } = desk
  const drawing = terminalDrawing(print, shell, () => conversation.showReasoning)
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
    drawing,
  )
  conversation.lastReceipt = answer.requestId ?? conversation.lastReceipt
  // What was said so far stays in the conversation, also if the person stopped it: the next question may be about it.
  if (answer.text !== '' && answer.outcome !== 'failed') keepTurn(conversation, asked.question, answer.text)
  const trouble = tellEnding(answer, desk)
  if (trouble?.code === 'model_not_found') print.note('  fix: Here: /models lists the names, /model NAME chooses one.')
  if (trouble !== undefined) {
    print.note(`  The model is still ${oneLine(conversation.model) || "the gateway's default"}.`)
    return
  }
  const receipt = await receiptOf(access, answer)
  print.note(print.paintNote('dim', footer(answer, receipt, shell.clock.monotonicMs() - began)))
}
