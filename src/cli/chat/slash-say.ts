import { writeFile } from 'node:fs/promises'
import { errorCode } from '../../base/error-code.ts'
import { timeParts } from '../amounts.ts'
import { askModel } from '../questions.ts'
import { harmless, oneLine } from '../terminal-text.ts'
import { attachmentWords, pathIn, readAttachment } from './attachments.ts'
import { compare } from './compare.ts'
import { dropTurn, transcript } from './conversation.ts'
import type { Entered } from './editor.ts'
import { prepare, refuseBlind } from './prepare.ts'
import { type SlashDesk, say } from './slash-desk.ts'

/** `/retry [name]`. */
export async function retry(name: string, desk: SlashDesk): Promise<void> {
  const { conversation, access } = desk
  const question = conversation.lastQuestion
  if (question === undefined) {
    say(desk, 'Nothing has been asked yet.')
    return
  }
  if (name !== '') await askModel(access, name)
  await refuseBlind(question, name || conversation.model, access)
  dropTurn(conversation)
  await desk.ask(question, name === '' ? undefined : name)
}

/** `/compare a b [prompt]`: without a prompt, the last question again. */
export async function compareTwo(rest: string, desk: SlashDesk, { pasted }: Entered): Promise<void> {
  const [, first, second, text = ''] = /^(\S+)\s+(\S+)(?:\s+([\s\S]+))?$/.exec(rest) ?? []
  if (first === undefined || second === undefined) {
    say(desk, 'Name two models: /compare A B, or /compare A B with a question behind them.')
    return
  }
  const { conversation, access } = desk
  for (const name of [first, second]) await askModel(access, name)
  const last = conversation.lastQuestion
  if (text === '' && last === undefined) {
    say(desk, `Nothing has been asked yet: /compare ${oneLine(first)} ${oneLine(second)} QUESTION`)
    return
  }
  const question = text === '' && last !== undefined ? last : await prepare({ text, pasted }, first, desk)
  for (const name of [first, second]) await refuseBlind(question, name, access)
  if (text === '') dropTurn(conversation)
  await compare([first, second], question, desk)
}

/** `/system [text]`. */
export async function setSystem(text: string, desk: SlashDesk): Promise<void> {
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

/** `/think [on|off|effort]`; without a word, the last reasoning that was folded. */
export async function setThink(text: string, desk: SlashDesk): Promise<void> {
  const { conversation, print } = desk
  if (!/^[a-z]*$/.test(text)) {
    say(desk, 'Write /think on, /think off, or an effort in one word, such as /think high.')
    return
  }
  if (text === '' && conversation.lastReasoning !== '') {
    print.line(print.paint('dim', harmless(conversation.lastReasoning.trimEnd())))
    print.line()
  }
  if (text === 'off') conversation.effort = undefined
  else if (text !== '' && text !== 'on') conversation.effort = text
  if (text !== '') conversation.showReasoning = text !== 'off'
  const effort = conversation.effort === undefined ? "the model's own effort" : `effort ${conversation.effort}`
  say(desk, `Reasoning is ${conversation.showReasoning ? 'shown' : 'hidden'}; ${effort}.`)
}

/** `/save [file]`: a new file, never one that is there. */
export async function save(file: string, desk: SlashDesk): Promise<void> {
  const { shell, conversation } = desk
  const { day, time } = timeParts(shell.clock.now())
  const name = file === '' ? `candor-chat-${day}-${time.replaceAll(':', '-')}.md` : file
  const path = pathIn(name, shell)
  try {
    await writeFile(path, transcript(conversation), { flag: 'wx', mode: 0o600 })
    say(desk, `Saved to ${path}.`)
  } catch (error) {
    const code = errorCode(error)
    say(
      desk,
      code === 'EEXIST' ? `${path} is there already; nothing was written.` : `${path} cannot be written (${code}).`,
    )
  }
}

/** `/file [path]` and `/image [path]`: goes with the next question. */
export function attaching(wanted: 'any' | 'image') {
  return async (path: string, desk: SlashDesk): Promise<void> => {
    const { conversation, shell } = desk
    if (path === '-') conversation.attached = []
    else if (path !== '') conversation.attached = [...conversation.attached, await readAttachment(path, wanted, shell)]
    say(
      desk,
      conversation.attached.length === 0
        ? 'Nothing is attached.'
        : `With the next question: ${conversation.attached.map(attachmentWords).join(', ')}.`,
    )
  }
}
