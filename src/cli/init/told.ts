import type { Client } from '../clients/client.ts'
import { CLIENTS } from '../clients/clients.ts'
import { findProgram } from '../clients/start-client.ts'
import { machineOf } from '../commands/run.ts'
import type { Shell } from '../shell.ts'

/** Where clients have to go once the gateway runs. */
export interface BaseUrls {
  readonly openai: string
  readonly anthropic: string
  readonly gemini: string
}

/** The base URLs of a gateway at this address. */
export function baseUrlsOf({ host, port }: { host: string; port: number }): BaseUrls {
  const every = host === '0.0.0.0' || host === '::'
  const name = every ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  const root = `http://${name}:${port}`
  return { openai: `${root}/v1`, anthropic: root, gemini: root }
}

/** The clients that are on this machine: their program or their settings are there. */
export function clientsHere(shell: Shell): readonly Client[] {
  const machine = machineOf(shell)
  const aim = { url: '', needsKey: false }
  return CLIENTS.filter(
    ({ start, files }) =>
      (start !== undefined && findProgram(start.program, shell) !== undefined) ||
      files?.(aim, machine).some(({ file }) => machine.exists(file)) === true,
  )
}
