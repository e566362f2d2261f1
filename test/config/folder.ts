import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new empty folder, and the function that removes it. */
export function newFolder(): { readonly path: string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'candor-config-')))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
