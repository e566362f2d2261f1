import { nearest } from '../../base/nearest.ts'
import { tell } from '../tell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk } from '../verb.ts'
import { forget } from './conversation.ts'
import type { Entered } from './editor.ts'
import { type SlashCommand, type SlashDesk, say } from './slash-desk.ts'
import { showRoute, showStatus, showUsage, tellWhy } from './slash-look.ts'
import { chooseModel, listModels } from './slash-model.ts'
import { attaching, compareTwo, retry, save, setSystem, setThink } from './slash-say.ts'

type Run = (rest: string, desk: SlashDesk, entered: Entered) => Promise<void>

function command(
  syntax: string,
  about: string,
  run: Run,
  more: Pick<SlashCommand, 'takes' | 'also'> = {},
): SlashCommand {
  const [name = ''] = syntax.slice(1).split(' ')
  return {
    name,
    syntax,
    about,
    ...more,
    async run(rest, desk, entered) {
      await run(rest, desk, entered)
      return undefined
    },
  }
}

/** The commands of a conversation, in the order of `/help`. */
export const SLASH_COMMANDS: readonly SlashCommand[] = [
  command('/model [name]', 'choose a model or route; without a name, from a list', chooseModel, { takes: 'model' }),
  command('/models [word]', 'models and routes that can be called', listModels),
  command('/status', 'gateway, configuration, model and settings', showStatus),
  command('/why', 'what happened to the last call', tellWhy),
  command('/route [name]', 'who would answer now, and why not the others', showRoute, { takes: 'model' }),
  command('/usage', 'tokens and cost of this conversation', showUsage, { also: ['cost'] }),
  command('/retry [name]', 'ask the last question again, or another model', retry, { takes: 'model' }),
  command('/compare a b [text]', 'ask two models at once: this, or the last question', compareTwo, { takes: 'models' }),
  command('/file [path]', 'send a text or picture along; "-" takes all back', attaching('any'), { takes: 'file' }),
  command('/image [path]', 'send a picture along', attaching('image'), { takes: 'file' }),
  command('/system [text]', 'set or show the system prompt; "-" removes it', setSystem),
  command('/think [on|off|effort]', 'unfold the last reasoning; show all; set an effort', setThink),
  command('/clear', 'forget what was said', async (_rest, desk) => {
    forget(desk.conversation)
    say(desk, 'Forgotten.')
  }),
  command('/save [file]', 'write the conversation to a new file', save, { takes: 'file' }),
  command('/help', 'this list', async (_rest, desk) => showHelp(desk)),
  {
    name: 'exit',
    also: ['quit'],
    syntax: '/exit',
    about: 'leave (also Ctrl-D)',
    run: async () => 'leave',
  },
]

/** Runs a line that begins with a slash. A fault is told and the conversation goes on. */
export async function runSlash(entered: Entered, desk: SlashDesk): Promise<'leave' | undefined> {
  const [, word = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(entered.text.trim()) ?? []
  const found = SLASH_COMMANDS.find(({ name, also }) => name === word || also?.includes(word) === true)
  if (found === undefined) {
    const names = SLASH_COMMANDS.map(each => each.name)
    const [close] = nearest(word, names, 1)
    say(
      desk,
      `There is no /${oneLine(word, 40)}. ${close === undefined ? '' : `Did you mean /${close}? `}/help lists all.`,
    )
    return undefined
  }
  try {
    return await found.run(rest.trim(), desk, entered)
  } catch (error) {
    if (!(error instanceof CliFault)) throw error
    tellFault(error, desk)
    return undefined
  }
}

/** A fault that does not end the conversation. */
export function tellFault({ message, why, fix }: CliFault, desk: Desk): void {
  desk.print.error(message)
  if (why !== undefined) tell(why, desk, '  why: ')
  for (const each of fix) tell(each, desk, '  fix: ')
}

/** What the keys do, below the commands. */
const KEYS: readonly (readonly [string, string])[] = [
  ['@path', 'in a question: send that file along'],
  ['"""', 'begin and end a question of several lines'],
  ['\\ or Alt-Enter', 'at the end of a line: another line'],
  ['Up, Ctrl-R, Tab', 'asked before, search in it, complete'],
  ['Ctrl-C or Esc', 'stop an answer; Ctrl-C twice at the prompt: leave'],
]

function showHelp(desk: SlashDesk): void {
  const rows = [...SLASH_COMMANDS.map(({ syntax, about }) => [syntax, about] as const), ...KEYS]
  const width = Math.max(...rows.map(([what]) => what.length))
  for (const [what, about] of rows) say(desk, `  ${what.padEnd(width)}  ${about}`)
}
