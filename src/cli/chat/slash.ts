import { writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { ModelView } from '../../admin/contract.ts'
import { coolDownWords } from '../../admin/story/health.ts'
import { tellStory } from '../../admin/story/story.ts'
import { nearest } from '../../base/nearest.ts'
import { plural, showTime } from '../amounts.ts'
import type { Access } from '../gateway-access.ts'
import { indent } from '../print.ts'
import { askModel, askModels, askStatus } from '../questions.ts'
import { overHttp } from '../receipt-source.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk } from '../verb.ts'
import { type Conversation, dropTurn, transcript } from './conversation.ts'

/** What a command of the conversation may use. */
export interface SlashDesk extends Desk {
  readonly access: Access
  readonly conversation: Conversation
  /** Asks a question, with another model than the chosen one if one is given. */
  ask(question: string, model?: string): Promise<void>
}

/** A command inside a conversation. */
export interface SlashCommand {
  readonly name: string
  readonly syntax: string
  readonly about: string
  /** `leave` ends the conversation. */
  run(rest: string, desk: SlashDesk): Promise<'leave' | undefined>
}

const say = ({ print }: Desk, text: string) => void print.note(text)

/** The commands of a conversation, in the order of `/help`. */
export const SLASH_COMMANDS: readonly SlashCommand[] = [
  command('model', '/model [name]', 'choose a model or route, or show the one chosen', chooseModel),
  command('models', '/models [word]', 'models and routes that can be called', listModels),
  command('status', '/status', 'gateway, configuration, model and settings', showStatus),
  command('why', '/why', 'what happened to the last call', tellWhy),
  command('retry', '/retry [name]', 'ask the last question again, once with another model if one is named', retry),
  command('system', '/system [text]', 'set the system prompt; without a text, show it; "-" removes it', setSystem),
  command(
    'think',
    '/think [on|off|effort]',
    'show or hide reasoning, or ask for an effort such as low or high',
    setThink,
  ),
  command('clear', '/clear', 'forget what was said', async (_rest, desk) => {
    desk.conversation.messages = []
    desk.conversation.lastQuestion = undefined
    say(desk, 'Forgotten.')
  }),
  command('save', '/save [file]', 'write the conversation to a new file', save),
  command('help', '/help', 'this list', async (_rest, desk) => showHelp(desk)),
  {
    name: 'exit',
    syntax: '/exit',
    about: 'leave (also Ctrl-D)',
    run: async () => 'leave',
  },
]

function command(
  name: string,
  syntax: string,
  about: string,
  run: (rest: string, desk: SlashDesk) => Promise<void>,
): SlashCommand {
  return {
    name,
    syntax,
    about,
    async run(rest, desk) {
      await run(rest, desk)
      return undefined
    },
  }
}

/** Runs a line that begins with a slash. A fault is told and the conversation goes on. */
export async function runSlash(line: string, desk: SlashDesk): Promise<'leave' | undefined> {
  const [word = '', ...rest] = line.slice(1).split(/\s+/)
  const names = SLASH_COMMANDS.map(each => each.name)
  const found = SLASH_COMMANDS.find(each => each.name === word || (word === 'quit' && each.name === 'exit'))
  if (found === undefined) {
    const [close] = nearest(word, names, 1)
    say(
      desk,
      `There is no /${oneLine(word, 40)}. ${close === undefined ? '' : `Did you mean /${close}? `}/help lists all.`,
    )
    return undefined
  }
  try {
    return await found.run(rest.join(' ').trim(), desk)
  } catch (error) {
    if (!(error instanceof CliFault)) throw error
    desk.print.error(error.message)
    for (const each of error.fix) desk.print.note(`  fix: ${each}`)
    return undefined
  }
}

function showHelp(desk: SlashDesk): void {
  const width = Math.max(...SLASH_COMMANDS.map(each => each.syntax.length))
  for (const { syntax, about } of SLASH_COMMANDS) say(desk, `  ${syntax.padEnd(width)}  ${about}`)
  say(desk, '  """                     begin and end a question of several lines')
  say(desk, '  Ctrl-C                  stop an answer; at the prompt, twice: leave')
}

async function chooseModel(name: string, desk: SlashDesk): Promise<void> {
  const { conversation, access } = desk
  if (name === '') {
    say(
      desk,
      `Model: ${oneLine(conversation.model) || "the gateway's default"}. Choose with /model NAME; /models lists them.`,
    )
    return
  }
  const view = await askModel(access, name)
  if (!view.candor.available) {
    const why = oneLine(view.candor.unavailable ?? 'no reason is told', 400)
    say(
      desk,
      `${oneLine(name)} cannot be called: ${why}. The model stays ${oneLine(conversation.model) || 'as it was'}.`,
    )
    return
  }
  conversation.model = name
  const means = view.id === name ? '' : `, which is ${oneLine(view.id)}`
  say(desk, `Model: ${oneLine(name)}${means} (${kindOf(view)}).`)
  const down = view.candor.cools_down
  if (down !== undefined) say(desk, `It ${coolDownWords(down, desk.shell.clock.now())}.`)
}

/** Who pays; of a route also where it leads. */
function kindOf({ candor }: ModelView): string {
  const { targets, billing } = candor
  return targets === undefined ? billing : `a route to ${oneLine(targets.join(', '), 400)}; ${billing}`
}

async function listModels(word: string, desk: SlashDesk): Promise<void> {
  const all = await askModels(desk.access, false)
  const shown = all.filter(model => model.id.includes(word))
  for (const model of shown.slice(0, MODELS_SHOWN)) say(desk, `  ${oneLine(model.id)}${mark(model, desk)}`)
  if (shown.length === 0)
    say(
      desk,
      all.length === 0
        ? 'No model can be called: no provider has a key.'
        : `None has "${oneLine(word, 40)}" in its name.`,
    )
  if (shown.length > MODELS_SHOWN)
    say(desk, `  … and ${shown.length - MODELS_SHOWN} more: /models WORD shows those with the word in their name.`)
}

const MODELS_SHOWN = 40

function mark(model: ModelView, { conversation }: SlashDesk): string {
  const { route, cools_down: down } = model.candor
  const words = [
    ...(model.id === conversation.model ? ['chosen'] : []),
    ...(route === true ? [kindOf(model)] : []),
    ...(down === undefined ? [] : [`cools down: ${down.reason}`]),
  ]
  return words.length === 0 ? '' : `  (${words.join('; ')})`
}

async function showStatus(_rest: string, desk: SlashDesk): Promise<void> {
  const { access, conversation } = desk
  const { version, config, providers, ledger } = await askStatus(access)
  const { system, showReasoning, effort, messages } = conversation
  const rows: readonly (readonly [string, string])[] = [
    ['gateway', `${access.where} (candor ${version})`],
    ['configuration', config.file ?? 'none: environment only'],
    ...(config.refused === undefined
      ? []
      : [['not in force', 'the newest text of the file has faults: candor config check'] as const]),
    ['providers', `${providers.available} of ${providers.known} can be used`],
    ...(ledger.warning === undefined ? [] : [['ledger', ledger.warning] as const]),
    ['model', conversation.model || "the gateway's default"],
    ['system prompt', system === '' ? 'none' : oneLine(system, 100)],
    ['reasoning', `${showReasoning ? 'shown' : 'hidden'}${effort === undefined ? '' : `, effort ${effort}`}`],
    ['said so far', plural(messages.length / 2, 'question')],
  ]
  for (const [title, text] of rows)
    for (const line of indent(
      oneLine(text, 400),
      `  ${desk.print.paintNote('dim', title.padEnd(14))} `,
      desk.shell.stderr,
    ))
      say(desk, line)
}

async function tellWhy(_rest: string, desk: SlashDesk): Promise<void> {
  const { conversation, access, shell } = desk
  if (conversation.lastReceipt === undefined) {
    say(desk, 'No call of this conversation has a receipt yet. The newest of all: candor trace')
    return
  }
  const receipt = await overHttp(access).find(conversation.lastReceipt)
  if (receipt === undefined) say(desk, `The receipt ${conversation.lastReceipt} cannot be found.`)
  else
    for (const sentence of tellStory(receipt, shell.clock.now()))
      for (const line of indent(sentence, '  ', shell.stderr)) say(desk, line)
}

async function retry(name: string, desk: SlashDesk): Promise<void> {
  const { conversation } = desk
  const question = conversation.lastQuestion
  if (question === undefined) {
    say(desk, 'Nothing has been asked yet.')
    return
  }
  if (name !== '') await askModel(desk.access, name)
  dropTurn(conversation)
  await desk.ask(question, name === '' ? undefined : name)
}

async function setSystem(text: string, desk: SlashDesk): Promise<void> {
  const { conversation } = desk
  if (text === '')
    say(
      desk,
      conversation.system === ''
        ? 'There is no system prompt.'
        : `System prompt: ${oneLine(conversation.system, 2_000)}`,
    )
  else {
    conversation.system = text === '-' ? '' : text
    say(desk, text === '-' ? 'System prompt removed.' : 'System prompt set.')
  }
}

async function setThink(text: string, desk: SlashDesk): Promise<void> {
  const { conversation } = desk
  if (!/^[a-z]*$/.test(text)) {
    say(desk, 'Write /think on, /think off, or an effort in one word, such as /think high.')
    return
  }
  if (text === 'off') conversation.effort = undefined
  else if (text !== '' && text !== 'on') conversation.effort = text
  if (text !== '') conversation.showReasoning = text !== 'off'
  const effort = conversation.effort === undefined ? "the model's own effort" : `effort ${conversation.effort}`
  say(desk, `Reasoning is ${conversation.showReasoning ? 'shown' : 'hidden'}; ${effort}.`)
}

async function save(file: string, desk: SlashDesk): Promise<void> {
  const { shell, conversation } = desk
  const name = file === '' ? `candor-chat-${showTime(shell.clock.now()).replace(/[: ]/g, '-')}.md` : file
  const path = isAbsolute(name) ? name : join(shell.cwd, name)
  try {
    await writeFile(path, transcript(conversation), { flag: 'wx', mode: 0o600 })
    say(desk, `Saved to ${path}.`)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    say(
      desk,
      code === 'EEXIST' ? `${path} is there already; nothing was written.` : `${path} cannot be written (${code}).`,
    )
  }
}
