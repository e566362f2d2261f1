import type { Receipt } from '../../ledger/receipt.ts'
import type { Access } from '../gateway-access.ts'
import { exitOf } from '../trouble.ts'
import { type Desk, EXIT } from '../verb.ts'
import { type Answer, announce, ask, receiptOf, tellEnding } from './ask.ts'
import type { Content } from './content.ts'
import type { Conversation } from './conversation.ts'
import { type Drawing, plainDrawing, rawDrawing, silentDrawing, terminalDrawing } from './drawing.ts'
import { footer, tellFooter } from './footer.ts'

/** Asks one question, and ends. Gives the exit code. */
export async function answerOnce(
  access: Access,
  conversation: Conversation,
  question: Content,
  desk: Desk,
  plain: boolean,
): Promise<number> {
  const { print, shell } = desk
  const stop = new AbortController()
  const release = shell.onSignal(() => stop.abort())
  const began = shell.clock.monotonicMs()
  const answer = await ask(
    access,
    conversation,
    {
      text: question,
      model: conversation.model,
      stop: stop.signal,
      begun: answerer => announce(desk, conversation.model, answerer),
    },
    drawingFor(desk, plain),
  ).finally(release)
  if (print.json) printDocument(conversation, answer, await receiptOf(access, answer), desk)
  const trouble = tellEnding(answer, desk)
  if (trouble?.code === 'model_not_found')
    print.note('  fix: For this command: candor models, then candor chat PROVIDER/MODEL')
  if (!print.json && shell.stdout.isTTY && shell.stderr.isTTY && answer.outcome !== 'failed')
    tellFooter(footer(answer, await receiptOf(access, answer), shell.clock.monotonicMs() - began), desk)
  return exitCode(answer)
}

/** How one answer is shown: nothing of it beside a JSON document, as it came where a program reads, drawn for a person. */
export function drawingFor({ print, shell }: Desk, plain: boolean): Drawing {
  if (print.json) return silentDrawing
  if (!shell.stdout.isTTY) return rawDrawing(print)
  return plain ? plainDrawing(print) : terminalDrawing(print, shell, { shown: () => false, hint: '' })
}

/** The exit code that goes with how an answer ended. */
export function exitCode({ outcome, trouble }: Answer): number {
  if (outcome === 'stopped') return EXIT.interrupted
  if (trouble !== undefined) return exitOf(trouble)
  return outcome === 'whole' ? EXIT.ok : EXIT.finding
}

function printDocument({ model }: Conversation, answer: Answer, receipt: Receipt | undefined, { print }: Desk): void {
  const { outcome, text, reasoning, stopReason, requestId, trouble } = answer
  print.document({
    outcome,
    requestedModel: model,
    ...(answer.model === undefined ? {} : { model: answer.model }),
    ...(answer.fallback === undefined ? {} : { fallback: answer.fallback }),
    ...(answer.billing === undefined ? {} : { billing: answer.billing }),
    text,
    ...(reasoning === '' ? {} : { reasoning }),
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(receipt?.usage === undefined ? {} : { usage: receipt.usage }),
    ...(receipt === undefined ? {} : { cost: receipt.cost }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(trouble === undefined ? {} : { error: trouble }),
    ...(receipt === undefined ? {} : { receipt }),
  })
}
