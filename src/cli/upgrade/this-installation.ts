import { existsSync } from 'node:fs'
import { ownFile } from '../../base/own-files.ts'
import { COMPILED_ROOTS, findInstallation, type Installation, type Layout } from './installation.ts'

/** How this very copy was installed. */
export function findThisInstallation(env: Layout['env']): Installation {
  const root = slashed(ownFile('package.json')).replace(/\/package\.json$/, '')
  const compiled = COMPILED_ROOTS.some(folder => `${root}/`.startsWith(folder))
  return findInstallation({ root, compiled, program: slashed(process.execPath), env, exists: existsSync })
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/')
}
