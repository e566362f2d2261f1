import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'

/** Makes the folder, and those above it, for its owner only. One that is there already keeps its mode: it may be shared on purpose. Throws. */
export function createPrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

/**
 * Makes an empty file only its owner can read, or takes everybody else's rights to the one that is there. Throws. A file that is there
 * is not opened: closing it would end the locks this process has on it (https://sqlite.org/howtocorrupt.html, section 2.2).
 */
export function createPrivateFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

/** The same for a SQLite file and its companions, which SQLite makes later with the mode of the file itself. Throws. */
export function createPrivateDatabase(path: string): void {
  createPrivateFile(path)
  for (const companion of [`${path}-wal`, `${path}-shm`]) if (existsSync(companion)) chmodSync(companion, 0o600)
}

/** True only if there is certainly no such file: one in a folder that may not be looked into can be there. */
export function isAbsent(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
  }
}
