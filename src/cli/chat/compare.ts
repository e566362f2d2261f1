import { wantsColor } from '../print.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault } from '../verb.ts'
import { type Answer, type Answerer, announce, ask, receiptOf, tellEnding } from './ask.ts'
import type { Content } from './content.ts'
import { canRedraw, type Drawing } from './drawing.ts'
import { footer, tellFooter } from './footer.ts'
import { openMarkdown } from './markdown-stream.ts'
import { openSides, type Side } from './sides.ts'
import type { ChatDesk } from './slash-desk.ts'

/** From this width on two answers stand side by side. */
const WIDE_COLUMNS = 100

/** Asks two models the same at once and shows both answers. Neither becomes part of the conversation. */
export async function compare(names: readonly [string, string], question: Content, desk: ChatDesk): Promise<void> {
  const { shell, conversation } = desk
  conversation.lastQuestion = question
  conversation.lastReceipts = []
  await desk.during(async stop => {
    const show = shell.stdout.columns >= WIDE_COLUMNS && canRedraw(shell) ? sideBySide : inTurn
    await show(names, (name, drawing, begun) => askOne(name, { question, stop, drawing, begun }, desk), desk)
  })
  desk.print.note(
    desk.print.paintNote('dim', 'Neither answer is kept in the conversation: /retry NAME asks one of them.'),
  )
}

/** One side: its answer, and the words below it. */
interface Told {
  readonly answer: Answer | undefined
  readonly fault: CliFault | undefined
  readonly foot: string
}

type Asking = (name: string, drawing: Drawing, begun: (answerer: Answerer) => void) => Promise<Told>

async function askOne(
  name: string,
  asked: { question: Content; stop: AbortSignal; drawing: Drawing; begun: (answerer: Answerer) => void },
  { access, conversation, shell }: ChatDesk,
): Promise<Told> {
  const began = shell.clock.monotonicMs()
  const { question, stop, begun, drawing } = asked
  try {
    const answer = await ask(access, conversation, { text: question, model: name, stop, begun }, drawing)
    const receipt = await receiptOf(access, answer)
    if (answer.requestId !== undefined) conversation.lastReceipts = [...conversation.lastReceipts, answer.requestId]
    if (receipt !== undefined) conversation.receipts = [...conversation.receipts, receipt]
    const foot = answer.outcome === 'failed' ? '' : footer(answer, receipt, shell.clock.monotonicMs() - began)
    return { answer, fault: undefined, foot }
  } catch (error) {
    if (!(error instanceof CliFault)) throw error
    return { answer: undefined, fault: error, foot: '' }
  }
}

function tellEnd(name: string, { answer, fault }: Told, desk: ChatDesk): void {
  if (fault !== undefined) desk.print.error(`${oneLine(name)}: ${fault.message}`)
  else if (answer !== undefined) tellEnding(answer, desk)
}

/** One below the other: what the second one says before the first has ended waits for it. */
async function inTurn([first, second]: readonly [string, string], asking: Asking, desk: ChatDesk): Promise<void> {
  const head = (name: string) => desk.print.note(desk.print.paintNote('bold', `── ${oneLine(name)} ──`))
  const held = heldBack()
  const later = asking(second, held.drawing(desk.drawing), answerer =>
    held.then(() => announce(desk, second, answerer)),
  )
  head(first)
  const told = await asking(first, desk.drawing(), answerer => announce(desk, first, answerer))
  finish(first, told, desk)
  desk.print.note()
  head(second)
  held.release()
  finish(second, await later, desk)
}

function finish(name: string, told: Told, desk: ChatDesk): void {
  tellEnd(name, told, desk)
  tellFooter(told.foot, desk)
}

/** Does what is to be drawn at once, or after the release, in the same order. */
function heldBack() {
  let waiting: (() => void)[] | undefined = []
  const then = (act: () => void) => {
    if (waiting === undefined) act()
    else waiting.push(act)
  }
  return {
    then,
    drawing(open: () => Drawing): Drawing {
      const drawing = open()
      return {
        text: piece => then(() => drawing.text(piece)),
        reasoning: piece => then(() => drawing.reasoning(piece)),
        finish: () => then(() => drawing.finish()),
      }
    },
    release() {
      const acts = waiting ?? []
      waiting = undefined
      for (const act of acts) act()
    },
  }
}

/** Both grow side by side. */
async function sideBySide(names: readonly [string, string], asking: Asking, desk: ChatDesk): Promise<void> {
  const { shell, print } = desk
  const head = (name: string) => print.paint('bold', oneLine(name))
  const sides = openSides([head(names[0]), head(names[1])], shell.stdout)
  const run = async (name: string, own: Side) => {
    const markdown = openMarkdown(sides.columns, wantsColor(shell.env, shell.stdout))
    const drawing = {
      reasoning() {},
      text: (piece: string) => own.add(markdown.push(piece), markdown.growing()),
      finish: () => own.add(markdown.finish(), []),
    }
    const told = await asking(name, drawing, answerer => own.addToHead(answererRows(name, answerer, desk)))
    own.add(['', print.paint('dim', told.foot)], [])
    return told
  }
  const told = await Promise.all([run(names[0], sides.left), run(names[1], sides.right)])
  sides.finish()
  for (const [at, each] of told.entries()) tellEnd(names[at] ?? '', each, desk)
}

/** Who really answers, where it is not the one named. */
function answererRows(name: string, { model, fallback }: Answerer, { print }: ChatDesk): readonly string[] {
  if (model === undefined || (model === name && fallback === undefined)) return []
  const why = fallback === undefined ? '' : `, in place of ${oneLine(fallback.from)} (${fallback.reason})`
  return [print.paint('cyan', `${oneLine(model)} answers${why}`)]
}
