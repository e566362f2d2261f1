import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile } from '../../app/config/edit.ts'
import { errorCode } from '../../base/error-code.ts'
import type { Secret } from '../../base/secret.ts'
import { readSettings } from '../clients/connection.ts'
import type { Shell } from '../shell.ts'
import { CliFault, EXIT } from '../verb.ts'

/** A key that shall stand in a file of its own, readable for its owner alone. */
export interface KeyFile {
  readonly file: string
  readonly key: Secret
}

/** A place for a provider's key beside the configuration that nothing stands at yet, or the very same key. */
export async function placeForKey(configFile: string, provider: string, key: Secret): Promise<KeyFile> {
  const folder = join(dirname(configFile), 'keys')
  for (const end of ['', '-2', '-3', '-4', '-5']) {
    const file = join(folder, `${provider}${end}.key`)
    const there = await readSettings(file)
    if (there === undefined || key.equals(there.trim())) return { file, key }
  }
  return { file: join(folder, `${provider}-${randomBytes(4).toString('hex')}.key`), key }
}

/**
 * Writes the keys, then the configuration, each in one step. A signal waits until it is done; what cannot be written leaves the configuration
 * as it was and no new key file behind. Throws {@link CliFault}, also if the configuration was changed by somebody else since it was read.
 */
export async function storeAll(
  config: { readonly file: string; readonly before: string | undefined; readonly after: string },
  keys: readonly KeyFile[],
  shell: Shell,
): Promise<void> {
  const release = shell.onSignal(() => {})
  const made: string[] = []
  try {
    if ((await readSettings(config.file)) !== config.before)
      throw new CliFault(EXIT.finding, `${config.file} was changed meanwhile. Nothing was written.`, {
        fix: ['Run the command again: it shows the change anew.'],
      })
    for (const { file, key } of keys) {
      const isNew = (await readSettings(file)) === undefined
      await replaceFile(file, `${key.reveal()}\n`)
      if (isNew) made.push(file)
    }
    await replaceFile(config.file, config.after)
  } catch (error) {
    for (const file of made) await rm(file, { force: true })
    if (error instanceof CliFault) throw error
    const code = errorCode(error)
    throw new CliFault(EXIT.finding, `${config.file} cannot be written (${code}). Nothing was changed.`)
  } finally {
    release()
  }
}
