// What the package and the single binary have in common: where things come from and go to.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDashboard } from '../src/app/dashboard-build.ts'

/** The project's folder. */
export const PROJECT = fileURLToPath(new URL('..', import.meta.url))

/** Where artefacts are put if nothing else is said. Not part of the checkout. */
export const BUILD = join(PROJECT, 'build')

/** Builds the dashboard into a folder of its own: `web/dist` of the checkout is left as it is. */
export async function putDashboard(folder: string): Promise<void> {
  const target = join(folder, 'web', 'dist')
  mkdirSync(target, { recursive: true })
  for (const { name, bytes } of await buildDashboard()) writeFileSync(join(target, name), bytes)
}
