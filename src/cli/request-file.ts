import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseJson } from '../base/json.ts'
import { isObject, type JsonObject } from '../base/json-value.ts'
import { readInput } from './shell.ts'
import { oneLine } from './terminal-text.ts'
import { CliFault, type Desk, EXIT, type Given, type VerbOption } from './verb.ts'

/** `--header`, for every verb that explains a request. */
export const HEADER_OPTION: VerbOption = {
  flags: '--header <line>',
  about: 'a header the client sends, such as "user-agent: my-agent/1.0"',
  repeats: true,
}

/** A saved request. */
export interface SavedFile {
  readonly text: string
  readonly body: JsonObject
}

/** Reads a saved request; `-` is the standard input. Throws a usage fault. */
export async function readRequestFile(file: string, desk: Desk): Promise<SavedFile> {
  const text = await textOf(file, desk)
  const read = parseJson(text)
  if (read.ok && isObject(read.value)) return { text, body: read.value }
  throw new CliFault(EXIT.usage, `The request is not a JSON object${read.ok ? '' : `: ${read.reason}`}.`, {
    fix: ['Save the body of the request alone, without its headers.'],
  })
}

async function textOf(file: string, { shell }: Desk): Promise<string> {
  if (file === '-') return await readInput(shell)
  try {
    return await readFile(resolve(shell.cwd, file), 'utf8')
  } catch {
    throw new CliFault(EXIT.usage, `The file "${oneLine(file, 200)}" cannot be read.`)
  }
}

/** What {@link HEADER_OPTION} says. Throws a usage fault. */
export function headersOf(given: Given): Headers {
  const headers = new Headers()
  for (const line of given.list('header')) {
    const [, name, value] = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+)\s*:\s*([\x20-\x7e]*)$/i.exec(line) ?? []
    if (name === undefined || value === undefined)
      throw new CliFault(EXIT.usage, `--header must be a line such as "user-agent: my-agent/1.0".`)
    headers.append(name, value.trim())
  }
  return headers
}
