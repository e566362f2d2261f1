import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Places, pathIn } from './attachments.ts'

/** What could be written in place of the end of a text. */
export interface Completion {
  /** Where the end begins. */
  readonly from: number
  readonly candidates: readonly string[]
}

/** What can be completed beside files. */
export interface CompletionSources extends Places {
  /** Slash commands, with what their argument is. */
  readonly commands: readonly { readonly name: string; readonly takes?: 'model' | 'models' | 'file' | undefined }[]
  /** Names of models and routes. */
  models(): Promise<readonly string[]>
}

/** What could stand in place of the word before the cursor. */
export async function complete(text: string, sources: CompletionSources): Promise<Completion> {
  const command = /^\/([a-z]*)$/.exec(text)
  if (command !== null) {
    const names = sources.commands.map(({ name }) => `/${name}`)
    return { from: 0, candidates: names.filter(name => name.startsWith(text)) }
  }
  const [, name = '', rest = ''] = /^\/([a-z]+)\s+([\s\S]*)$/.exec(text) ?? []
  const takes = sources.commands.find(each => each.name === name)?.takes
  if (takes === 'file') return await files(rest, text.length - rest.length, sources)
  const word = /\S*$/.exec(rest)?.[0] ?? ''
  const isFirst = word === rest
  if (takes === 'models' || (takes === 'model' && isFirst)) {
    const all = await sources.models()
    return { from: text.length - word.length, candidates: all.filter(model => model.startsWith(word)) }
  }
  const mention = /(?:^|\s)@((?:\\ |\S)*)$/.exec(text)?.[1]
  if (mention === undefined) return { from: text.length, candidates: [] }
  const found = await files(mention.replaceAll('\\ ', ' '), text.length - mention.length, sources)
  return { ...found, candidates: found.candidates.map(path => path.replaceAll(' ', '\\ ')) }
}

async function files(typed: string, from: number, places: Places): Promise<Completion> {
  const folder = typed.includes('/') ? typed.slice(0, typed.lastIndexOf('/') + 1) : ''
  const start = typed.slice(folder.length)
  const path = pathIn(`${folder}x`, places)
  const entries = await readdir(dirname(path), { withFileTypes: true }).catch(() => [])
  const candidates = entries
    .filter(({ name }) => name.startsWith(start) && (start !== '' || !name.startsWith('.')))
    .map(entry => folder + entry.name + (entry.isDirectory() ? '/' : ''))
    .toSorted()
  return { from, candidates }
}

/** What all candidates begin with. */
export function commonStart(candidates: readonly string[]): string {
  const [first = ''] = candidates
  let length = first.length
  for (const each of candidates) while (!each.startsWith(first.slice(0, length))) length -= 1
  return first.slice(0, length)
}
