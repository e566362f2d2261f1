import { isId } from '../../base/ids.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import { announce, receiptOf, tellEnding } from '../chat/ask.ts'
import { plainDrawing, silentDrawing } from '../chat/drawing.ts'
import { drawingFor, exitCode } from '../chat/one-shot.ts'
import { type Access, accessOptions, openAccess } from '../gateway-access.ts'
import { noReceipt, overHttp } from '../receipt-source.ts'
import { comparisonLines } from '../replay/comparison.ts'
import { type Again, type Audience, makeAgain, type Order, troubleIn } from '../replay/make-again.ts'
import { tell } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Given, URL_OPTION, type Verb } from '../verb.ts'

/** `candor replay`. */
export const replay: Verb = {
  name: 'replay',
  summary: 'Make a call again whose bodies were kept, with the same or another model, and compare',
  args: [{ syntax: '[id]', about: 'id of a receipt, from the header candor-request-id (default: the last call)' }],
  options: [
    { flags: '-m, --model <name>', about: 'another model or route than the one that was asked for' },
    { flags: '--raw', about: "print the answer's body as it came, not its text" },
    CONFIG_OPTION,
    URL_OPTION,
  ],
  examples: [
    { line: 'candor replay', about: 'the last call' },
    { line: 'candor replay req_01… --model openai/gpt-4.1', about: 'what would another model have said?' },
    { line: 'candor replay req_01… --raw > answer.txt', about: 'the answer as a client would get it' },
    { line: 'candor replay req_01… --json', about: 'both receipts and the answer, for a script' },
  ],
  notes: () =>
    [
      "It is a real call: it is paid for like any other, and goes out under Candor's own name, not under that of the client that made it.",
      'It needs what was asked, which is kept only where that was switched on before: candor config set bodies.keepDays 7',
      'Exit code: 0 the answer is whole, 1 it is not or the call failed, 69 the provider is not there, 130 interrupted.',
    ].join('\n'),
  async run(given, desk) {
    if (given.flag('raw') && desk.print.json)
      throw new CliFault(EXIT.usage, '--raw and --json are two forms of the same answer: give one of them.')
    const access = await openAccess(accessOptions(given, 'existing'), desk)
    try {
      return await replayOver(access, given, desk)
    } finally {
      await access.close()
    }
  },
}

async function replayOver(access: Access, given: Given, desk: Desk): Promise<number> {
  const { shell, print } = desk
  const [named = 'last'] = given.args
  const receipts = overHttp(access)
  const before = named === 'last' ? await receipts.last() : await receipts.find(named)
  if (before === undefined && named === 'last')
    throw new CliFault(EXIT.finding, 'No call has been made yet.', { fix: ['Make one: candor chat'] })
  if (before === undefined && !isId(named, 'req')) throw noReceipt(named)
  const model = given.text('model')
  const order = { id: before?.id ?? named, before, model }
  // Of a call whose bodies were not kept the gateway says why it cannot be made again.
  if (before === undefined || before.bodies === 'kept')
    tell(`Making ${oneLine(order.id, 60)} again${asking(model ?? before?.requestedModel)}: ${REAL}`, desk)
  const stop = new AbortController()
  const release = shell.onSignal(() => stop.abort())
  const audience = audienceOf(given.flag('raw'), model ?? before?.requestedModel ?? '', desk)
  const came = await makeAgain(access, { ...order, stop: stop.signal }, audience).finally(release)
  const now = await receiptOf(access, came)
  const again = withReason(came, now)
  if (print.json) print.document(documentOf(order, again, now))
  else tellRest(again, desk)
  tellEnding(again, desk)
  if (!print.json) tellComparison(again, before, now, desk)
  return exitCode(again)
}

const REAL = "a real call, under Candor's own name."

function asking(model: string | undefined): string {
  return model === undefined || model === '' ? '' : `, asking ${oneLine(model, 80)}`
}

function audienceOf(raw: boolean, asked: string, desk: Desk): Audience {
  const begun: Audience['begun'] = answerer => announce(desk, asked, answerer)
  return { begun, ...(raw ? rawShow(desk) : { drawing: drawingFor(desk, false), heard() {} }) }
}

/** Shows a body as it comes: where a program reads as it is, on a terminal harmless, and with its last line ended. */
function rawShow({ print, shell }: Desk): Pick<Audience, 'drawing' | 'heard'> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const terminal = plainDrawing(print)
  const show = shell.stdout.isTTY ? terminal.text : print.raw
  return {
    heard: bytes => show(decoder.decode(bytes, { stream: true })),
    drawing: {
      ...silentDrawing,
      finish() {
        show(decoder.decode())
        if (shell.stdout.isTTY) terminal.finish()
      },
    },
  }
}

/** Its receipt knows better why an answer was cut than what the client's protocol could say of it. */
function withReason(came: Again, receipt: Receipt | undefined): Again {
  const found = receipt?.problem
  if (found === undefined || came.outcome === 'whole' || came.outcome === 'stopped') return came
  return { ...came, outcome: 'failed', trouble: troubleIn(found, receipt?.id) }
}

/** What an answer has beside its text. */
function tellRest({ calls, choices }: Again, desk: Desk): void {
  for (const { name, input } of calls) tell(`calls the tool ${oneLine(name, 80)}: ${oneLine(input, 500)}`, desk)
  if (choices > 1) tell(`There are ${choices} answers, and this is the first. All of them: --raw`, desk)
}

/** A call that was stopped may not have ended yet: it is compared with nothing. */
function tellComparison(
  { outcome, requestId }: Again,
  before: Receipt | undefined,
  now: Receipt | undefined,
  { print, shell }: Desk,
): void {
  if (outcome === 'stopped') {
    if (requestId !== undefined) print.note(`  details: candor trace ${requestId}`)
    return
  }
  if (now === undefined) return
  print.note()
  for (const line of comparisonLines(before, now, shell.stderr, print.paintNote)) print.note(line)
}

function documentOf(
  { id, before, model: requestedModel }: Omit<Order, 'stop'>,
  { outcome, model, text, reasoning, calls, stopReason, requestId, trouble }: Again,
  now: Receipt | undefined,
): object {
  return {
    outcome,
    replayOf: id,
    ...(requestId === undefined ? {} : { requestId }),
    ...(requestedModel === undefined ? {} : { requestedModel }),
    ...(model === undefined ? {} : { model }),
    text,
    ...(reasoning === '' ? {} : { reasoning }),
    ...(calls.length === 0 ? {} : { toolCalls: calls }),
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(trouble === undefined ? {} : { error: trouble }),
    ...(before === undefined ? {} : { before }),
    ...(now === undefined ? {} : { now }),
  }
}
