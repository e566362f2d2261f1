import { storyDetails } from '../../admin/story/details.ts'
import { tellStory } from '../../admin/story/story.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import { answers, findGateway, pathsOf } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { noReceipt, openReceipts } from '../receipt-source.ts'
import { CliFault, type Desk, EXIT, URL_OPTION, type Verb } from '../verb.ts'

/** `candor trace`. */
export const trace: Verb = {
  name: 'trace',
  summary: 'What happened to one call: a short story, then the details',
  args: [{ syntax: '[id]', about: 'id of a receipt, from the header candor-request-id (default: the last call)' }],
  options: [{ flags: '--bodies', about: 'also what was asked and answered, where that is kept' }, URL_OPTION],
  examples: [
    { line: 'candor trace', about: 'the last call' },
    { line: 'candor trace req_01… --json', about: 'one receipt, whole' },
    { line: 'candor trace req_01… --bodies', about: 'with the request and the answer' },
  ],
  async run(given, desk) {
    const { print } = desk
    const source = await openReceipts(given.text('url'), desk)
    try {
      const [id] = given.args
      const receipt = id === undefined || id === 'last' ? await source.last() : await source.find(id)
      if (receipt === undefined) throw missing(id)
      if (given.flag('bodies')) await showWithBodies(receipt, given.text('url'), desk)
      else if (print.json) print.document({ receipt })
      else printStory(receipt, desk)
      if (receipt.ending === 'in-flight' && !(await mayStillRun(given.text('url'), desk)))
        print.note(
          '\nNo gateway runs now, so the call has most likely been cut off (or a chat in another terminal still waits for it).',
        )
      return EXIT.ok
    } finally {
      await source.close()
    }
  },
}

/** Loaded only where it is asked for: what finds and reads bodies is a good part of the program. */
async function showWithBodies(receipt: Receipt, url: string | undefined, desk: Desk): Promise<void> {
  const [{ findBodies }, { printBodies }] = await Promise.all([
    import('../trace/find-bodies.ts'),
    import('../trace/print-bodies.ts'),
  ])
  if (!desk.print.json) printStory(receipt, desk)
  const bodies = await findBodies(receipt.id, url, desk)
  if (desk.print.json) desk.print.document({ receipt, bodies })
  else printBodies(bodies, desk)
}

/** Whether there is a gateway that could still end the call. */
async function mayStillRun(url: string | undefined, { shell }: Desk): Promise<boolean> {
  if (url !== undefined) return true
  const note = await findGateway(pathsOf(shell))
  return note !== undefined && (await answers(note, shell))
}

function missing(id: string | undefined): CliFault {
  if (id === undefined)
    return new CliFault(EXIT.finding, 'No call has been made yet.', { fix: ['Make one: candor chat'] })
  return noReceipt(id)
}

function printStory(receipt: Receipt, { shell, print }: Desk): void {
  for (const sentence of tellStory(receipt, shell.clock.now()))
    for (const line of indent(sentence, '', shell.stdout)) print.line(line)
  for (const { title, lines } of storyDetails(receipt)) {
    print.line()
    print.line(print.paint('bold', title))
    for (const { label, text } of lines) {
      const head = label === undefined ? '  ' : `  ${print.paint('dim', label.padEnd(labelWidth(lines)))}  `
      for (const line of indent(text, head, shell.stdout)) print.line(line)
    }
  }
}

const LABEL_COLUMNS_MAX = 32

function labelWidth(lines: readonly { readonly label?: string }[]): number {
  return Math.min(LABEL_COLUMNS_MAX, Math.max(...lines.map(({ label }) => label?.length ?? 0)))
}
