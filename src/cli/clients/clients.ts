import { nearest } from '../../base/nearest.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, EXIT } from '../verb.ts'
import { claudeCode } from './claude-code.ts'
import type { Client } from './client.ts'
import { cline } from './cline.ts'
import { codex } from './codex.ts'
import { cursor } from './cursor.ts'
import { geminiCli } from './gemini-cli.ts'
import { openClaw } from './openclaw.ts'
import { opencode } from './opencode.ts'
import { pi } from './pi.ts'

/** Every client Candor knows how to set up. */
export const CLIENTS: readonly Client[] = [claudeCode, codex, geminiCli, opencode, openClaw, pi, cline, cursor]

/** The client of that name. Throws a usage fault. */
export function clientNamed(text: string): Client {
  const name = text.toLowerCase()
  const client = CLIENTS.find(each => each.id === name || each.aliases.includes(name))
  if (client !== undefined) return client
  const close = nearest(
    name,
    CLIENTS.map(each => each.id),
    1,
  )
  throw new CliFault(EXIT.usage, `There is no client "${oneLine(text, 40)}".`, {
    fix: [
      ...close.map(each => `Did you mean ${each}?`),
      `Known: ${CLIENTS.map(each => each.id).join(', ')}. Any other goes by its base URL: docs/clients.md`,
    ],
  })
}

/** Clients by id, for a help text. */
export function clientHelp(clients = CLIENTS): string {
  return `Clients:\n${clients.map(({ id, name, protocol }) => `  ${id.padEnd(10)}  ${name} (${protocol})`).join('\n')}`
}
