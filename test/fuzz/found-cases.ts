import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where cases that were once wrong are kept, a folder for each target: a test runs them all. */
export const FOUND_FOLDER = fileURLToPath(new URL('../fixtures/fuzz', import.meta.url))

/** Keeps a case under the name of its own hash, and gives its path. */
export function keepCase(target: string, bytes: Uint8Array, folder = FOUND_FOLDER): string {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  mkdirSync(join(folder, target), { recursive: true })
  const path = join(folder, target, hash)
  writeFileSync(path, bytes)
  return path
}

/** The cases kept for a target. */
export function keptCases(
  target: string,
  folder = FOUND_FOLDER,
): { readonly name: string; readonly bytes: Uint8Array }[] {
  const own = join(folder, target)
  if (!existsSync(own)) return []
  return readdirSync(own)
    .sort()
    .map(name => ({ name, bytes: new Uint8Array(readFileSync(join(own, name))) }))
}
