import { type Attachment, readAttachment } from '../chat/attachments.ts'
import { type Conversation, openConversation } from '../chat/conversation.ts'
import { answerOnce } from '../chat/one-shot.ts'
import { prepare } from '../chat/prepare.ts'
import { converse } from '../chat/repl.ts'
import { type Access, accessOptions, openAccess } from '../gateway-access.ts'
import { isInteractive, readInput } from '../shell.ts'
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
    { flags: '-f, --file <path>', about: 'send a text or a picture along', repeats: true },
    { flags: '--image <path>', about: 'send a picture along: PNG, JPEG, GIF or WebP', repeats: true },
    { flags: '--plain', about: 'show answers as they come, without drawing Markdown' },
    { flags: '--no-history', about: 'keep nothing of what is asked for the next conversation' },
    CONFIG_OPTION,
    URL_OPTION,
  ],
  examples: [
    { line: 'candor chat kimi-coding/kimi-for-coding', about: 'a conversation; /help lists its commands' },
    { line: 'candor chat -m openai/gpt-4.1 "Why is the sky blue?"', about: 'one answer' },
    { line: 'git diff | candor chat -m openai/gpt-4.1 "Review this"', about: 'the input follows the prompt' },
    {
      line: 'candor chat -m openai/gpt-4.1 -f notes.md "Sum this up"',
      about: 'a file goes along; also as @notes.md in the prompt',
    },
  ],
  async run(given, desk) {
    const { model, prompt } = wordsOf(given)
    const attached = await attachedIn(given, desk)
    const piped = await pipedInput(prompt, attached, desk)
    const wantsTalk = prompt === '' && piped === ''
    if (wantsTalk && desk.print.json && attached.length === 0)
      throw new CliFault(EXIT.usage, '--json wants a prompt, as an argument or on the standard input.')
    const access = await openAccess(accessOptions(given, 'kept'), desk)
    try {
      const conversation = openConversation(model, given.text('system') ?? '')
      conversation.attached = attached
      const plain = given.flag('plain')
      if (wantsTalk && isInteractive(desk.shell) && !desk.print.json)
        return await converse(access, conversation, desk, { plain, history: given.flag('history') })
      const question = await questionOf(prompt, piped, access, conversation, desk)
      return await answerOnce(access, conversation, question, desk, plain)
    } finally {
      await access.close()
    }
  },
  notes: () =>
    'In a conversation: /help. What is asked is kept in the data folder for the next one, without what looks like a secret; --no-history keeps nothing.',
}

function wordsOf(given: Given): { readonly model: string; readonly prompt: string } {
  const named = given.text('model')
  const [first = '', ...rest] = given.args
  if (named !== undefined) return { model: named, prompt: given.args.join(' ') }
  if (rest.length === 0 && /\s/.test(first.trim())) return { model: '', prompt: first }
  return { model: first, prompt: rest.join(' ') }
}

async function attachedIn(given: Given, { shell }: Desk): Promise<readonly Attachment[]> {
  const read = (paths: readonly string[], wanted: 'any' | 'image') =>
    Promise.all(paths.map(path => readAttachment(path, wanted, shell)))
  return [...(await read(given.list('file'), 'any')), ...(await read(given.list('image'), 'image'))]
}

/** What comes through a pipe. Throws a usage fault where there is nothing to ask, and nobody to ask what. */
async function pipedInput(prompt: string, attached: readonly Attachment[], { shell }: Desk): Promise<string> {
  const piped = (await readInput(shell)).trimEnd()
  if (prompt !== '' || piped !== '' || attached.length > 0 || isInteractive(shell)) return piped
  throw new CliFault(
    EXIT.usage,
    'There is no prompt, and nobody to ask for one: no terminal, CI is set, or --no-input.',
    {
      fix: ['Give one: candor chat -m MODEL "a question"', 'Or pipe one in: echo "a question" | candor chat MODEL'],
    },
  )
}

/** The one question. Only the prompt names files by `@path`: what comes through a pipe may be somebody else's text. */
async function questionOf(prompt: string, piped: string, access: Access, conversation: Conversation, desk: Desk) {
  const text = [prompt, piped].filter(part => part !== '').join('\n\n')
  return await prepare({ text, pasted: piped === '' ? [] : [piped] }, conversation.model, {
    ...desk,
    access,
    conversation,
  })
}
