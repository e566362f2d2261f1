import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A home folder of its own, and the environment that leads there and nowhere else. */
export interface HomeFolder {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
  readonly dataDir: string
  /** Writes the configuration file and gives its path. */
  configure(text: string): string
  remove(): void
}

/** Makes one below the system's folder for temporary files. */
export function homeFolder(): HomeFolder {
  const path = mkdtempSync(join(tmpdir(), 'candor-cli-'))
  return {
    path,
    env: { XDG_CONFIG_HOME: join(path, 'config'), XDG_DATA_HOME: join(path, 'data') },
    dataDir: join(path, 'data', 'candor'),
    configure(text) {
      const folder = join(path, 'config', 'candor')
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const file = join(folder, 'candor.json5')
      writeFileSync(file, text, { mode: 0o600 })
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
