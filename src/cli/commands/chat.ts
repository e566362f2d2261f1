import { type Answer, announce, ask, footer, receiptOf, tellEnding } from '../chat/ask.ts'
import { type Conversation, openConversation } from '../chat/conversation.ts'
import { rawDrawing, silentDrawing, terminalDrawing } from '../chat/drawing.ts'
import { converse } from '../chat/repl.ts'
import { type Access, accessOptions, openAccess } from '../gateway-access.ts'
import { isInteractive, readInput } from '../shell.ts'
import { exitOf } from '../trouble.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Given, URL_OPTION, type Verb } from '../verb.ts'

/** `candor chat`. */
export const chat: Verb = {
  name: 'chat',
  summary: 'Talk to a model, through the running gateway or without one',
  args: [
    {
      syntax: '[model]',
      about: 'provider/model, route, alias or model name (default: models.default of the configuration)',
    },
    {
      syntax: '[prompt...]',
      about: 'one question; without it, a conversation. A single argument with a space in it is the prompt',
    },
  ],
  options: [
    { flags: '-m, --model <name>', about: 'the model; then all arguments are the prompt' },
    { flags: '-s, --system <text>', about: 'system prompt' },
    CONFIG_OPTION,
    URL_OPTION,
  ],
  examples: [
    { line: 'candor chat kimi-coding/kimi-for-coding', about: 'a conversation; /help lists its commands' },
    { line: 'candor chat -m openai/gpt-4.1 "Why is the sky blue?"', about: 'one answer' },
    { line: 'git diff | candor chat -m openai/gpt-4.1 "Review this"', about: 'the input follows the prompt' },
  ],
  async run(given, desk) {
    const { model, prompt } = wordsOf(given)
    const question = await questionOf(prompt, desk)
    if (question === undefined && desk.print.json)
      throw new CliFault(EXIT.usage, '--json wants a prompt, as an argument or on the standard input.')
    const access = await openAccess(accessOptions(given, 'kept'), desk)
    try {
      const conversation = openConversation(model, given.text('system') ?? '')
      if (question === undefined) return await converse(access, conversation, desk)
      return await answerOnce(access, conversation, question, desk)
    } finally {
      await access.close()
    }
  },
}

function wordsOf(given: Given): { readonly model: string; readonly prompt: string } {
  const named = given.text('model')
  const [first = '', ...rest] = given.args
  if (named !== undefined) return { model: named, prompt: given.args.join(' ') }
  if (rest.length === 0 && /\s/.test(first.trim())) return { model: '', prompt: first }
  return { model: first, prompt: rest.join(' ') }
}

/** The one question, or undefined for a conversation. Throws a usage fault where there is neither a question nor a person. */
async function questionOf(prompt: string, { shell }: Desk): Promise<string | undefined> {
  const piped = await readInput(shell)
  const question = [prompt, piped.trimEnd()].filter(part => part !== '').join('\n\n')
  if (question !== '') return question
  if (isInteractive(shell)) return undefined
  throw new CliFault(EXIT.usage, 'There is no prompt, and no terminal to ask at.', {
    fix: ['Give one: candor chat -m MODEL "a question"', 'Or pipe one in: echo "a question" | candor chat MODEL'],
  })
}

async function answerOnce(access: Access, conversation: Conversation, question: string, desk: Desk): Promise<number> {
  const { print, shell } = desk
  const stop = new AbortController()
  const release = shell.onSignal(() => stop.abort())
  const began = shell.clock.monotonicMs()
  const drawing = print.json
    ? silentDrawing
    : shell.stdout.isTTY
      ? terminalDrawing(print, shell, () => false)
      : rawDrawing(print)
  const answer = await ask(
    access,
    conversation,
    {
      text: question,
      model: conversation.model,
      stop: stop.signal,
      begun: answerer => announce(desk, conversation.model, answerer),
    },
    drawing,
  ).finally(release)
  if (print.json) await printDocument(access, conversation, answer, desk)
  const trouble = tellEnding(answer, desk)
  if (trouble?.code === 'model_not_found')
    print.note('  fix: For this command: candor models, then candor chat PROVIDER/MODEL')
  if (shell.stdout.isTTY && shell.stderr.isTTY && answer.outcome !== 'failed')
    print.note(
      print.paintNote('dim', footer(answer, await receiptOf(access, answer), shell.clock.monotonicMs() - began)),
    )
  return exitCode(answer)
}

function exitCode({ outcome, trouble }: Answer): number {
  if (outcome === 'stopped') return EXIT.interrupted
  if (trouble !== undefined) return exitOf(trouble)
  return outcome === 'whole' ? EXIT.ok : EXIT.finding
}

async function printDocument(access: Access, { model }: Conversation, answer: Answer, { print }: Desk): Promise<void> {
  const receipt = await receiptOf(access, answer)
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
    ...(requestId === undefined ? {} : { requestId }),
    ...(trouble === undefined ? {} : { error: trouble }),
    ...(receipt === undefined ? {} : { receipt }),
  })
}
