import { existsSync } from 'node:fs'
import { machineOf } from '../commands/run.ts'
import { findGateway, pathsOf } from '../gateway-access.ts'
import { managerOf } from '../service/manager.ts'
import type { Shell } from '../shell.ts'

/** A gateway goes on with the old version until it is started again. */
export interface Restart {
  /** Why and how, for people. */
  readonly about: string
  /** Where one command does it. */
  readonly command?: string
}

/** How the gateway is started again, if one is installed as a service or runs now. */
export async function findRestart(shell: Shell): Promise<Restart | undefined> {
  if (hasService(shell))
    return {
      about: 'The gateway is installed as a service, which goes on as it is until it is started again.',
      command: 'candor service restart',
    }
  const note = await findGateway(pathsOf(shell))
  if (note === undefined || !shell.isAlive(note.pid)) return undefined
  return { about: `A gateway runs as process ${note.pid}: it stays as it is until you stop it and start it again.` }
}

function hasService(shell: Shell): boolean {
  const { os } = shell.runtime
  // Only the place of the file is wanted, which neither the user's number nor the log has a part in.
  return (os === 'linux' || os === 'darwin') && existsSync(managerOf(machineOf(shell), 0, '').file)
}
